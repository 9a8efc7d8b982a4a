// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.pricing.UsageTypes;
import io.github.bedrockmeter.report.bill.BillReconciliation;
import io.github.bedrockmeter.report.bill.BillReconciliation.Difference;
import io.github.bedrockmeter.report.reconcile.Tolerance;
import io.github.bedrockmeter.report.sheet.Sheet;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** A reconciliation with AWS's bill: its options and its run. */
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class BillOptions {
  /** The exit code where ours is further from theirs than the tolerance allows. */
  static final int DIFFERS = 3;

  @Option(
      names = "--bill",
      paramLabel = "FILE",
      description =
          "A Cost and Usage Report 2.0 or a FOCUS 1.2 export, as CSV, gzip or Parquet; may be given"
              + " again for further parts of one export.")
  private List<Path> bills = List.of();

  @Option(
      names = "--name",
      paramLabel = "NAME=MODEL",
      description = "The model id behind a name on the bill that is not known.")
  private Map<String, String> names = Map.of();

  @Option(
      names = "--account",
      paramLabel = "ID",
      description =
          "The AWS account of calls that name none, as those of a journal."
              + " Default: the bill's, if it has one only.")
  private @Nullable String account;

  @Option(
      names = "--net",
      description = "Compare with net costs, discounts taken off, instead of unblended ones.")
  private boolean isNet;

  @Option(names = "--all", description = "Also list what does not differ.")
  private boolean isAll;

  @Option(
      names = "--terms-out",
      paramLabel = "FILE",
      description =
          "Where to write the discounts and rates that explain the gap; '--overrides FILE' reads"
              + " them.")
  private @Nullable Path termsOut;

  boolean isGiven() {
    return !bills.isEmpty();
  }

  /** Compares and prints; returns the exit code. */
  int run(CommandLine command, CommandContext context, CallsRead calls, Tolerance tolerance) {
    if (account != null && !account.matches("[0-9]{12}")) {
      throw new Refusals.InOurWords(
          command, "--account must be 12 digits, as 123456789012: " + Escaped.text(account, 60));
    }
    LocalDate today = LocalDate.ofInstant(context.clock().instant(), ZoneOffset.UTC);
    UsageTypes types = new UsageTypes();
    names.forEach(types::name);
    for (Path bill : bills) {
      if (!Files.isReadable(bill)) {
        throw new CommandFailedException("cannot read the bill " + bill);
      }
    }
    return calls.ask(
        command,
        calls.days().start(),
        calls.days().end(),
        bills,
        tables -> {
          BillReconciliation found =
              BillReconciliation.of(
                  tables,
                  new BillReconciliation.Options(
                      bills,
                      calls.sources().prices().catalogue(),
                      calls.sources().prices().listPrices(),
                      types,
                      today,
                      calls.days().firstDay(),
                      calls.days().endDay(),
                      account,
                      isNet));
          Sheet lines =
              found
                  .lines(isAll)
                  .only(
                      "day",
                      "account",
                      "region",
                      "usage_type",
                      "model",
                      "meter",
                      "profile",
                      "our_usd",
                      "their_usd",
                      "gap_usd",
                      "percent",
                      "cause",
                      "final");
          calls.write(
              command,
              List.of(found.summary(), found.causes(), lines, found.apart()),
              found.everything());
          return judge(command, found, tolerance);
        });
  }

  private int judge(CommandLine command, BillReconciliation found, Tolerance tolerance) {
    Optional<String> terms = found.proposedTerms();
    if (terms.isPresent() && termsOut != null) {
      try {
        Files.writeString(termsOut, terms.get());
      } catch (IOException failed) {
        throw Failures.cannotWrite(termsOut, failed);
      }
    }
    terms.ifPresent(
        json ->
            command
                .getErr()
                .println(
                    termsOut == null
                        ? "discounts or rates explain some of the gap; --terms-out FILE writes them"
                        : "discounts and rates that explain some of the gap: "
                            + Escaped.text(termsOut.toString())));
    Difference difference = found.difference();
    boolean isPassed = difference.isBeyond(tolerance);
    command
        .getErr()
        .printf(
            "%s USD of %s USD differ: %s the tolerance%n",
            plain(difference.usd()), plain(difference.theirUsd()), isPassed ? "beyond" : "within");
    return isPassed ? DIFFERS : CommandLine.ExitCode.OK;
  }

  private static String plain(BigDecimal usd) {
    return usd.signum() == 0 ? "0" : usd.stripTrailingZeros().toPlainString();
  }
}
