// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which account a command line means. Immutable.
 *
 * @param scope null if the budget has only one account
 * @param unit null if any
 * @param at an instant within the account's window
 */
record AccountChoice(String budget, @Nullable String scope, @Nullable Unit unit, Instant at) {
  private static final int MOST_TOLD = 10;

  /** The one account that fits; fails with a {@link CommandFailedException} if it is not one. */
  Balance in(OpenedLedger opened) {
    List<Balance> found =
        opened.answer(opened.ledger().find(AccountQuery.of(budget, at, Integer.MAX_VALUE))).stream()
            .filter(balance -> fits(balance.account()))
            .toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    String asked = "of budget '" + budget + "'" + (scope == null ? "" : " for '" + scope + "'");
    if (found.isEmpty()) {
      throw new CommandFailedException(
          "no account "
              + asked
              + " has anything settled or held in the window of "
              + at
              + "; 'accounts' lists those that have");
    }
    throw new CommandFailedException(
        found.size()
            + " accounts "
            + asked
            + " in the window of "
            + at
            + "; say which by scope, by unit or by another --window: "
            + found.stream()
                .limit(MOST_TOLD)
                .map(balance -> described(balance.account()))
                .collect(Collectors.joining("; ")));
  }

  private boolean fits(Account account) {
    return (scope == null || scope.equals(account.scope()))
        && (unit == null || unit == account.unit());
  }

  private static String described(Account account) {
    return "'" + account.scope() + "' " + Texts.unit(account.unit()) + " " + Texts.window(account);
  }
}
