// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.dynamodb.Table.Outcome;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.LedgerSupport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionStage;

/**
 * What this process has settled: it knows that for {@link LedgerSupport#PROOF_TIME}, and which
 * records of it may be removed from which items. Thread-safe.
 */
final class Settlements {
  /*
   * DynamoDB bills a write by the size of the item, so an item cannot keep a record of each
   * settlement of six minutes. It need not: a settlement is repeated by the process that made it, if
   * it has no answer. Until then the record is in the item. With the answer the process knows by
   * itself, and removes the record with its next change of the account, which costs no more.
   *
   * A process that ends leaves its last records. Others remove them when they happen to see them,
   * after twice the time, since clocks differ.
   */

  /** Some ten megabytes; a busy process settles so many in much more than its calls' timeouts. */
  private static final int MOST_KNOWN = 20_000;

  private static final int MOST_ACCOUNTS = 10_000;

  /** How many records one change removes. */
  private static final int MOST_SWEPT = 20;

  private static final Duration OTHERS = LedgerSupport.PROOF_TIME.multipliedBy(2);

  private record Settlement(String id, Account account) {}

  private final Map<Settlement, Instant> known = new LinkedHashMap<>();
  private final Map<Account, Queue<String>> sweepable = new LinkedHashMap<>();

  /** A settlement is answered. */
  synchronized void add(Hold hold, Instant now) {
    Settlement settlement = new Settlement(hold.id(), hold.account());
    boolean isNew = known.putIfAbsent(settlement, now) == null;
    Instant old = now.minus(LedgerSupport.PROOF_TIME);
    Iterator<Instant> oldest = known.values().iterator();
    while (oldest.hasNext() && (oldest.next().isBefore(old) || known.size() > MOST_KNOWN)) {
      oldest.remove();
    }
    if (isNew) {
      sweepLater(hold.account(), List.of(hold.id()));
    }
  }

  /** Whether this process has settled a hold lately. */
  synchronized boolean contains(Hold hold) {
    return known.containsKey(new Settlement(hold.id(), hold.account()));
  }

  /** What a change that is about a hold may remove from its account's item, but its own record. */
  synchronized List<String> sweep(Hold hold) {
    Queue<String> waiting = sweepable.get(hold.account());
    if (waiting == null) {
      return List.of();
    }
    List<String> some = new ArrayList<>();
    Iterator<String> ids = waiting.iterator();
    while (ids.hasNext() && some.size() < MOST_SWEPT) {
      String id = ids.next();
      if (!id.equals(hold.id())) {
        some.add(id);
        ids.remove();
      }
    }
    if (waiting.isEmpty()) {
      sweepable.remove(hold.account());
    }
    return some;
  }

  /** Records that the next change of an account may remove. */
  synchronized void sweepLater(Account account, List<String> ids) {
    if (ids.isEmpty()) {
      return;
    }
    Queue<String> waiting = sweepable.computeIfAbsent(account, a -> new ArrayDeque<>());
    for (String id : ids) {
      if (waiting.size() < 10 * MOST_SWEPT && !waiting.contains(id)) {
        waiting.add(id);
      }
    }
    if (sweepable.size() > MOST_ACCOUNTS) {
      Iterator<Account> first = sweepable.keySet().iterator();
      first.next();
      first.remove(); // what is left in its item is removed by others, or with the item
    }
  }

  /** An item was read, for whatever reason. Returns it. */
  Item seen(Item item, Instant now) {
    sweepLater(item.account(), item.settledBefore(now.minus(OTHERS)));
    return item;
  }

  /** What the changes did not remove, since they were not made, is removed by the next ones. */
  CompletionStage<Outcome> swept(List<Change> wanted, CompletionStage<Outcome> made) {
    return made.whenComplete(
        (outcome, failure) -> {
          if (!(outcome instanceof Outcome.Made)) {
            wanted.forEach(change -> sweepLater(change.account(), change.swept()));
          }
        });
  }
}
