// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Balances and open holds that an earlier version wrote are read to the last unit, and changed.
 *
 * <p>That version took holds for the calls {@code call-1}, {@code call-2} and {@code call 3/ä},
 * settled the first, charged the third more than it held, released the hold {@code lost}, took
 * {@code observed} beyond its limit, and adjusted by 70 and by -20. Its windows end in the year
 * 2126.
 */
class StoredByEarlierVersionTest {
  private static final String RESOURCE = "/stored-by-6bdaa60.tsv";
  private static final Instant START = Instant.parse("2126-11-23T00:00:00Z");
  private static final Instant END = Instant.parse("2126-11-24T00:00:00Z");

  private static final Account LIFETIME =
      new Account("all", Unit.REQUESTS, "", Instant.EPOCH, Instant.MAX);
  private static final Account TEAM =
      new Account("day", Unit.NANO_USD, "team=search {eu}/ä€,user=a b", START, END);
  private static final Account IN_DEBT = new Account("a/b%{c}|d", Unit.TOKENS, "", START, END);
  private static final Account WATCHED =
      new Account("watched", Unit.TOKENS, "team=search", START, END);
  private static final Account RUN =
      new Account("run", Unit.TOKENS, "run=7", Instant.EPOCH, Instant.MAX, Duration.ofDays(36_500));

  private static RedisProcess server;
  private static RedisClient client;
  private Ledger ledger;

  @BeforeAll
  static void start() throws Exception {
    server = RedisProcess.start();
    client = RedisClient.create(server.uri());
  }

  @AfterAll
  static void stop() throws Exception {
    client.shutdown();
    server.close();
  }

  @BeforeEach
  void restore() throws IOException {
    RedisCommands<String, String> redis = client.connect().sync();
    redis.flushall();
    try (InputStream stored = StoredByEarlierVersionTest.class.getResourceAsStream(RESOURCE)) {
      new String(Objects.requireNonNull(stored).readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> send(redis, line.split("\t", -1)));
    }
    // Later than any of these holds, whenever this test runs.
    ledger = RedisLedger.builder(client.connect()).abandonAfter(Duration.ofDays(365_000)).build();
  }

  private static void send(RedisCommands<String, String> redis, String[] words) {
    CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8);
    Arrays.stream(words).skip(1).forEach(arguments::add);
    redis.dispatch(CommandType.valueOf(words[0]), new ArrayOutput<>(StringCodec.UTF8), arguments);
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  @Test
  void balancesAreReadToTheLastUnit() {
    assertThat(await(ledger.balances(List.of(LIFETIME, TEAM, IN_DEBT, WATCHED, RUN))))
        .containsExactly(
            new Balance(LIFETIME, 1, 2, 0),
            new Balance(TEAM, 9_007_199_254_740_991L, 9_007_199_254_740_995L, 0),
            new Balance(IN_DEBT, 130, 0, 0),
            new Balance(WATCHED, 50, 150, 0),
            new Balance(RUN, 7, 20, 0));
  }

  @Test
  void accountsAreFoundWithTheirNames() {
    assertThat(await(ledger.find(AccountQuery.all(10))))
        .extracting(Balance::account)
        .containsExactly(TEAM, WATCHED, IN_DEBT, RUN, LIFETIME);
    assertThat(await(ledger.find(AccountQuery.of("day", START, 10))))
        .extracting(Balance::account)
        .containsExactly(TEAM);
  }

  @Test
  void openHoldsAreReadWithTheirAmountsAndTimes() {
    assertThat(await(ledger.openHolds(LIFETIME)))
        .containsExactly(
            open("call-2", LIFETIME, 1, 1_795_896_647_894L),
            open("call 3/ä", LIFETIME, 1, 1_795_896_647_896L));
    assertThat(await(ledger.openHolds(TEAM)))
        .containsExactly(open("call-2", TEAM, 9_007_199_254_740_995L, 1_795_896_647_894L));
    assertThat(await(ledger.openHolds(IN_DEBT))).isEmpty();
    assertThat(await(ledger.openHolds(WATCHED)))
        .containsExactly(
            open("lost", WATCHED, 0, 1_795_896_647_901L),
            open("observed", WATCHED, 150, 1_795_896_647_912L));
    assertThat(await(ledger.openHolds(RUN)))
        .containsExactly(open("step-2", RUN, 20, 1_795_896_647_924L));
  }

  private static OpenHold open(String id, Account account, long amount, long sinceMillis) {
    return new OpenHold(id, account, amount, Instant.ofEpochMilli(sinceMillis), false);
  }

  @Test
  void openHoldsAreSettledAndReleased() {
    Hold dollars = new Hold("call-2", TEAM, 9_007_199_254_740_995L, Long.MAX_VALUE, true);
    Hold request = new Hold("call-2", LIFETIME, 1, 100, true);
    Hold released = new Hold("lost", WATCHED, 40, 100, true);

    assertThat(await(ledger.settle(List.of(dollars, request, released), new long[] {3, 1, 25})))
        .containsExactly(
            new Settled(TEAM, 9_007_199_254_740_991L, 9_007_199_254_740_994L),
            new Settled(LIFETIME, 1, 2),
            new Settled(WATCHED, 50, 75));
    await(ledger.release(open("observed", WATCHED, 150, 1_795_896_647_912L)));

    assertThat(await(ledger.balances(List.of(TEAM, LIFETIME, WATCHED))))
        .containsExactly(
            new Balance(TEAM, 9_007_199_254_740_994L, 0, 0),
            new Balance(LIFETIME, 2, 1, 0),
            new Balance(WATCHED, 75, 0, 0));
  }

  @Test
  void limitsCountWhatWasStored() {
    Hold tooMuch = new Hold("new", LIFETIME, 98, 100, true);

    assertThat(await(ledger.hold(List.of(tooMuch))))
        .isEqualTo(new Refused(List.of(new Shortfall(tooMuch, 97))));
    assertThat(await(ledger.hold(List.of(new Hold("new", LIFETIME, 97, 100, true)))))
        .isEqualTo(HoldResult.CLEAN);
    assertThat(await(ledger.hold(List.of(new Hold("call-2", LIFETIME, 1, 100, true)))))
        .as("a hold that is open already")
        .isEqualTo(HoldResult.CLEAN);
    assertThat(await(ledger.balances(List.of(LIFETIME))))
        .containsExactly(new Balance(LIFETIME, 1, 99, 0));
  }
}
