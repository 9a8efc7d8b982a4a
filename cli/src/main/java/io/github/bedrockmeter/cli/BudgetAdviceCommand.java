// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.report.advice.BudgetAdvice;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Suggests budgets. */
@Command(
    name = "budget-advice",
    mixinStandardHelpOptions = true,
    description = {
      "Suggests limits for the values of a tag from what each spent, and writes them as a budgets file"
          + " in mode shadow. Default: the calendar month before this one, UTC."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class BudgetAdviceCommand implements Runnable {
  @ParentCommand private CommandContext parent;
  @Spec private CommandSpec spec;
  @Mixin private CallsRead calls;

  @Parameters(paramLabel = "TAG", description = "The tag whose values get limits, as team.")
  private String tag;

  @Option(
      names = "--percentile",
      paramLabel = "N",
      converter = Converters.OfDecimal.class,
      defaultValue = "95",
      description = "The percentile of the days with calls. Default: ${DEFAULT-VALUE}.")
  private BigDecimal percentile;

  @Option(
      names = "--headroom",
      paramLabel = "PERCENT",
      converter = Converters.OfDecimal.class,
      defaultValue = "20",
      description = "How much more than that a limit is, in percent. Default: ${DEFAULT-VALUE}.")
  private BigDecimal headroom;

  @Option(
      names = "--budgets-out",
      paramLabel = "FILE",
      description = "Where to write the budgets file. Default: the standard output.")
  private @Nullable Path budgetsOut;

  @Override
  public void run() {
    if (budgetsOut == null) {
      Ignored.refuse(
          spec.commandLine(),
          "--budgets-out FILE, beside which it writes what each value spent: add that, or leave it"
              + " out",
          List.of("--out", "--format"));
    }
    calls.sources().refusePricesOfAJournal(spec.commandLine());
    LocalDate month =
        LocalDate.ofInstant(parent.clock().instant(), ZoneOffset.UTC).withDayOfMonth(1);
    LocalDate first =
        calls.days().firstDay() == null ? month.minusMonths(1) : calls.days().firstDay();
    LocalDate end = calls.days().endDay() == null ? month : calls.days().endDay();
    Instant from = Objects.requireNonNull(DayRange.startOf(first));
    Instant to = Objects.requireNonNull(DayRange.startOf(end));
    DayRange.check(spec.commandLine(), from, to);
    BudgetAdvice.Options options = options(from, to);
    calls.ask(
        spec.commandLine(),
        from,
        to,
        List.of(),
        tables -> {
          MissingNames.mention(tables, List.of("tag:" + tag), spec.commandLine().getErr());
          BudgetAdvice advice = BudgetAdvice.of(tables, options);
          write(budgets(advice), advice);
          return advice;
        });
  }

  private BudgetAdvice.Options options(Instant from, Instant to) {
    try {
      return new BudgetAdvice.Options(tag, from, to, percentile, headroom);
    } catch (IllegalArgumentException wrong) {
      throw new Refusals.InOurWords(spec.commandLine(), "--" + wrong.getMessage());
    }
  }

  private static String budgets(BudgetAdvice advice) {
    try {
      return advice.budgetsFile();
    } catch (IllegalStateException nothing) {
      throw new CommandFailedException(String.valueOf(nothing.getMessage()), nothing);
    }
  }

  private void write(String budgets, BudgetAdvice advice) {
    if (budgetsOut == null) {
      spec.commandLine().getOut().print(budgets);
      Failures.check(spec.commandLine().getOut(), null);
      return;
    }
    try {
      Files.writeString(budgetsOut, budgets);
    } catch (IOException failed) {
      throw Failures.cannotWrite(budgetsOut, failed);
    }
    calls.write(spec.commandLine(), List.of(advice.spend()), advice.spend());
  }
}
