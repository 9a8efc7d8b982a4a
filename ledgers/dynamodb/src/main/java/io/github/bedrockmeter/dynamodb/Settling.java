// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.dynamodb.Table.Outcome;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Settles holds, and charges those that were lost. Thread-safe. */
final class Settling {
  /** Each such settlement returns the whole item, so that records of ended processes are seen. */
  private static final int LOOK_EACH = 64;

  private final Table table;
  private final Changes changes;
  private final Settlements settlements;
  private final InstantSource clock;
  private final AtomicInteger looks = new AtomicInteger();

  Settling(Table table, Changes changes, Settlements settlements, InstantSource clock) {
    this.table = table;
    this.changes = changes;
    this.settlements = settlements;
    this.clock = clock;
  }

  /**
   * Settles a hold.
   *
   * @param held what is believed to be held
   */
  CompletionStage<Settled> settle(Hold hold, long held, long actual) {
    Instant now = clock.instant();
    Account account = hold.account();
    List<Change> wanted = List.of(changes.settle(hold, held, actual, now, settlements.sweep(hold)));
    boolean looks = this.looks.incrementAndGet() % LOOK_EACH == 0;
    return settlements
        .swept(wanted, table.update(wanted.get(0), looks))
        .thenCompose(
            outcome -> {
              if (outcome instanceof Outcome.Made made) {
                settlements.add(hold, now);
                return CompletableFuture.completedFuture(
                    settlements.seen(new Item(account, made.updated()), now).stepOf(actual));
              }
              Item item = settlements.seen(found(account, outcome), now);
              Long stored = item.held(hold.id());
              if (stored != null) {
                if (stored == held) {
                  throw item.overflow(actual);
                }
                return settle(hold, stored, actual);
              }
              if (item.settledAt(hold.id()) != null || settlements.contains(hold)) {
                settlements.add(hold, now);
                return CompletableFuture.completedFuture(item.at(now).stepOf(0));
              }
              return actual == 0
                  ? CompletableFuture.completedFuture(item.at(now).stepOf(0))
                  : chargeLost(hold, actual, item.isForgotten(now) ? item : null);
            });
  }

  /** Charges what the table had neither a hold of nor a record. */
  private CompletionStage<Settled> chargeLost(Hold hold, long actual, @Nullable Item forgotten) {
    Instant now = clock.instant();
    if (forgotten != null) {
      return table
          .make(List.of(changes.restart(forgotten, now)))
          .thenCompose(restarted -> chargeLost(hold, actual, null));
    }
    return table
        .update(changes.charge(hold, actual, now), false)
        .thenCompose(
            outcome -> {
              Item item =
                  outcome instanceof Outcome.Made made
                      ? new Item(hold.account(), made.updated())
                      : found(hold.account(), outcome);
              Long at = item.settledAt(hold.id());
              if (item.held(hold.id()) != null) {
                return settle(hold, hold.amount(), actual);
              }
              if (at == null) {
                throw item.overflow(actual);
              }
              settlements.add(hold, now);
              Settled step = item.stepOf(at == now.toEpochMilli() ? actual : 0);
              return CompletableFuture.completedFuture(
                  new Settled(
                      step.account(), step.before(), step.after(), step.before() < step.after()));
            });
  }

  /** The item that did not meet the condition of a single change. */
  static Item found(Account account, Outcome outcome) {
    if (outcome instanceof Outcome.Unmet unmet) {
      return new Item(account, Objects.requireNonNull(unmet.found().get(0)));
    }
    throw new LedgerUnavailableException(
        "the DynamoDB item of "
            + Item.named(account)
            + " is full; settle what is abandoned in it, or let the budget count per a tag",
        null);
  }
}
