// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.FaultyProxy;
import io.github.bedrockmeter.support.RedisProcess;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * A server that forgets what it confirmed: ledgers that had used it notice, calls in flight are
 * charged, and no other call passes until an operator accepts it.
 */
class LostStoreTest {
  private static final Account DAY =
      new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  private static final Correction ANNA = new Correction("anna", "disk lost, balances filled again");

  private final ClientResources quick =
      ClientResources.builder().reconnectDelay(Delay.constant(Duration.ofMillis(20))).build();
  private RedisProcess server;
  private RedisClient client;

  @BeforeEach
  void start() throws Exception {
    server = RedisProcess.start();
    client = RedisClient.create(quick, server.uri());
  }

  @AfterEach
  void stop() throws Exception {
    client.shutdown();
    quick.shutdown(0, 1, TimeUnit.SECONDS);
    server.close();
  }

  private RedisLedger ledger() {
    RedisLedger ledger = RedisLedger.over(client.connect());
    await(ledger.balances(List.of(DAY))); // what it learns at its start, it knows now
    return ledger;
  }

  private RedisCommands<String, String> redis() {
    return client.connect(server.uri()).sync();
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static List<Hold> call(String id) {
    return List.of(new Hold(id, DAY, 60, 1_000, true));
  }

  private static void isDenied(RedisLedger ledger) {
    assertThatThrownBy(() -> await(ledger.hold(call("denied"))))
        .cause()
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessage(
            "Redis has lost what the ledger had stored, so calls are denied; correct the balances"
                + " if need be, then accept it with 'bedrock-meter accept-loss' or"
                + " RedisLedger.acceptLoss (BMLOST)")
        .hasCauseInstanceOf(RedisCommandExecutionException.class);
  }

  private static void passes(RedisLedger ledger, String id) {
    assertThat(await(ledger.hold(call(id)))).isEqualTo(HoldResult.CLEAN);
    assertThat(await(ledger.settle(call(id), new long[] {1})).get(0).withoutHold()).isFalse();
  }

  private static Settled settle(RedisLedger ledger, String id, long actual) {
    return await(ledger.settle(call(id), new long[] {actual})).get(0);
  }

  @Test
  void whatIsFlushedBetweenHoldAndSettlementIsChargedAndDeniesOtherCalls() {
    RedisLedger ledger = ledger();
    await(ledger.hold(call("a")));
    await(ledger.hold(call("b")));

    redis().flushall();

    assertThat(settle(ledger, "a", 45)).isEqualTo(new Settled(DAY, 0, 45, true));
    assertThat(settle(ledger, "a", 45)).isEqualTo(new Settled(DAY, 45, 45));
    isDenied(ledger);
    isDenied(ledger);
    assertThat(settle(ledger, "b", 5)).isEqualTo(new Settled(DAY, 45, 50, true));
  }

  @Test
  void aMeterWhoseStoreIsFlushedDuringACallReportsItAndDeniesTheNext() {
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .ledger(ledger())
            .ledgerTimeout(Duration.ofSeconds(10))
            .listener(listener)
            .budget(
                Budget.named("calls").limit(Amount.requests(10)).window(Window.lifetime()).build())
            .build();
    RedisCommands<String, String> redis = redis();
    BedrockRuntimeClient bedrock =
        meter.wrap(
            CannedBedrock.clientBuilder()
                .httpClientBuilder(CannedBedrock.httpClientBuilder())
                .overrideConfiguration(
                    o ->
                        o.addExecutionInterceptor(
                            new ExecutionInterceptor() {
                              @Override
                              public void beforeTransmission(
                                  Context.BeforeTransmission context, ExecutionAttributes all) {
                                redis.flushall();
                              }
                            }))
                .build());
    bedrock.converse(r -> r.modelId("model"));

    Awaitility.await().until(() -> listener.chargedWithoutHold().size() == 1);
    assertThatThrownBy(() -> bedrock.converse(r -> r.modelId("model")))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("Redis has lost what the ledger had stored")
        .hasCauseInstanceOf(LedgerUnavailableException.class);
    meter.close();
  }

  @Test
  void aLedgerThatHasOnlyReadTheStoreNoticesToo() {
    passes(ledger(), "a");
    RedisLedger idle = ledger();

    redis().flushall();

    isDenied(idle);
  }

  @Test
  void oneThatNoticesDeniesAllAndAlsoThoseThatStartLater() {
    RedisLedger old = ledger();
    passes(old, "a");
    redis().flushall();
    RedisLedger fresh = ledger();
    passes(fresh, "it cannot know");

    isDenied(old);

    isDenied(fresh);
    isDenied(ledger());
  }

  @Test
  void balancesAreFilledAgainWhileCallsAreDeniedAndAnOperatorAccepts() {
    RedisLedger first = ledger();
    RedisLedger second = ledger();
    RedisLedger idle = ledger();
    passes(first, "a");
    passes(second, "b");
    passes(idle, "c");
    redis().flushall();
    isDenied(first);
    RedisLedger operator = ledger();

    await(operator.adjust(DAY, 300, ANNA));
    isDenied(second);
    assertThat(await(operator.acceptLoss(ANNA))).isTrue();

    passes(first, "d");
    passes(second, "e");
    passes(ledger(), "f");
    passes(idle, "g");
    assertThat(await(first.balances(List.of(DAY)))).containsExactly(new Balance(DAY, 304, 0, 0));
    assertThat(redis().zrange("{bedrock-meter}:corrections", 0, -1))
        .hasSize(2)
        .anyMatch(n -> n.matches("adjust by anna: disk lost, .*; 0 -> 300 in .*day/TOKENS.* \\d+"))
        .anyMatch(n -> n.matches("accept-loss by anna: disk lost, .*"));
  }

  @Test
  void aSecondLossIsNoticedAfterTheFirstWasAccepted() {
    RedisLedger ledger = ledger();
    passes(ledger, "a");
    redis().flushall();
    isDenied(ledger);
    await(ledger.acceptLoss(ANNA));
    passes(ledger, "b");

    redis().flushall();

    isDenied(ledger);
    assertThat(await(ledger().acceptLoss(ANNA))).isTrue();
    passes(ledger, "c");
  }

  @Test
  void aStoreThatHasLostNothingIsAcceptedAtNoCost() {
    RedisLedger ledger = ledger();
    passes(ledger, "a");

    assertThat(await(ledger.acceptLoss(ANNA))).isFalse();

    passes(ledger, "b");
    passes(ledger, "c");
  }

  @Test
  void aRestartWithoutPersistenceIsNoticed() throws Exception {
    RedisLedger ledger = ledger();
    await(ledger.hold(call("a")));

    server.stop();
    server.restart();

    assertThat(settle(ledger, "a", 45)).isEqualTo(new Settled(DAY, 0, 45, true));
    isDenied(ledger);
  }

  @Test
  void aRestartThatLosesNothingIsNone() throws Exception {
    try (RedisProcess kept = RedisProcess.start("appendonly yes")) {
      RedisLedger ledger = RedisLedger.over(client.connect(kept.uri()));
      passes(ledger, "a");

      kept.stop();
      kept.restart();

      passes(ledger, "b");
    }
  }

  @Test
  void aRestoredBackupIsNoticed(@TempDir Path folder) throws Exception {
    try (RedisProcess saved = RedisProcess.start("dir " + folder, "save \"\"")) {
      RedisLedger ledger = RedisLedger.over(client.connect(saved.uri()));
      passes(ledger, "a");
      client.connect(saved.uri()).sync().save();
      Path backup = Files.copy(folder.resolve("dump.rdb"), folder.resolve("backup.rdb"));
      passes(ledger, "b");
      saved.stop();
      Files.move(backup, folder.resolve("dump.rdb"), StandardCopyOption.REPLACE_EXISTING);
      saved.restart();

      isDenied(ledger);
    }
  }

  @Test
  void aBackupOfBeforeAnAcceptedLossIsNoticed(@TempDir Path folder) throws Exception {
    try (RedisProcess saved = RedisProcess.start("dir " + folder, "save \"\"")) {
      RedisLedger ledger = RedisLedger.over(client.connect(saved.uri()));
      passes(ledger, "a");
      await(ledger.acceptLoss(ANNA));
      passes(ledger, "b");
      client.connect(saved.uri()).sync().save();
      await(ledger.acceptLoss(ANNA));
      passes(ledger, "c");
      saved.stop();
      saved.restart();

      isDenied(ledger);
    }
  }

  /** Its own write is missing, whatever others have written since. */
  @Test
  void aFailoverThatLosesWritesIsNoticedByTheOneThatMadeThem() throws Exception {
    try (FaultyProxy link = FaultyProxy.to(server.port());
        FaultyProxy front = FaultyProxy.to(server.port());
        RedisProcess replica = RedisProcess.start("replicaof 127.0.0.1 " + link.port());
        StatefulRedisConnection<String, String> toReplica = client.connect(replica.uri())) {
      RedisLedger loser = RedisLedger.over(client.connect(address(front)));
      RedisLedger other = RedisLedger.over(client.connect(address(front)));
      passes(loser, "a");
      passes(other, "b");
      Awaitility.await().until(() -> settledIn(toReplica, 2));
      link.refuse(true);
      link.cut();
      await(loser.hold(call("lost")));

      toReplica.sync().replicaofNoOne();
      front.target(replica.port());
      front.cut();

      for (int i = 0; i < 5; i++) {
        passes(other, "others write on " + i);
      }
      isDenied(loser);
      isDenied(other);
      assertThat(settle(loser, "lost", 45).withoutHold()).isTrue();
    }
  }

  /** What was under way is sent again, and counts up to what was confirmed before. */
  @Test
  void aFailoverUnderLoadIsNoticed() throws Exception {
    try (FaultyProxy link = FaultyProxy.to(server.port());
        FaultyProxy front = FaultyProxy.to(server.port());
        RedisProcess replica = RedisProcess.start("replicaof 127.0.0.1 " + link.port());
        StatefulRedisConnection<String, String> toReplica = client.connect(replica.uri())) {
      RedisLedger ledger = RedisLedger.over(client.connect(address(front)));
      passes(ledger, "a");
      Awaitility.await().until(() -> settledIn(toReplica, 1));
      link.refuse(true);
      link.cut();
      await(ledger.hold(call("lost 1")));
      await(ledger.hold(call("lost 2")));
      front.swallowReplies(true);
      List<CompletableFuture<HoldResult>> underWay =
          List.of(
              ledger.hold(call("c")).toCompletableFuture(),
              ledger.hold(call("d")).toCompletableFuture(),
              ledger.hold(call("e")).toCompletableFuture());

      toReplica.sync().replicaofNoOne();
      front.target(replica.port());
      front.swallowReplies(false);
      front.cut();
      underWay.forEach(LostStoreTest::settled);

      isDenied(ledger);
    }
  }

  private static void settled(CompletableFuture<HoldResult> hold) {
    try {
      await(hold);
    } catch (CompletionException denied) {
      assertThat(denied).hasCauseInstanceOf(LedgerUnavailableException.class);
    }
  }

  private static RedisURI address(FaultyProxy proxy) {
    return RedisURI.create("127.0.0.1", proxy.port());
  }

  private static boolean settledIn(StatefulRedisConnection<String, String> replica, int amount) {
    return Integer.toString(amount)
        .equals(replica.sync().hget(new AccountKeys("bedrock-meter").of(DAY), "s"));
  }

  @Test
  void aBusyLedgersWitnessIsKeptForADayAfterEachChange() {
    RedisLedger ledger = ledger();
    passes(ledger, "a");
    RedisCommands<String, String> redis = redis();
    List<String> witnesses = redis.keys("{bedrock-meter}:witness:*");
    assertThat(witnesses).isNotEmpty();
    witnesses.forEach(key -> redis.pexpire(key, Duration.ofMinutes(5).toMillis()));

    for (int i = 0; i < 10; i++) {
      passes(ledger, "b" + i);
    }

    assertThat(witnesses)
        .allMatch(key -> redis.pttl(key) > Duration.ofHours(23).toMillis(), "kept for a day");
  }

  @Test
  void aWitnessThatTheStoreForgotAfterADayIsNoLoss() {
    Witness witness = new Witness();
    witness.heard(witness.next(), 1_000, "0-a", 1, "");
    long later = Duration.ofHours(30).toMillis();

    witness.heard(witness.next(), later, "0-a", 1, "");
    assertThat(witness.next().confirmed()).isEqualTo(1);
    witness.heard(witness.next(), later, "0-a", 3, "");
    witness.heard(witness.next(), later, "0-a", 2, "");
    assertThat(witness.next().confirmed()).as("in another order").isEqualTo(3);

    witness.heard(witness.next(), later, "0-a", 3, "");
    assertThat(witness.next().confirmed()).as("a number given out twice").isGreaterThan(1L << 50);
  }
}
