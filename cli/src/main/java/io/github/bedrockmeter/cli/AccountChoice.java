// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.budget.BudgetScope;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of a budget that a command line selects. Immutable and thread-safe.
 *
 * @param scope null for all scopes
 * @param unit null for all units
 * @param at an instant within the accounts' window; null for all windows
 */
record AccountChoice(
    String budget, @Nullable BudgetScope scope, @Nullable Unit unit, @Nullable Instant at) {
  private static final int MOST_LISTED = 10;

  /** The only account selected; fails with a {@link CommandFailedException} if there are others. */
  Balance oneIn(OpenedLedger opened) {
    List<Balance> found = allIn(opened);
    if (found.size() == 1) {
      return found.get(0);
    }
    throw new CommandFailedException(
        found.size()
            + " accounts "
            + this
            + "; choose one by its scope, its unit or another --window: "
            + found.stream()
                .limit(MOST_LISTED)
                .map(balance -> described(balance.account()))
                .collect(Collectors.joining("; ")));
  }

  /** The accounts selected; fails with a {@link CommandFailedException} if there are none. */
  List<Balance> allIn(OpenedLedger opened) {
    AccountQuery query = new AccountQuery(budget, at, Integer.MAX_VALUE);
    List<Balance> ofAllScopes =
        opened.answer(opened.ledger().find(query)).stream()
            .filter(balance -> unit == null || unit == balance.account().unit())
            .toList();
    List<Balance> found =
        scope == null
            ? ofAllScopes
            : ofAllScopes.stream()
                .filter(balance -> balance.account().scope().equals(scope.toString()))
                .toList();
    if (found.isEmpty()) {
      throw new CommandFailedException(
          "no account "
              + this
              + " has anything settled or held"
              + (scope == null ? "" : NearestName.hint(scope.toString(), scopesOf(ofAllScopes)))
              + "; 'bedrock-meter accounts' lists the accounts that have");
    }
    return found;
  }

  private static List<String> scopesOf(List<Balance> balances) {
    return balances.stream().map(balance -> balance.account().scope()).distinct().toList();
  }

  private static String described(Account account) {
    return "'" + account.scope() + "' " + Texts.unit(account.unit()) + " " + Texts.window(account);
  }

  @Override
  public String toString() {
    return "of budget '"
        + budget
        + "'"
        + (scope == null ? "" : " for '" + scope + "'")
        + (unit == null ? "" : " in " + Texts.unit(unit))
        + (at == null ? "" : " in the window of " + at);
  }
}
