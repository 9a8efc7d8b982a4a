// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Lists accounts, the largest first. */
@Command(
    name = "accounts",
    mixinStandardHelpOptions = true,
    description = "Lists the accounts that have something settled or held, the largest first.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class AccountsCommand implements Runnable {
  @ParentCommand private CommandContext parent;
  @Spec private CommandSpec spec;

  @Option(names = "--budget", paramLabel = "BUDGET", description = "Only accounts of this budget.")
  private @Nullable String budget;

  @Option(names = "--now", description = "Only accounts whose window contains this moment.")
  private boolean now;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      converter = Converters.OfCount.class,
      description = "At most N accounts. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Override
  public void run() {
    if (limit < 1) {
      throw new ParameterException(spec.commandLine(), "--limit must be at least 1: " + limit);
    }
    List<Balance> found;
    try (OpenedLedger opened = parent.open()) {
      AccountQuery query = new AccountQuery(budget, now ? parent.clock().instant() : null, limit);
      found = opened.answer(opened.ledger().find(query));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (found.isEmpty()) {
      Texts.line(out, "no accounts");
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("BUDGET", "SCOPE", "UNIT", "WINDOW", "SETTLED", "HELD", "ABANDONED"));
    for (Balance balance : found) {
      Account account = balance.account();
      rows.add(
          List.of(
              account.budget(),
              account.scope(),
              Texts.unit(account.unit()),
              Texts.window(account),
              Texts.amount(balance.settled(), account),
              Texts.amount(balance.held(), account),
              Texts.amount(balance.abandoned(), account)));
    }
    Texts.table(out, rows);
    if (found.size() == limit) {
      Texts.line(out, "(the " + limit + " largest; there may be more, see --limit)");
    }
  }
}
