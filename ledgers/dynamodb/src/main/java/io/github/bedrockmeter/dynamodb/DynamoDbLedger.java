// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.dynamodb.Table.Outcome;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/**
 * A ledger in a DynamoDB table, for budgets that several processes share. One item for each
 * account: what is settled, what is settled and held together, and a record of each open hold.
 *
 * <p>Thread-safe and never blocking. It owns neither the client nor a thread, and {@link #close}
 * does nothing. A hold or a settlement is one conditional write, and one transaction where a call
 * has several budgets. What DynamoDB does not answer, throttling above all, fails the stage with a
 * {@link LedgerUnavailableException} whose cause is the SDK's exception; it is never a refusal. A
 * sum that would not fit into a {@code long} fails with an {@link ArithmeticException}.
 *
 * <p>DynamoDB gives no time, so this process's clock dates the holds. Clocks that differ make holds
 * look younger or older by as much; they change no balance. The table must not be a global table
 * that is written in two regions: the last writer would win.
 */
public final class DynamoDbLedger implements Ledger {
  /*
   * DynamoDB's conditions compare and cannot add, so each item keeps the sum that a hold is checked
   * against, and a hold is "sum <= limit - amount". A condition that is not met answers with the
   * item as it was, from which follows what it means: the hold is there already (a repetition), the
   * account has been idle and begins anew, or there is too little left.
   *
   * A hold that is not enforced is first tried like the others, so that its shortfall is seen, and
   * then taken without its limit, still together with the others.
   */
  private static final int ADJUST_ATTEMPTS = 20;

  private final Table table;
  private final Changes changes;
  private final Duration abandonAfter;
  private final InstantSource clock;
  private final Settlements settlements = new Settlements();
  private final Settling settling;

  private DynamoDbLedger(Table table, Duration abandonAfter, Duration grace, InstantSource clock) {
    this.table = table;
    this.changes = new Changes(abandonAfter, grace);
    this.abandonAfter = abandonAfter;
    this.clock = clock;
    this.settling = new Settling(table, changes, settlements, clock);
  }

  /** A ledger in a table, as {@link #createTable} makes it, with the default settings. */
  public static DynamoDbLedger over(DynamoDbAsyncClient client, String table) {
    return builder(client, table).build();
  }

  /** A builder of a ledger in a table, as {@link #createTable} makes it. */
  public static Builder builder(DynamoDbAsyncClient client, String table) {
    return new Builder(client, table);
  }

  /**
   * Creates the table, billed on demand, and has DynamoDB delete items that have expired. Does
   * nothing where that is done already, so every process may call it at its start; it needs more
   * permissions than a ledger does.
   *
   * @return a stage that is complete when the table can be used; it fails if that takes more than a
   *     minute, with the SDK's exception if DynamoDB refuses, and with an {@link
   *     IllegalStateException} if there is a table of that name with another key
   */
  public static CompletionStage<Void> createTable(DynamoDbAsyncClient client, String table) {
    return new TableCreation(client, table).create();
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    LedgerSupport.checkHolds(holds);
    holds.forEach(hold -> Item.checkKey(hold.account()));
    return take(holds, List.of());
  }

  /**
   * Takes holds, all or none.
   *
   * @param overruns the holds among them that do not fit and are taken all the same
   */
  private CompletionStage<HoldResult> take(List<Hold> holds, List<Shortfall> overruns) {
    if (holds.isEmpty()) {
      return CompletableFuture.completedFuture(held(overruns));
    }
    Instant now = clock.instant();
    List<Change> wanted =
        holds.stream()
            .map(
                h ->
                    changes.take(
                        h,
                        overran(h, overruns) ? Long.MAX_VALUE : h.limit(),
                        now,
                        settlements.sweep(h)))
            .toList();
    return settlements
        .swept(wanted, table.make(wanted))
        .thenCompose(
            outcome -> {
              if (outcome instanceof Outcome.Unmet unmet) {
                return takeOtherwise(holds, overruns, unmet, now);
              }
              return CompletableFuture.completedFuture(
                  outcome instanceof Outcome.TooLarge full
                      ? full(holds.get(full.change()).account())
                      : held(overruns));
            });
  }

  private static HoldResult held(List<Shortfall> overruns) {
    return overruns.isEmpty() ? HoldResult.CLEAN : new HoldResult.Held(overruns);
  }

  private static boolean overran(Hold hold, List<Shortfall> overruns) {
    return overruns.stream().anyMatch(overrun -> overrun.hold().equals(hold));
  }

  private static HoldResult full(Account account) {
    return new HoldResult.Full(
        "the DynamoDB item of "
            + Item.named(account)
            + " has no room for another open hold, since DynamoDB's items end at 400 KB; settle what"
            + " is abandoned in it, or let the budget count per a tag");
  }

  /** Refuses, or takes what can be taken, knowing what stood in the way. */
  private CompletionStage<HoldResult> takeOtherwise(
      List<Hold> holds, List<Shortfall> overruns, Outcome.Unmet unmet, Instant now) {
    List<Hold> missing = new ArrayList<>();
    List<Shortfall> refused = new ArrayList<>();
    List<Shortfall> tolerated = new ArrayList<>(overruns);
    List<CompletionStage<Outcome>> restarts = new ArrayList<>();
    for (int i = 0; i < holds.size(); i++) {
      Hold hold = holds.get(i);
      var found = unmet.found().get(i);
      if (found == null) {
        missing.add(hold);
        continue;
      }
      Item item = settlements.seen(new Item(hold.account(), found), now);
      if (item.held(hold.id()) != null) {
        continue;
      }
      missing.add(hold);
      if (item.isForgotten(now)) {
        restarts.add(table.make(List.of(changes.restart(item, now))));
      } else if (overran(hold, overruns)) {
        throw item.overflow(hold.amount());
      } else {
        Shortfall shortfall = new Shortfall(hold, hold.limit() - item.taken());
        (hold.enforced() ? refused : tolerated).add(shortfall);
      }
    }
    if (!refused.isEmpty()) {
      return CompletableFuture.completedFuture(new HoldResult.Refused(refused));
    }
    return all(restarts.stream()).thenCompose(done -> take(missing, tolerated));
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    LedgerSupport.checkSettlement(holds, actuals);
    List<CompletionStage<Settled>> settled = new ArrayList<>();
    for (int i = 0; i < actuals.length; i++) {
      Hold hold = holds.get(i);
      settled.add(settling.settle(hold, hold.amount(), actuals[i]));
    }
    return all(settled.stream());
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    return all(accounts.stream().map(this::balance));
  }

  private CompletionStage<Balance> balance(Account account) {
    Instant now = clock.instant();
    return table
        .read(account)
        .thenApply(item -> settlements.seen(item, now).at(now).balance(abandoned(now)));
  }

  /** Holds taken at this instant or before it are abandoned. */
  private Instant abandoned(Instant now) {
    return now.minus(abandonAfter);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Reads the whole table, eventually consistent: half a read unit for each 4 KB of it.
   */
  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    Instant now = clock.instant();
    List<Balance> found = new ArrayList<>();
    return table
        .scan(
            item -> {
              if (query.includes(item.account()) && !item.isForgotten(now)) {
                found.add(item.balance(abandoned(now)));
              }
            })
        .thenApply(
            done -> found.stream().sorted(Balance.LARGEST_FIRST).limit(query.atMost()).toList());
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    Instant now = clock.instant();
    return table.read(account).thenApply(item -> item.openHolds(abandoned(now)));
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return release(hold, hold.amount());
  }

  private CompletionStage<Balance> release(OpenHold hold, long held) {
    Account account = hold.account();
    return table
        .make(List.of(changes.release(account, hold.id(), held, clock.instant())))
        .thenCompose(
            outcome -> {
              if (outcome instanceof Outcome.Made) {
                return balance(account);
              }
              Long stored = Settling.found(account, outcome).held(hold.id());
              return stored == null || stored == 0 ? balance(account) : release(hold, stored);
            });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Reads what is settled and changes it in a transaction, and repeats both if another process
   * changed it in between, twenty times at most.
   */
  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return adjust(account, delta, 1);
  }

  private CompletionStage<Settled> adjust(Account account, long delta, int attempt) {
    if (attempt > ADJUST_ATTEMPTS) {
      return CompletableFuture.failedFuture(
          new LedgerUnavailableException(
              "other processes change the account of "
                  + Item.named(account)
                  + " all the time; try again",
              null));
    }
    Instant now = clock.instant();
    return table
        .read(account)
        .thenCompose(
            item -> {
              if (item.isForgotten(now)) {
                return table
                    .make(List.of(changes.restart(item, now)))
                    .thenCompose(restarted -> adjust(account, delta, attempt + 1));
              }
              long before = item.settled();
              long after = Math.max(0, Math.addExact(before, delta));
              long change = after - before;
              if (change > Long.MAX_VALUE - item.taken()) {
                throw item.overflow(change);
              }
              return table
                  .transact(List.of(changes.adjust(account, before, change, now)))
                  .thenCompose(
                      outcome ->
                          outcome instanceof Outcome.Made
                              ? CompletableFuture.completedFuture(
                                  new Settled(account, before, after))
                              : adjust(account, delta, attempt + 1));
            });
  }

  private static <T> CompletionStage<List<T>> all(Stream<? extends CompletionStage<T>> stages) {
    List<CompletableFuture<T>> futures = stages.map(CompletionStage::toCompletableFuture).toList();
    return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> futures.stream().map(CompletableFuture::join).toList());
  }

  /**
   * A second: a transaction in conflict is tried for half of one, a first connection takes longer.
   */
  @Override
  public Duration answerTime() {
    return Duration.ofSeconds(1);
  }

  /** Makes a ledger. Mutable, confined to one thread. */
  public static final class Builder extends LedgerSupport.Builder<Builder> {
    private final DynamoDbAsyncClient client;
    private final String table;
    private InstantSource clock = InstantSource.system();

    private Builder(DynamoDbAsyncClient client, String table) {
      this.client = Objects.requireNonNull(client, "client");
      this.table = Objects.requireNonNull(table, "table");
    }

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * The wall clock, which dates holds and the last use of accounts; the system's by default. A
     * warning is logged where DynamoDB's differs from it.
     */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    @Override
    public DynamoDbLedger build() {
      Table opened = new Table(client, table, clock);
      opened.warmUp();
      return new DynamoDbLedger(opened, abandonAfter(), grace(), clock);
    }
  }
}
