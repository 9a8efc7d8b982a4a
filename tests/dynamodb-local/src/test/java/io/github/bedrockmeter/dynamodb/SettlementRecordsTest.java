// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** How long the table and the process know that a hold was settled. */
class SettlementRecordsTest {
  private static final DynamoDbAsyncClient CLIENT = LocalDynamoDb.client();
  private static final Account ALL =
      new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  private final FakeTime time = FakeTime.at("2099-11-23T12:00:00Z");
  private final String table = LocalDynamoDb.newTable();
  private final Ledger ledger = open();

  private Ledger open() {
    return DynamoDbLedger.builder(CLIENT, table).clock(time).build();
  }

  private static Hold hold(String id) {
    return new Hold(id, ALL, 50, 100_000, true);
  }

  private static void take(Ledger ledger, String id) {
    ledger.hold(List.of(hold(id))).toCompletableFuture().join();
  }

  private static Settled settle(Ledger ledger, String id, long actual) {
    return ledger
        .settle(List.of(hold(id)), new long[] {actual})
        .toCompletableFuture()
        .join()
        .get(0);
  }

  private Map<String, AttributeValue> item() {
    return CLIENT.scan(r -> r.tableName(table)).join().items().get(0);
  }

  @Test
  void aProcessKnowsItsSettlementsForSixMinutesWhateverHappensBetween() {
    take(ledger, "a");
    settle(ledger, "a", 10);
    for (int i = 0; i < 5; i++) {
      take(ledger, "other-" + i);
      settle(ledger, "other-" + i, 1);
      time.advance(Duration.ofMinutes(1));
    }

    assertThat(settle(ledger, "a", 10)).isEqualTo(new Settled(ALL, 15, 15));

    time.advance(Duration.ofMinutes(2));
    take(ledger, "later");
    settle(ledger, "later", 1);
    assertThat(settle(ledger, "a", 10)).as("too late").isEqualTo(new Settled(ALL, 16, 26, true));
  }

  @Test
  void anotherProcessKnowsASettlementWhileItsRecordIsThere() {
    take(ledger, "a");
    settle(ledger, "a", 10);

    assertThat(settle(open(), "a", 10)).isEqualTo(new Settled(ALL, 10, 10));
  }

  @Test
  void aRecordGoesWithTheNextChangeOfTheSameProcess() {
    take(ledger, "a");
    settle(ledger, "a", 10);
    assertThat(item()).containsKey("done:a");

    take(ledger, "b");
    assertThat(item()).containsKey("hold:b").doesNotContainKey("done:a");

    ledger.hold(List.of(new Hold("c", ALL, 1, 2, true))).toCompletableFuture().join();
    settle(ledger, "b", 10);
    ledger.hold(List.of(new Hold("refused", ALL, 1, 2, true))).toCompletableFuture().join();
    assertThat(item()).as("a refused hold changes nothing").containsKey("done:b");
    take(ledger, "d");
    assertThat(item()).doesNotContainKey("done:b");
  }

  @Test
  void recordsOfAProcessThatEndedAreRemovedByOthersAfterTwiceTheTime() {
    Ledger ended = open();
    for (int i = 0; i < 3; i++) {
      take(open(), "of another " + i);
      settle(open(), "of another " + i, 1);
    }
    take(ended, "last");
    settle(ended, "last", 1);
    time.advance(Duration.ofMinutes(13));
    ledger.balances(List.of(ALL)).toCompletableFuture().join();

    take(ledger, "a");

    assertThat(item().keySet()).noneMatch(name -> name.startsWith("done:"));
  }

  @Test
  void busyProcessesFindSuchRecordsWithoutReading() {
    Ledger ended = open();
    take(ended, "last");
    settle(ended, "last", 1);
    time.advance(Duration.ofMinutes(13));
    for (int i = 0; i < 70; i++) {
      take(ledger, "call-" + i);
      settle(ledger, "call-" + i, 1);
    }

    assertThat(item()).doesNotContainKey("done:last");
  }

  @Test
  void aLostHoldOfAnAccountThatWasIdleBeginsItAnew() {
    Account run =
        new Account("run", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX, Duration.ofMinutes(5));
    Hold old = new Hold("old", run, 50, 100, true);
    ledger.hold(List.of(old)).toCompletableFuture().join();
    ledger.settle(List.of(old), new long[] {50}).toCompletableFuture().join();
    time.advance(Duration.ofMinutes(6));

    assertThat(
            ledger
                .settle(List.of(new Hold("lost", run, 50, 100, true)), new long[] {7})
                .toCompletableFuture()
                .join())
        .containsExactly(new Settled(run, 0, 7, true));
    assertThat(ledger.balances(List.of(run)).toCompletableFuture().join())
        .containsExactly(new Balance(run, 7, 0, 0));
  }
}
