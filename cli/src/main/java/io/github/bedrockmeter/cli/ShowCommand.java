// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.budget.BudgetScope;
import io.github.bedrockmeter.internal.text.Durations;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows one account and its open holds. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows one account and its open holds.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ShowCommand implements Runnable {
  @ParentCommand private CommandContext parent;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "BUDGET", description = "The budget's name.")
  private String budget;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "SCOPE",
      converter = ScopeConverter.class,
      description = "The balance, as tenant=acme; not needed if the budget has one account only.")
  private @Nullable BudgetScope scope;

  @Option(
      names = "--window",
      paramLabel = "INSTANT",
      converter = Converters.OfInstant.class,
      description = "An instant in the window, as 2026-11-23T00:00:00Z. Default: now.")
  private @Nullable Instant window;

  @Override
  public void run() {
    Instant now = parent.clock().instant();
    Balance balance;
    List<OpenHold> holds;
    try (OpenedLedger opened = parent.open()) {
      balance = new AccountChoice(budget, scope, null, window == null ? now : window).oneIn(opened);
      holds = opened.answer(opened.ledger().openHolds(balance.account()));
    }
    Account account = balance.account();
    PrintWriter out = spec.commandLine().getOut();
    Texts.table(
        out,
        List.of(
            List.of("budget", account.budget()),
            List.of("scope", account.scope()),
            List.of("unit", Texts.unit(account.unit())),
            List.of("window", Texts.window(account)),
            List.of("settled", Texts.amount(balance.settled(), account)),
            List.of("held", Texts.amount(balance.held(), account)),
            List.of("abandoned", Texts.amount(balance.abandoned(), account))));
    if (!holds.isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("HOLD", "AMOUNT", "AGE", ""));
      holds.forEach(hold -> rows.add(row(hold, now)));
      out.println();
      Texts.table(out, rows);
    }
  }

  private static List<String> row(OpenHold hold, Instant now) {
    String state = hold.amount() == 0 ? "released" : hold.abandoned() ? "abandoned" : "";
    return List.of(hold.id(), Texts.amount(hold.amount(), hold.account()), age(hold, now), state);
  }

  static String age(OpenHold hold, Instant now) {
    if (hold.since() == null) {
      return "?";
    }
    Duration age = Duration.between(hold.since(), now);
    return Durations.text(age.isNegative() ? Duration.ZERO : age);
  }
}
