// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

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
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Balances and open holds that a version before records of settlements wrote are read to the last
 * unit, and changed. The items are as that version left them.
 */
class StoredByEarlierVersionTest {
  private static final DynamoDbAsyncClient CLIENT = LocalDynamoDb.client();
  private static final String START = "2126-11-23T00:00:00Z";
  private static final String END = "2126-11-24T00:00:00Z";
  private static final long SINCE = 4_951_069_200_000L;

  private static final Account LIFETIME =
      new Account("all", Unit.REQUESTS, "", Instant.EPOCH, Instant.MAX);
  private static final Account TEAM =
      new Account(
          "day",
          Unit.NANO_USD,
          "team=search/ä€,user=a b",
          Instant.parse(START),
          Instant.parse(END));
  private static final Account RUN =
      new Account("run", Unit.TOKENS, "run=7", Instant.EPOCH, Instant.MAX, Duration.ofDays(36_500));

  private final FakeTime time = FakeTime.at("2126-11-23T01:30:00Z");
  private final String table = LocalDynamoDb.newTable();
  private final Ledger ledger = DynamoDbLedger.builder(CLIENT, table).clock(time).build();

  @BeforeEach
  void restore() {
    String ever = "1970-01-01T00:00:00Z/+1000000000-12-31T23:59:59.999999999Z/";
    put(
        "REQUESTS/" + ever + "/3/all/",
        Map.of(
            "settled", number(1),
            "taken", number(3),
            "hold:call-2", hold(1),
            "hold:call 3/ä", hold(1),
            "hold:lost", hold(0)));
    put(
        "NANO_USD/" + START + "/" + END + "//3/day/team=search/ä€,user=a b",
        Map.of(
            "settled", number(9_007_199_254_740_991L),
            "taken", number(18_014_398_509_481_986L),
            "hold:call-2", hold(9_007_199_254_740_995L),
            "expires", number(4_951_155_600L)));
    put(
        "TOKENS/" + ever + "PT876000H/3/run/run=7",
        Map.of(
            "settled", number(7),
            "taken", number(27),
            "hold:step-2", hold(20),
            "lastUse", number(SINCE),
            "expires", number(8_104_676_400L)));
  }

  private void put(String account, Map<String, AttributeValue> attributes) {
    Map<String, AttributeValue> item = new HashMap<>(attributes);
    item.put("account", AttributeValue.fromS(account));
    CLIENT.putItem(r -> r.tableName(table).item(item)).join();
  }

  private static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  private static AttributeValue hold(long amount) {
    return AttributeValue.fromM(Map.of("amount", number(amount), "since", number(SINCE)));
  }

  private static OpenHold open(String id, Account account, long amount) {
    return new OpenHold(id, account, amount, Instant.ofEpochMilli(SINCE), false);
  }

  @Test
  void balancesAreReadToTheLastUnit() {
    assertThat(ledger.balances(List.of(LIFETIME, TEAM, RUN)).toCompletableFuture().join())
        .containsExactly(
            new Balance(LIFETIME, 1, 2, 0),
            new Balance(TEAM, 9_007_199_254_740_991L, 9_007_199_254_740_995L, 0),
            new Balance(RUN, 7, 20, 0));
    assertThat(ledger.find(AccountQuery.all(9)).toCompletableFuture().join())
        .extracting(Balance::account)
        .containsExactly(TEAM, RUN, LIFETIME);
  }

  @Test
  void openHoldsAreReadSettledAndReleased() {
    assertThat(ledger.openHolds(LIFETIME).toCompletableFuture().join())
        .containsExactlyInAnyOrder(
            open("call-2", LIFETIME, 1), open("call 3/ä", LIFETIME, 1), open("lost", LIFETIME, 0));
    Hold dollars = new Hold("call-2", TEAM, 9_007_199_254_740_995L, Long.MAX_VALUE, true);
    Hold request = new Hold("call-2", LIFETIME, 1, 100, true);
    Hold released = new Hold("lost", LIFETIME, 1, 100, true);

    assertThat(
            ledger
                .settle(List.of(dollars, request), new long[] {3, 1})
                .toCompletableFuture()
                .join())
        .containsExactly(
            new Settled(TEAM, 9_007_199_254_740_991L, 9_007_199_254_740_994L),
            new Settled(LIFETIME, 1, 2));
    assertThat(ledger.settle(List.of(released), new long[] {5}).toCompletableFuture().join())
        .containsExactly(new Settled(LIFETIME, 2, 7));
    ledger.release(open("step-2", RUN, 20)).toCompletableFuture().join();

    assertThat(ledger.balances(List.of(TEAM, LIFETIME, RUN)).toCompletableFuture().join())
        .containsExactly(
            new Balance(TEAM, 9_007_199_254_740_994L, 0, 0),
            new Balance(LIFETIME, 7, 1, 0),
            new Balance(RUN, 7, 0, 0));
  }

  @Test
  void limitsCountWhatWasStored() {
    Hold tooMuch = new Hold("new", LIFETIME, 98, 100, true);

    assertThat(ledger.hold(List.of(tooMuch)).toCompletableFuture().join())
        .isEqualTo(new Refused(List.of(new Shortfall(tooMuch, 97))));
    assertThat(
            ledger
                .hold(List.of(new Hold("new", LIFETIME, 97, 100, true)))
                .toCompletableFuture()
                .join())
        .isEqualTo(HoldResult.CLEAN);
    assertThat(
            ledger
                .hold(List.of(new Hold("call-2", LIFETIME, 1, 100, true)))
                .toCompletableFuture()
                .join())
        .as("a hold that is open already")
        .isEqualTo(HoldResult.CLEAN);
    assertThat(ledger.balances(List.of(LIFETIME)).toCompletableFuture().join())
        .containsExactly(new Balance(LIFETIME, 1, 99, 0));
  }

  /** Such a version, in a process beside this one, sees attributes that it ignores. */
  @Test
  void whatAnEarlierVersionReadsIsWhereItWas() {
    Hold call = new Hold("call-2", LIFETIME, 1, 100, true);
    ledger.settle(List.of(call), new long[] {1}).toCompletableFuture().join();
    ledger.hold(List.of(new Hold("next", LIFETIME, 5, 100, true))).toCompletableFuture().join();

    Map<String, AttributeValue> item =
        CLIENT.scan(r -> r.tableName(table)).join().items().stream()
            .filter(found -> String.valueOf(found.get("account")).contains("REQUESTS"))
            .findFirst()
            .orElseThrow();

    assertThat(item)
        .containsEntry("settled", number(2))
        .containsEntry("taken", number(8))
        .hasEntrySatisfying(
            "hold:next", next -> assertThat(next.m()).containsEntry("amount", number(5)))
        .doesNotContainKey("hold:call-2");
  }
}
