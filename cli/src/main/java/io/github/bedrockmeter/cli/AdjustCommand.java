// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.io.PrintWriter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Charges or credits an account. */
@Command(
    name = "adjust",
    mixinStandardHelpOptions = true,
    description = {
      "Charges or credits an account: +1.50usd, -1000tokens, +3requests.",
      "Without --yes it only tells what it would do. What is settled never gets below zero."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class AdjustCommand implements Runnable {
  @ParentCommand private BedrockMeterCommand parent;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "BUDGET", description = "The budget's name.")
  private String budget;

  @Parameters(
      index = "1",
      paramLabel = "SCOPE",
      description = "Whose share of it, as tenant=acme; '' where there is only one.")
  private String scope;

  @Parameters(
      index = "2",
      paramLabel = "AMOUNT",
      converter = SignedAmountConverter.class,
      description = "With its sign and unit.")
  private SignedAmount amount;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "REASON",
      description = "Why; printed with the result. The ledger does not keep it.")
  private String reason;

  @Option(
      names = "--window",
      paramLabel = "INSTANT",
      description = "An instant in the window, as 2026-11-23T00:00:00Z. Default: now.")
  private @Nullable Instant window;

  @Option(names = "--yes", description = "Do it.")
  private boolean yes;

  /** For picocli. */
  static final class SignedAmountConverter implements ITypeConverter<SignedAmount> {
    @Override
    public SignedAmount convert(String text) {
      try {
        return SignedAmount.parse(text);
      } catch (IllegalArgumentException misread) {
        throw new TypeConversionException(String.valueOf(misread.getMessage()));
      }
    }
  }

  @Override
  public void run() {
    Instant now = parent.clock().instant();
    PrintWriter out = spec.commandLine().getOut();
    try (OpenedLedger opened = parent.open()) {
      Instant at = window == null ? now : window;
      Balance balance = new AccountChoice(budget, scope, amount.amount().unit(), at).in(opened);
      Account account = balance.account();
      if (!yes) {
        long after = Math.max(0, Math.addExact(balance.settled(), amount.delta()));
        out.println("would adjust " + told(account, balance.settled(), after));
        out.println("nothing was changed; --yes does it");
        return;
      }
      Settled step = adjusted(opened, account);
      out.println("adjusted " + told(account, step.before(), step.after()));
    }
  }

  private Settled adjusted(OpenedLedger opened, Account account) {
    try {
      return opened.answer(opened.ledger().adjust(account, amount.delta()));
    } catch (CommandFailedException unsure) {
      throw new CommandFailedException(
          unsure.getMessage() + "; it may be done all the same, so look before you repeat it",
          unsure);
    }
  }

  private String told(Account account, long before, long after) {
    return Texts.name(account)
        + " "
        + Texts.window(account)
        + " by "
        + amount
        + ": settled "
        + Texts.amount(before, account)
        + " -> "
        + Texts.amount(after, account)
        + "; reason: "
        + reason;
  }
}
