// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.redis.Store.Answer;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in Redis 6.2 or later, or Valkey, which many JVMs share: standalone, behind Sentinel, or
 * in a cluster.
 *
 * <p>Each hold and each settlement is one script call, however many budgets there are. Everything
 * is asynchronous: no method blocks, and stages complete on the client's event loop. The ledger has
 * no thread of its own; the JDK's timer waits before an attempt is repeated, and the attempt runs
 * in its common pool. Thread-safe.
 *
 * <p>The connection and its client stay the caller's: addresses, TLS, user, timeouts and closing;
 * {@link #close} does nothing. The connection uses UTF-8, as {@code client.connect()} makes it, and
 * is not shared with transactions or blocking commands.
 *
 * <p>If a server cannot be reached or takes no writes, a hold fails, or is not answered until the
 * client's own command timeout; a hold whose answer is lost is given back. Settlements, releases
 * and adjustments are repeated for about ten seconds, and happen once. A stage fails with a {@link
 * LedgerUnavailableException}, whose cause is Lettuce's exception, or with an {@link
 * ArithmeticException} if a sum would not fit into a {@code long}.
 *
 * <p>If the store has lost what it confirmed, by a flush, a restart, a failover or a restored
 * backup, ledgers that had used it notice that with their next call. Holds then fail, in all
 * processes, until an operator calls {@link #acceptLoss}; calls in flight are charged all the same.
 *
 * <p>Ages of holds and the ends of windows are by the server's clock. An account with an idle time
 * is kept for the builder's grace after its last use while something is held in it.
 */
public final class RedisLedger implements Ledger {
  /** How long an adjustment that is sent again is recognised. */
  private static final Duration ADJUSTMENT_KEPT = Duration.ofDays(1);

  private static final int LONGEST_SCOPE = 4_096;

  private final Store store;
  private final AccountKeys keys;
  private final Readings readings;
  private final @Nullable Replication replication;

  private RedisLedger(Builder settings, Duration abandonAfter, Duration grace) {
    this.keys = new AccountKeys(settings.prefix);
    this.store = new Store(settings.redis, keys, Store.millis(grace), settings.clock);
    this.readings = new Readings(store, keys, abandonAfter);
    this.replication =
        settings.replicas == 0
            ? null
            : new Replication(
                settings.replicas,
                settings.replicaTime,
                () -> settings.redis.await(settings.replicas, settings.replicaTime));
  }

  /**
   * A ledger over a connection to one server, or to the master that Sentinel names, with the
   * default settings.
   */
  public static RedisLedger over(StatefulRedisConnection<String, String> connection) {
    return builder(connection).build();
  }

  /** A ledger in a cluster, with the default settings; all its keys are in one slot. */
  public static RedisLedger over(StatefulRedisClusterConnection<String, String> connection) {
    return builder(connection).build();
  }

  /**
   * A builder of a ledger over a connection to one server, or to the master that Sentinel names.
   */
  public static Builder builder(StatefulRedisConnection<String, String> connection) {
    return new Builder(
        new RedisCalls(
            connection.async(),
            () -> connection.async().quit(),
            key -> Connections.hangUp(connection)),
        false);
  }

  /** A builder of a ledger in a cluster. */
  public static Builder builder(StatefulRedisClusterConnection<String, String> connection) {
    return new Builder(
        new RedisCalls(
            connection.async(),
            () -> CompletableFuture.completedFuture(null),
            key -> Connections.hangUp(connection, key)),
        true);
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    LedgerSupport.checkHolds(holds);
    LedgerSupport.checkScopes(holds, LONGEST_SCOPE);
    List<String> arguments = new ArrayList<>(7 * holds.size());
    List<String> accounts = new ArrayList<>(holds.size());
    for (Hold hold : holds) {
      long room = hold.limit() - hold.amount();
      accounts.add(keys.of(hold.account()));
      arguments.add(hold.id());
      arguments.add(Long.toString(hold.amount()));
      arguments.add(room < 0 ? "" : Long.toString(room));
      arguments.add(Long.toString(Long.MAX_VALUE - hold.amount()));
      arguments.add(hold.enforced() ? "1" : "0");
      addRetention(hold.account(), arguments);
    }
    return store
        .change(Script.HOLD, accounts, arguments)
        .thenApply(answer -> holdResult(holds, answer))
        .whenComplete((result, failure) -> giveBackIfLost(holds, failure))
        .thenCompose(result -> replicated(holds, result));
  }

  private CompletionStage<HoldResult> replicated(List<Hold> holds, HoldResult result) {
    if (replication == null || !(result instanceof Held)) {
      return CompletableFuture.completedFuture(result);
    }
    return replication
        .confirmed()
        .whenComplete(
            (confirmed, failure) -> {
              if (failure != null) {
                LedgerSupport.giveBack(this, holds);
              }
            })
        .thenApply(confirmed -> result);
  }

  private static void addRetention(Account account, List<String> arguments) {
    boolean forever = account.isForever();
    arguments.add(forever ? "" : Store.millis(Duration.between(Instant.EPOCH, account.end())));
    arguments.add(account.idle() == null ? "" : Store.millis(account.idle()));
  }

  private HoldResult holdResult(List<Hold> holds, Answer answer) {
    List<Shortfall> enforced = new ArrayList<>();
    List<Shortfall> observed = new ArrayList<>();
    for (int i = 0; i < answer.body().size(); i += 2) {
      Hold hold = holds.get(Math.toIntExact((Long) answer.body().get(i)) - 1);
      long total = answer.number(i + 1);
      (hold.enforced() ? enforced : observed).add(new Shortfall(hold, hold.limit() - total));
    }
    for (int i = 0; i < holds.size(); i++) {
      store.clocks().compare(answer.at(), holds.get(i).account());
    }
    if (!enforced.isEmpty()) {
      return new Refused(enforced);
    }
    return observed.isEmpty() ? HoldResult.CLEAN : new Held(observed);
  }

  private void giveBackIfLost(List<Hold> holds, @Nullable Throwable failure) {
    if (failure != null && Failures.isLost(LedgerSupport.unwrapped(failure))) {
      LedgerSupport.giveBack(this, holds);
    }
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    LedgerSupport.checkSettlement(holds, actuals);
    List<String> arguments = new ArrayList<>(5 * holds.size());
    List<String> accounts = new ArrayList<>(2 * holds.size());
    for (int i = 0; i < actuals.length; i++) {
      Hold hold = holds.get(i);
      String key = keys.of(hold.account());
      accounts.add(key);
      accounts.add(keys.settlements(key));
      arguments.add(hold.id());
      arguments.add(Long.toString(actuals[i]));
      arguments.add(Long.toString(Long.MAX_VALUE - actuals[i]));
      addRetention(hold.account(), arguments);
    }
    return store
        .repeat(Script.SETTLE, accounts, arguments)
        .thenApply(
            answer -> {
              List<Settled> steps = new ArrayList<>(holds.size());
              for (int i = 0; i < holds.size(); i++) {
                steps.add(
                    new Settled(
                        holds.get(i).account(),
                        answer.number(3 * i),
                        answer.number(3 * i + 1),
                        answer.text(3 * i + 2).equals("1")));
              }
              return steps;
            });
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    return readings.balances(accounts);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return readings.find(query);
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return readings.openHolds(account);
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return release(hold, "");
  }

  /**
   * {@inheritDoc}
   *
   * <p>Who and why are kept in the sorted set {@code {bedrock-meter}:corrections}, the latest
   * thousand.
   */
  @Override
  public CompletionStage<Balance> release(OpenHold hold, Correction correction) {
    return release(hold, note("release", correction));
  }

  private CompletionStage<Balance> release(OpenHold hold, String note) {
    Account account = hold.account();
    List<String> arguments = Store.list(hold.id());
    addRetention(account, arguments);
    arguments.add(note);
    return store
        .repeat(Script.RELEASE, List.of(keys.of(account), keys.corrections()), arguments)
        .thenCompose(done -> balances(List.of(account)))
        .thenApply(balances -> balances.get(0));
  }

  private static String note(String what, Correction correction) {
    return what + " by " + Escaped.text(correction.by()) + ": " + Escaped.text(correction.reason());
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return adjust(account, delta, "");
  }

  /**
   * {@inheritDoc}
   *
   * <p>Who and why are kept in the sorted set {@code {bedrock-meter}:corrections}, the latest
   * thousand.
   */
  @Override
  public CompletionStage<Settled> adjust(Account account, long delta, Correction correction) {
    return adjust(account, delta, note("adjust", correction));
  }

  private CompletionStage<Settled> adjust(Account account, long delta, String note) {
    List<String> arguments =
        Store.list(
            Store.millis(ADJUSTMENT_KEPT),
            delta < 0 ? "-" : "+",
            Long.toUnsignedString(Math.abs(delta)),
            delta < 0 ? "" : Long.toString(Long.MAX_VALUE - delta));
    addRetention(account, arguments);
    arguments.add(note);
    String once = keys.adjustment(UUID.randomUUID().toString());
    return store
        .repeat(Script.ADJUST, List.of(keys.of(account), once, keys.corrections()), arguments)
        .thenApply(answer -> new Settled(account, answer.number(0), answer.number(1)));
  }

  /**
   * Accepts what the store has now, after it lost something and holds were denied for that: calls
   * pass again, in all processes. Correct the balances first, {@link #adjust} works meanwhile. Who
   * and why are kept like those of a correction.
   *
   * @return whether a process had noticed a loss
   */
  public CompletionStage<Boolean> acceptLoss(Correction correction) {
    return store
        .change(
            Script.ACCEPT, List.of(keys.corrections()), List.of(note("accept-loss", correction)))
        .thenApply(answer -> !answer.text(0).isEmpty());
  }

  /** A quarter of a second: many times what one script takes, and a first connection's pause. */
  @Override
  public Duration answerTime() {
    return Duration.ofMillis(250);
  }

  /** Has the server load the scripts of a call, which do nothing without an account. */
  private RedisLedger warmedUp() {
    store.load(Script.HOLD);
    store.load(Script.SETTLE);
    return this;
  }

  /** Makes a ledger. Mutable, confined to one thread. */
  public static final class Builder extends LedgerSupport.Builder<Builder> {
    private final RedisCalls redis;
    private final boolean isCluster;
    private String prefix = "bedrock-meter";
    private InstantSource clock = InstantSource.system();
    private int replicas;
    private Duration replicaTime = Duration.ZERO;

    private Builder(RedisCalls redis, boolean isCluster) {
      this.redis = redis;
      this.isCluster = isCluster;
    }

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * What all keys begin with, in braces; {@code bedrock-meter} by default. Ledgers of one prefix
     * share their accounts. In a cluster a prefix is in one slot; several meters with prefixes of
     * their own spread.
     */
    public Builder prefix(String prefix) {
      if (prefix.isBlank() || prefix.contains("{") || prefix.contains("}")) {
        throw new IllegalArgumentException(
            "prefix must not be blank or contain braces, for example bedrock-meter: '"
                + Escaped.text(prefix)
                + "'");
      }
      this.prefix = prefix;
      return this;
    }

    /**
     * Has a hold count only when so many replicas have it, so that it outlives the master: a hold
     * that they do not have in time is given back, and fails with a {@link
     * LedgerUnavailableException}. No replicas by default. It costs a second round trip for each
     * hold, and the server serves nothing else on this connection while it waits.
     *
     * @param replicas how many, at least 1
     * @param time how long they have, at least a millisecond, such as PT0.1S; less than the meter's
     *     {@code ledgerTimeout}
     * @throws IllegalStateException in a cluster, where Lettuce's connections cannot be bound to it
     */
    public Builder waitForReplicas(int replicas, Duration time) {
      if (isCluster) {
        throw new IllegalStateException(
            "waitForReplicas works with one server or Sentinel, not in a cluster; set the cluster's"
                + " min-replicas-to-write instead");
      }
      if (replicas < 1) {
        throw new IllegalArgumentException(
            "replicas must be positive, for example waitForReplicas(1, Duration.ofMillis(100)): "
                + replicas);
      }
      this.replicaTime = LedgerSupport.checkTime("time of waitForReplicas", time);
      this.replicas = replicas;
      return this;
    }

    /**
     * The clock of this process, the system's by default. It decides nothing: a warning is logged
     * where the server's differs from it.
     */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    @Override
    public RedisLedger build() {
      return new RedisLedger(this, abandonAfter(), grace()).warmedUp();
    }
  }
}
