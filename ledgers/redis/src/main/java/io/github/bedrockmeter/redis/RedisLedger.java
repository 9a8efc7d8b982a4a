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
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
 * <p>Ages of holds and the ends of windows are by the server's clock. An account with an idle time
 * is kept for the builder's grace after its last use while something is held in it.
 */
public final class RedisLedger implements Ledger {
  /** No account, and no wait, is longer; it keeps times within what Lua counts exactly. */
  private static final Duration EIGHT_THOUSAND_YEARS = Duration.ofDays(8_000 * 365L);

  /** How long an adjustment that is sent again is recognised. */
  private static final Duration ADJUSTMENT_KEPT = Duration.ofDays(1);

  /** For holds taken by a clock that was ahead, too. */
  private static final String ANY_AGE = "-" + EIGHT_THOUSAND_YEARS.toMillis();

  /** How many accounts one script call reads; the server serves no other call meanwhile. */
  private static final int READ_AT_ONCE = 200;

  private static final int LONGEST_SCOPE = 4_096;

  private final RedisCalls redis;
  private final AccountKeys keys;
  private final Duration abandonAfter;
  private final String graceMillis;

  private RedisLedger(RedisCalls redis, String prefix, Duration abandonAfter, Duration grace) {
    this.redis = redis;
    this.keys = new AccountKeys(prefix);
    this.abandonAfter = abandonAfter;
    this.graceMillis = millis(grace);
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
            key -> Connections.hangUp(connection)));
  }

  /** A builder of a ledger in a cluster. */
  public static Builder builder(StatefulRedisClusterConnection<String, String> connection) {
    return new Builder(
        new RedisCalls(
            connection.async(),
            () -> CompletableFuture.completedFuture(null),
            key -> Connections.hangUp(connection, key)));
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    LedgerSupport.checkHolds(holds);
    LedgerSupport.checkScopes(holds, LONGEST_SCOPE);
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
    return redis
        .run(Script.HOLD, keysOf(holds), arguments)
        .thenApply(reply -> holdResult(holds, reply))
        .whenComplete((result, failure) -> giveBackIfLost(holds, failure));
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

  private void giveBackIfLost(List<Hold> holds, @Nullable Throwable failure) {
    if (failure != null && RedisCalls.isLost(failure)) {
      LedgerSupport.giveBack(this, holds);
    }
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    LedgerSupport.checkSettlement(holds, actuals);
    List<String> arguments = new ArrayList<>(1 + 5 * holds.size());
    arguments.add(graceMillis);
    for (int i = 0; i < actuals.length; i++) {
      Hold hold = holds.get(i);
      arguments.add(hold.id());
      arguments.add(Long.toString(actuals[i]));
      arguments.add(Long.toString(Long.MAX_VALUE - actuals[i]));
      addRetention(hold.account(), arguments);
    }
    return redis
        .repeat(Script.SETTLE, keysOf(holds), arguments)
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
    return redis
        .run(Script.READ, read, List.of(millis(abandonAfter)))
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

  /** The holds of one account in the reply of a reading. */
  private List<OpenHold> openHolds(Account account, List<Object> reply, int at) {
    Instant abandoned = Instant.ofEpochMilli(number(reply.get(0))).minus(abandonAfter);
    List<?> found = (List<?>) ((List<?>) reply.get(at)).get(2);
    List<OpenHold> holds = new ArrayList<>(found.size() / 2);
    for (int i = 0; i < found.size(); i += 2) {
      String[] record = ((String) found.get(i + 1)).split(" ", 2);
      Instant since = Instant.ofEpochMilli(number(record[1]));
      long amount = number(record[0]);
      holds.add(
          new OpenHold((String) found.get(i), account, amount, since, !since.isAfter(abandoned)));
    }
    return holds;
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return redis
        .members(keys.index())
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
    return redis
        .run(Script.READ, new String[] {keys.of(account)}, List.of(ANY_AGE))
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
    return redis
        .repeat(Script.RELEASE, new String[] {keys.index(), keys.of(account)}, arguments)
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
    return redis
        .repeat(Script.ADJUST, new String[] {keys.index(), keys.of(account), note}, arguments)
        .thenApply(reply -> settled(account, reply, 0));
  }

  /** A quarter of a second: many times what one script takes, and a first connection's pause. */
  @Override
  public Duration answerTime() {
    return Duration.ofMillis(250);
  }

  /** Has the server load the scripts of a call, which do nothing without an account. */
  private RedisLedger warmedUp() {
    redis.load(Script.HOLD, keys.index(), graceMillis);
    redis.load(Script.SETTLE, keys.index(), graceMillis);
    return this;
  }

  /** Makes a ledger. Mutable, confined to one thread. */
  public static final class Builder extends LedgerSupport.Builder<Builder> {
    private final RedisCalls redis;
    private String prefix = "bedrock-meter";

    private Builder(RedisCalls redis) {
      this.redis = redis;
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
                + prefix
                + "'");
      }
      this.prefix = prefix;
      return this;
    }

    @Override
    public RedisLedger build() {
      return new RedisLedger(redis, prefix, abandonAfter(), grace()).warmedUp();
    }
  }
}
