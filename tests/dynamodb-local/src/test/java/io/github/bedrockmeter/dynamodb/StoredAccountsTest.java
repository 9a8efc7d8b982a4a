// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Full;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;

/** What is DynamoDB's own: tables, items and their limits, expiry. */
class StoredAccountsTest {
  private static final DynamoDbAsyncClient CLIENT = LocalDynamoDb.client();
  private static final Account ALL = lifetime("all");

  private final FakeTime time = FakeTime.at("2099-11-23T12:00:00Z");
  private final String table = LocalDynamoDb.newTable();
  private final Ledger ledger = DynamoDbLedger.builder(CLIENT, table).clock(time).build();

  private static Account lifetime(String budget) {
    return new Account(budget, Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  }

  private HoldResult hold(Hold... holds) {
    return ledger.hold(List.of(holds)).toCompletableFuture().join();
  }

  private void settle(Hold hold, long actual) {
    ledger.settle(List.of(hold), new long[] {actual}).toCompletableFuture().join();
  }

  private Balance balance(Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0);
  }

  @Test
  void aTableIsCreatedOnceHoweverManyAskForIt() {
    List<CompletableFuture<Void>> creations =
        IntStream.range(0, 4)
            .mapToObj(i -> DynamoDbLedger.createTable(CLIENT, "wanted").toCompletableFuture())
            .toList();
    creations.forEach(CompletableFuture::join);
    DynamoDbLedger.createTable(CLIENT, "wanted").toCompletableFuture().join();

    TableDescription found = CLIENT.describeTable(r -> r.tableName("wanted")).join().table();
    assertThat(found.billingModeSummary().billingMode()).isEqualTo(BillingMode.PAY_PER_REQUEST);
    assertThat(CLIENT.describeTimeToLive(r -> r.tableName("wanted")).join().timeToLiveDescription())
        .satisfies(
            ttl -> {
              assertThat(ttl.timeToLiveStatus()).isEqualTo(TimeToLiveStatus.ENABLED);
              assertThat(ttl.attributeName()).isEqualTo("expires");
            });
  }

  @Test
  void aTableOfSomethingElseIsNotTaken() {
    CLIENT
        .createTable(
            r ->
                r.tableName("orders")
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(
                        AttributeDefinition.builder()
                            .attributeName("order")
                            .attributeType("S")
                            .build())
                    .keySchema(
                        KeySchemaElement.builder().attributeName("order").keyType("HASH").build()))
        .join();

    assertThatThrownBy(
            () -> DynamoDbLedger.createTable(CLIENT, "orders").toCompletableFuture().join())
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("table orders is not a table of accounts");
  }

  @Test
  void aFullItemTakesNoMoreHoldsButSettlesAndIsFoundBehindOthers() {
    int fitting = 0;
    for (String budget : List.of("all", "some", "few")) {
      fitting = 0;
      while (hold(large(budget, fitting)) instanceof Held) {
        fitting++;
      }
    }

    assertThat(hold(large("all", fitting)))
        .isInstanceOfSatisfying(
            Full.class,
            full ->
                assertThat(full.reason())
                    .startsWith("the DynamoDB item of budget 'all'")
                    .contains("has no room for another open hold"));
    assertThat(hold(new Hold("both", lifetime("free"), 1, 10, true), large("few", fitting)))
        .isInstanceOfSatisfying(
            Full.class, full -> assertThat(full.reason()).contains("budget 'few'"));
    assertThat(balance(lifetime("free")).held()).isZero();
    assertThat(ledger.find(AccountQuery.all(10)).toCompletableFuture().join())
        .extracting(Balance::held)
        .as("of more than one page")
        .containsExactly(fitting + 0L, fitting + 0L, fitting + 0L);

    settle(large("all", 0), 3);

    assertThat(balance(ALL)).isEqualTo(new Balance(ALL, 3, fitting - 1, 0));
    assertThat(hold(large("all", fitting))).isInstanceOf(Held.class);
  }

  /** A hold of one token whose id is so long that few fit. */
  private static Hold large(String budget, int number) {
    return new Hold(number + "-" + "x".repeat(13_000), lifetime(budget), 1, 1_000, true);
  }

  @Test
  void holdsThatOnlyObserveAreTakenTogetherWithThoseThatAreEnforced() {
    Account watched = lifetime("watched");
    hold(new Hold("a", watched, 90, 100, true));
    Hold enforced = new Hold("b", ALL, 20, 100, true);
    Hold observing = new Hold("b", watched, 20, 100, false);

    assertThat(hold(enforced, observing))
        .isEqualTo(new Held(List.of(new Shortfall(observing, 10))));
    assertThat(balance(ALL).held()).isEqualTo(20);
    assertThat(balance(watched).held()).isEqualTo(110);

    assertThat(
            hold(
                new Hold("c", ALL, 81, 100, true),
                new Hold("c", watched, 1, 100, false),
                new Hold("c", lifetime("third"), 1, 100, true)))
        .isEqualTo(
            new HoldResult.Refused(List.of(new Shortfall(new Hold("c", ALL, 81, 100, true), 80))));
    assertThat(balance(watched).held()).isEqualTo(110);
    assertThat(balance(lifetime("third")).held()).isZero();
  }

  @Test
  void ofSeveralHoldsOnlyThoseThatAreMissingAreTaken() {
    Hold first = new Hold("a", ALL, 60, 100, true);
    Hold second = new Hold("a", lifetime("other"), 60, 100, true);
    hold(first);

    assertThat(hold(first, second)).isEqualTo(HoldResult.CLEAN);
    assertThat(hold(first, second)).isEqualTo(HoldResult.CLEAN);

    assertThat(balance(ALL).held()).isEqualTo(60);
    assertThat(balance(lifetime("other")).held()).isEqualTo(60);
  }

  @Test
  void sumsBeyondALongAreErrorsThatChangeNothing() {
    Hold open = new Hold("open", ALL, 10, 100, true);
    hold(open);

    assertThatThrownBy(
            () ->
                hold(
                    new Hold("a", lifetime("strict"), 5, 100, true),
                    new Hold("a", ALL, Long.MAX_VALUE, 100, false)))
        .hasCauseInstanceOf(ArithmeticException.class);
    hold(new Hold("b", ALL, 5, 100, true));
    assertThatThrownBy(() -> settle(open, Long.MAX_VALUE))
        .hasCauseInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> ledger.adjust(ALL, Long.MAX_VALUE).toCompletableFuture().join())
        .hasCauseInstanceOf(ArithmeticException.class);

    assertThat(balance(lifetime("strict")).held()).isZero();
    assertThat(balance(ALL)).isEqualTo(new Balance(ALL, 0, 15, 0));
  }

  @Test
  void anIdleAccountBeginsAnewForSeveralHoldsAndForACorrection() {
    Account run =
        new Account("run", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX, Duration.ofMinutes(5));
    Hold first = new Hold("a", run, 90, 100, true);
    hold(first);
    settle(first, 90);

    time.advance(Duration.ofMinutes(4));
    assertThat(hold(new Hold("b", ALL, 50, 100, true), new Hold("b", run, 50, 100, true)))
        .isInstanceOf(HoldResult.Refused.class);

    time.advance(Duration.ofMinutes(1));
    assertThat(ledger.find(AccountQuery.all(9)).toCompletableFuture().join()).isEmpty();
    Hold second = new Hold("c", run, 50, 100, true);
    assertThat(hold(new Hold("c", ALL, 50, 100, true), second)).isEqualTo(HoldResult.CLEAN);
    settle(second, 50);
    assertThat(balance(run)).isEqualTo(new Balance(run, 50, 0, 0));

    time.advance(Duration.ofMinutes(5));
    assertThat(ledger.adjust(run, 7).toCompletableFuture().join())
        .isEqualTo(new Settled(run, 0, 7));
  }

  @Test
  void correctionsAtTheSameTimeAllCount() {
    List<CompletableFuture<Settled>> corrections = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      corrections.add(ledger.adjust(ALL, 10).toCompletableFuture());
    }

    assertThat(corrections.stream().map(CompletableFuture::join).map(Settled::after))
        .containsExactlyInAnyOrder(10L, 20L, 30L, 40L, 50L, 60L, 70L, 80L);
    assertThat(balance(ALL).settled()).isEqualTo(80);
  }

  @Test
  void holdsAreToldOldestFirstAndReleasedAtWhatIsHeldNow() {
    hold(new Hold("young", ALL, 1, 100, true));
    time.set("2099-11-23T11:00:00Z");
    hold(new Hold("old", ALL, 60, 100, true));
    List<OpenHold> open = ledger.openHolds(ALL).toCompletableFuture().join();

    assertThat(open).extracting(OpenHold::id).containsExactly("old", "young");
    OpenHold remembered = new OpenHold("old", ALL, 59, null, true);
    assertThat(ledger.release(remembered).toCompletableFuture().join())
        .isEqualTo(new Balance(ALL, 0, 1, 0));
    OpenHold unknown = new OpenHold("unknown", ALL, 59, null, true);
    assertThat(ledger.release(unknown).toCompletableFuture().join())
        .isEqualTo(new Balance(ALL, 0, 1, 0));
  }

  @Test
  void itemsAreDeletedAfterTheGraceOfTheirWindow() {
    Instant end = Instant.parse("2099-11-24T00:00:00Z");
    Account day = new Account("day", Unit.TOKENS, "", end.minusSeconds(86_400), end);
    Account run =
        new Account("run", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX, Duration.ofMinutes(5));
    hold(
        new Hold("a", day, 1, 100, true),
        new Hold("a", run, 1, 100, true),
        new Hold("a", ALL, 1, 100, true));

    List<Map<String, AttributeValue>> items = CLIENT.scan(r -> r.tableName(table)).join().items();

    assertThat(items)
        .extracting(item -> item.get("account"), item -> item.get("expires"))
        .containsExactlyInAnyOrder(
            tuple(
                AttributeValue.fromS("TOKENS/2099-11-23T00:00:00Z/2099-11-24T00:00:00Z//3/day/"),
                seconds(end.plus(Duration.ofHours(1)))),
            tuple(
                AttributeValue.fromS("TOKENS/1970-01-01T00:00:00Z/" + Instant.MAX + "/PT5M/3/run/"),
                seconds(time.instant().plus(Duration.ofMinutes(125)))),
            tuple(
                AttributeValue.fromS("TOKENS/1970-01-01T00:00:00Z/" + Instant.MAX + "//3/all/"),
                null));
  }

  private static AttributeValue seconds(Instant instant) {
    return AttributeValue.fromN(Long.toString(instant.getEpochSecond()));
  }
}
