// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.redis.Store.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a ledger reads. Thread-safe. */
final class Readings {
  /** For holds taken by a clock that was ahead, too. */
  private static final String ANY_AGE = "-" + Store.EIGHT_THOUSAND_YEARS.toMillis();

  /** How many accounts one script call reads; the server serves no other call meanwhile. */
  private static final int READ_AT_ONCE = 200;

  private final Store store;
  private final AccountKeys keys;
  private final Duration abandonAfter;

  Readings(Store store, AccountKeys keys, Duration abandonAfter) {
    this.store = store;
    this.keys = keys;
    this.abandonAfter = abandonAfter;
  }

  /** The balances of accounts, in the same order. */
  CompletionStage<List<Balance>> balances(List<Account> accounts) {
    CompletionStage<List<Balance>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (int from = 0; from < accounts.size(); from += READ_AT_ONCE) {
      List<Account> some = accounts.subList(from, Math.min(accounts.size(), from + READ_AT_ONCE));
      all = all.thenCompose(balances -> addBalances(some, balances));
    }
    return all;
  }

  /** Reads a few accounts and adds them; one script after the other, so that holds pass between. */
  private CompletionStage<List<Balance>> addBalances(List<Account> accounts, List<Balance> to) {
    return store
        .read(accounts.stream().map(keys::of).toList(), Store.millis(abandonAfter))
        .thenApply(
            answer -> {
              for (int i = 0; i < accounts.size(); i++) {
                Answer account = new Answer(answer.at(), (List<?>) answer.body().get(i));
                long settled = account.number(0);
                long abandoned = 0;
                for (OpenHold hold : openHolds(accounts.get(i), account)) {
                  abandoned += hold.amount();
                }
                long held = account.number(1) - settled;
                to.add(new Balance(accounts.get(i), settled, held, abandoned));
              }
              return to;
            });
  }

  /** The holds of one account in the answer of a reading. */
  private List<OpenHold> openHolds(Account account, Answer read) {
    Instant abandoned = read.at().minus(abandonAfter);
    List<?> found = (List<?>) read.body().get(2);
    List<OpenHold> holds = new ArrayList<>(found.size() / 2);
    for (int i = 0; i < found.size(); i += 2) {
      String[] record = ((String) found.get(i + 1)).split(" ", 2);
      Instant since = Instant.ofEpochMilli(Long.parseLong(record[1]));
      long amount = Long.parseLong(record[0]);
      holds.add(
          new OpenHold((String) found.get(i), account, amount, since, !since.isAfter(abandoned)));
    }
    return holds;
  }

  /** The accounts that have something settled or held, largest first. */
  CompletionStage<List<Balance>> find(AccountQuery query) {
    return store
        .accounts()
        .thenApply(found -> found.stream().map(keys::account).filter(query::includes).toList())
        .thenCompose(this::balances)
        .thenApply(
            balances ->
                balances.stream()
                    .filter(balance -> balance.settled() != 0 || balance.held() != 0)
                    .sorted(Balance.LARGEST_FIRST)
                    .limit(query.atMost())
                    .toList());
  }

  /** The open holds of an account, oldest first. */
  CompletionStage<List<OpenHold>> openHolds(Account account) {
    return store
        .read(List.of(keys.of(account)), ANY_AGE)
        .thenApply(
            answer -> {
              Answer read = new Answer(answer.at(), (List<?>) answer.body().get(0));
              List<OpenHold> holds = openHolds(account, read);
              holds.sort(Comparator.comparing(OpenHold::since));
              return holds;
            });
  }
}
