// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

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
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in Redis 6.2 or later, or Valkey, which many JVMs share: standalone, behind Sentinel, or
 * in a cluster.
 *
 * <p>Each hold and each settlement is one script call, however many budgets there are. Everything
 * is asynchronous: no method blocks, and stages complete on the client's event loop. The ledger has
 * no thread of its own; the JDK's timer waits before an attempt is repeated. Thread-safe.
 *
 * <p>The connection and its client stay the caller's: addresses, TLS, user, timeouts and closing.
 * It speaks UTF-8, as {@code client.connect()} makes it, and is not shared with transactions or
 * blocking commands.
 *
 * <p>A server that cannot be reached or takes no writes fails a hold, or leaves it unanswered until
 * the client's own command timeout; a hold whose answer is lost is given back. Settlements,
 * releases and adjustments are repeated for about ten seconds, and happen once. A stage fails with
 * a {@link RedisException}.
 */
public final class RedisLedger implements Ledger {
  /** With pauses that double from 10 ms up to a second: about ten seconds. */
  private static final int ATTEMPTS = 16;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** No account, and no wait, is longer; it keeps times within what Lua counts exactly. */
  private static final Duration EIGHT_THOUSAND_YEARS = Duration.ofDays(8_000 * 365L);

  /** How long an adjustment that is sent again is recognised. */
  private static final Duration ADJUSTMENT_KEPT = Duration.ofDays(1);

  /** For holds taken by a clock that was ahead, too. */
  private static final String ANY_AGE = "-" + EIGHT_THOUSAND_YEARS.toMillis();

  /** How many accounts one script call reads; the server serves nobody else meanwhile. */
  private static final int READ_AT_ONCE = 200;

  private final RedisClusterAsyncCommands<String, String> redis;
  private final Supplier<CompletionStage<?>> leave;
  private final AtomicBoolean isLeaving = new AtomicBoolean();
  private final AccountKeys keys;
  private final Duration abandonAfter;
  private final String graceMillis;

  private RedisLedger(Builder builder) {
    this.redis = builder.redis;
    this.leave = builder.leave;
    this.keys = new AccountKeys(builder.prefix);
    this.abandonAfter = builder.abandonAfter;
    this.graceMillis = millis(builder.grace);
  }

  /** A ledger behind a connection to one server, or to the master that Sentinel names. */
  public static RedisLedger of(StatefulRedisConnection<String, String> connection) {
    return builder(connection).build();
  }

  /** A ledger in a cluster; all its keys are in one slot. */
  public static RedisLedger of(StatefulRedisClusterConnection<String, String> connection) {
    return builder(connection).build();
  }

  /** Begins a ledger behind a connection to one server, or to the master that Sentinel names. */
  public static Builder builder(StatefulRedisConnection<String, String> connection) {
    return new Builder(connection.async(), () -> connection.async().quit());
  }

  /** Begins a ledger in a cluster. */
  public static Builder builder(StatefulRedisClusterConnection<String, String> connection) {
    return new Builder(connection.async(), () -> CompletableFuture.completedFuture(null));
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    List<String> arguments = new ArrayList<>(1 + 7 * holds.size());
    arguments.add(graceMillis);
    for (Hold hold : holds) {
      long room = hold.limit() - hold.amount();
      arguments.add(hold.id());
      arguments.add(Long.toString(hold.amount()));
      arguments.add(room < 0 ? "" : Long.toString(room));
      arguments.add(Long.toString(Long.MAX_VALUE - hold.amount()));
      arguments.add(hold.enforced() ? "1" : "0");
      addRetention(hold.account(), arguments);
    }
    return run(Script.HOLD, keysOf(holds), arguments)
        .thenApply(reply -> holdResult(holds, reply))
        .whenComplete((result, failure) -> giveBackIfUnsure(holds, failure));
  }

  private String[] keysOf(List<Hold> holds) {
    String[] all = new String[1 + holds.size()];
    all[0] = keys.index();
    for (int i = 0; i < holds.size(); i++) {
      all[i + 1] = keys.of(holds.get(i).account());
    }
    return all;
  }

  private static void addRetention(Account account, List<String> arguments) {
    boolean forever = account.isForever();
    arguments.add(forever ? "" : millis(Duration.between(Instant.EPOCH, account.end())));
    arguments.add(account.idle() == null ? "" : millis(account.idle()));
  }

  private static String millis(Duration duration) {
    boolean longer = duration.compareTo(EIGHT_THOUSAND_YEARS) > 0;
    return Long.toString((longer ? EIGHT_THOUSAND_YEARS : duration).toMillis());
  }

  private static HoldResult holdResult(List<Hold> holds, List<Object> reply) {
    List<Shortfall> enforced = new ArrayList<>();
    List<Shortfall> observed = new ArrayList<>();
    for (int i = 0; i < reply.size(); i += 2) {
      Hold hold = holds.get(Math.toIntExact((Long) reply.get(i)) - 1);
      long total = number(reply.get(i + 1));
      (hold.enforced() ? enforced : observed).add(new Shortfall(hold, hold.limit() - total));
    }
    if (!enforced.isEmpty()) {
      return new Refused(enforced);
    }
    return observed.isEmpty() ? HoldResult.CLEAN : new Held(observed);
  }

  private static long number(Object reply) {
    return Long.parseLong((String) reply);
  }

  /** A hold whose answer was lost may have been taken, and belongs to no call. */
  private void giveBackIfUnsure(List<Hold> holds, @Nullable Throwable failure) {
    if (failure != null && !(unwrapped(failure) instanceof RedisCommandExecutionException)) {
      settle(holds, new long[holds.size()]);
    }
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    List<String> arguments = new ArrayList<>(1 + 5 * holds.size());
    arguments.add(graceMillis);
    for (int i = 0; i < actuals.length; i++) {
      Hold hold = holds.get(i);
      if (actuals[i] < 0) {
        throw new IllegalArgumentException("negative settlement of " + hold + ": " + actuals[i]);
      }
      arguments.add(hold.id());
      arguments.add(Long.toString(actuals[i]));
      arguments.add(Long.toString(Long.MAX_VALUE - actuals[i]));
      addRetention(hold.account(), arguments);
    }
    return insist(Script.SETTLE, keysOf(holds), arguments)
        .thenApply(
            reply -> {
              List<Settled> steps = new ArrayList<>(holds.size());
              for (int i = 0; i < holds.size(); i++) {
                steps.add(settled(holds.get(i).account(), reply, 2 * i));
              }
              return steps;
            });
  }

  private static Settled settled(Account account, List<Object> reply, int at) {
    return new Settled(account, number(reply.get(at)), number(reply.get(at + 1)));
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    CompletionStage<List<Balance>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (int from = 0; from < accounts.size(); from += READ_AT_ONCE) {
      List<Account> some = accounts.subList(from, Math.min(accounts.size(), from + READ_AT_ONCE));
      all = all.thenCompose(balances -> addBalances(some, balances));
    }
    return all;
  }

  /** Reads a few accounts and adds them; one script after the other, so that holds pass between. */
  private CompletionStage<List<Balance>> addBalances(List<Account> accounts, List<Balance> to) {
    String[] read = accounts.stream().map(keys::of).toArray(String[]::new);
    return run(Script.READ, read, List.of(millis(abandonAfter)))
        .thenApply(
            reply -> {
              for (int i = 0; i < read.length; i++) {
                List<?> numbers = (List<?>) reply.get(i + 1);
                long settled = number(numbers.get(0));
                long abandoned = 0;
                for (OpenHold hold : openHolds(accounts.get(i), reply, i + 1)) {
                  abandoned += hold.amount();
                }
                long held = number(numbers.get(1)) - settled;
                to.add(new Balance(accounts.get(i), settled, held, abandoned));
              }
              return to;
            });
  }

  /** The holds that a reading told of one account. */
  private List<OpenHold> openHolds(Account account, List<Object> reply, int at) {
    Instant abandoned = Instant.ofEpochMilli(number(reply.get(0))).minus(abandonAfter);
    List<?> told = (List<?>) ((List<?>) reply.get(at)).get(2);
    List<OpenHold> holds = new ArrayList<>(told.size() / 2);
    for (int i = 0; i < told.size(); i += 2) {
      String[] record = ((String) told.get(i + 1)).split(" ", 2);
      Instant since = Instant.ofEpochMilli(number(record[1]));
      long amount = number(record[0]);
      holds.add(
          new OpenHold((String) told.get(i), account, amount, since, !since.isAfter(abandoned)));
    }
    return holds;
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return redis
        .zrange(keys.index(), 0, -1)
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

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return run(Script.READ, new String[] {keys.of(account)}, List.of(ANY_AGE))
        .thenApply(
            reply -> {
              List<OpenHold> holds = openHolds(account, reply, 1);
              holds.sort(Comparator.comparing(OpenHold::since));
              return holds;
            });
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    Account account = hold.account();
    List<String> arguments = new ArrayList<>(List.of(graceMillis, hold.id()));
    addRetention(account, arguments);
    return insist(Script.RELEASE, new String[] {keys.index(), keys.of(account)}, arguments)
        .thenCompose(done -> balances(List.of(account)))
        .thenApply(balances -> balances.get(0));
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    String amount = Long.toUnsignedString(Math.abs(delta));
    List<String> arguments = new ArrayList<>();
    arguments.add(graceMillis);
    arguments.add(millis(ADJUSTMENT_KEPT));
    arguments.add(delta < 0 ? "-" : "+");
    arguments.add(amount);
    arguments.add(delta < 0 ? "" : Long.toString(Long.MAX_VALUE - delta));
    addRetention(account, arguments);
    String note = keys.adjustment(UUID.randomUUID().toString());
    return insist(Script.ADJUST, new String[] {keys.index(), keys.of(account), note}, arguments)
        .thenApply(reply -> settled(account, reply, 0));
  }

  /** Runs a script that does nothing the second time, again and again while it fails. */
  private CompletionStage<List<Object>> insist(Script script, String[] on, List<String> arguments) {
    return insist(script, on, arguments, 1, FIRST_PAUSE);
  }

  private CompletionStage<List<Object>> insist(
      Script script, String[] on, List<String> arguments, int attempt, Duration pause) {
    return run(script, on, arguments)
        .exceptionallyCompose(
            failure -> {
              if (attempt == ATTEMPTS || !(unwrapped(failure) instanceof RedisException)) {
                return CompletableFuture.failedFuture(failure);
              }
              Duration doubled = pause.multipliedBy(2);
              Duration next = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
              return CompletableFuture.supplyAsync(
                      () -> insist(script, on, arguments, attempt + 1, next),
                      CompletableFuture.delayedExecutor(
                          pause.toMillis(), TimeUnit.MILLISECONDS, Runnable::run))
                  .thenCompose(Function.identity());
            });
  }

  /** Runs a script by its digest; by its text where the server does not know it yet. */
  private CompletionStage<List<Object>> run(Script script, String[] on, List<String> arguments) {
    String[] values = arguments.toArray(String[]::new);
    return sent(() -> redis.evalsha(script.digest(), ScriptOutputType.MULTI, on, values))
        .exceptionallyCompose(
            failure ->
                unwrapped(failure) instanceof RedisNoScriptException
                    ? sent(() -> redis.eval(script.text(), ScriptOutputType.MULTI, on, values))
                    : CompletableFuture.failedFuture(failure))
        .whenComplete((reply, failure) -> leaveReplica(failure));
  }

  /** A command; the client throws some failures, as that of a slot without a server. */
  private static CompletionStage<List<Object>> sent(
      Supplier<CompletionStage<List<Object>>> command) {
    try {
      return command.get();
    } catch (RedisException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /**
   * A server that was demoted keeps its connections. Asked to close ours, it makes the client
   * connect anew and find the master of now; what was under way is sent again. Asked once, however
   * many commands it refused: the next connection would be closed by what the last one is told.
   */
  private void leaveReplica(@Nullable Throwable failure) {
    if (failure != null
        && unwrapped(failure) instanceof RedisCommandExecutionException refused
        && String.valueOf(refused.getMessage()).contains("READONLY")
        && isLeaving.compareAndSet(false, true)) {
      leave.get().whenComplete((answer, failed) -> isLeaving.set(false));
    }
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Makes a ledger. Mutable; confined to one thread. */
  public static final class Builder {
    private final RedisClusterAsyncCommands<String, String> redis;
    private final Supplier<CompletionStage<?>> leave;
    private String prefix = "bedrock-meter";
    private Duration abandonAfter = Duration.ofHours(1);
    private Duration grace = Duration.ofHours(1);

    private Builder(
        RedisClusterAsyncCommands<String, String> redis, Supplier<CompletionStage<?>> leave) {
      this.redis = redis;
      this.leave = leave;
    }

    /**
     * What all keys begin with, in braces; {@code bedrock-meter} by default. Ledgers of one prefix
     * share their accounts. In a cluster a prefix is in one slot; several meters with prefixes of
     * their own spread.
     */
    public Builder prefix(String prefix) {
      if (prefix.isBlank() || prefix.contains("{") || prefix.contains("}")) {
        throw new IllegalArgumentException(
            "a prefix has at least one letter, and no braces: '" + prefix + "'");
      }
      this.prefix = prefix;
      return this;
    }

    /**
     * The age, by the server's clock, at which a hold counts as abandoned; one hour by default.
     * Longer than any call lasts.
     */
    public Builder abandonAfter(Duration age) {
      this.abandonAfter = positive(age, "abandonAfter");
      return this;
    }

    /**
     * How long an account is kept after its window's end, or after its last use while something is
     * held; one hour by default. A call that ends later is not charged.
     */
    public Builder grace(Duration grace) {
      this.grace = positive(grace, "grace");
      return this;
    }

    private static Duration positive(Duration duration, String name) {
      if (duration.toMillis() < 1) {
        throw new IllegalArgumentException(name + " is a millisecond at least: " + duration);
      }
      return duration;
    }

    /** The ledger. */
    public RedisLedger build() {
      return new RedisLedger(this);
    }
  }
}
