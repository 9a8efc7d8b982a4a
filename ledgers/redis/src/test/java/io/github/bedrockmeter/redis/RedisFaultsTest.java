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
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.FaultyProxy;
import io.github.bedrockmeter.support.RedisProcess;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/**
 * A server that stops, a network that cuts, delays and loses: callers wait no longer than they
 * must, and settled + held stays within the limit and is right in the end.
 */
class RedisFaultsTest {
  private static final Duration BOUND = Duration.ofMillis(50);

  /** For a machine that is busy with something else; a call that waits for a reply waits longer. */
  private static final Duration SLACK = Duration.ofSeconds(1);

  /** How long something may take that has no bound of its own. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Account CALLS =
      new Account("calls", Unit.REQUESTS, "", Instant.EPOCH, Instant.MAX);
  private static final ConverseRequest REQUEST =
      ConverseRequest.builder().modelId("model").inferenceConfig(c -> c.maxTokens(100)).build();

  private final RecordingListener listener = new RecordingListener();
  private final ClientResources quick =
      ClientResources.builder().reconnectDelay(Delay.constant(Duration.ofMillis(20))).build();
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private RedisProcess server;
  private FaultyProxy proxy;
  private RedisClient client;

  @BeforeEach
  void start() throws Exception {
    server = RedisProcess.start("appendonly yes");
    proxy = FaultyProxy.to(server.port());
    client = RedisClient.create(quick, RedisURI.create("127.0.0.1", proxy.port()));
  }

  @AfterEach
  void stop() throws Exception {
    threads.shutdownNow();
    client.shutdown();
    quick.shutdown(0, 1, TimeUnit.SECONDS);
    proxy.close();
    server.close();
  }

  /** A ledger behind the proxy, whose server knows its scripts. */
  private Ledger ledger() {
    Ledger ledger = RedisLedger.over(client.connect());
    List<Hold> warmUp = List.of(new Hold("warm-up", CALLS, 0, 10, true));
    await(ledger.hold(warmUp));
    await(ledger.settle(warmUp, new long[] {0}));
    await(ledger.adjust(CALLS, 0));
    return ledger;
  }

  private BedrockMeter meter(long limit) {
    return BedrockMeter.builder()
        .ledger(ledger())
        .ledgerTimeout(BOUND)
        .listener(listener)
        .budget(
            Budget.named("calls").limit(Amount.requests(limit)).window(Window.lifetime()).build())
        .budget(
            Budget.named("tokens")
                .limit(Amount.tokens(1_000_000))
                .window(Window.daily(ZoneOffset.UTC))
                .build())
        .build();
  }

  /** The server itself, past the proxy. */
  private RedisCommands<String, String> direct() {
    return client.connect(server.uri()).sync();
  }

  private Balance calls() {
    try (StatefulRedisConnection<String, String> direct = client.connect(server.uri())) {
      return await(RedisLedger.over(direct).balances(List.of(CALLS))).get(0);
    }
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  private void eventually(long settled, long held) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(calls()).isEqualTo(new Balance(CALLS, settled, held, 0)));
  }

  private static void isDeniedInTime(BedrockRuntimeClient client) {
    long start = System.nanoTime();
    assertThatThrownBy(() -> client.converse(REQUEST))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("did not answer within PT0.05S");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND.plus(SLACK));
  }

  private static void passesAgain(BedrockRuntimeClient bedrock) {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(BudgetExceededException.class)
        .until(() -> bedrock.converse(REQUEST) != null);
  }

  @Test
  void aSlowAnswerDelaysACallByTheBoundOnlyAndItsHoldIsGivenBack() {
    BedrockRuntimeClient bedrock = meter(10).wrap(CannedBedrock.client());
    bedrock.converse(REQUEST);
    eventually(1, 0);
    proxy.delayReplies(BOUND.plus(SLACK).multipliedBy(2));

    isDeniedInTime(bedrock);

    eventually(1, 1);
    eventually(1, 0);
    assertThat(listener.settlementFailures()).isEmpty();
  }

  @Test
  void aHoldWhoseReplyIsLostIsGivenBack() {
    BedrockRuntimeClient bedrock = meter(10).wrap(CannedBedrock.client());
    bedrock.converse(REQUEST);
    eventually(1, 0);
    proxy.swallowReplies(true);

    isDeniedInTime(bedrock);
    eventually(1, 1);
    proxy.swallowReplies(false);
    proxy.cut();

    eventually(1, 0);
    passesAgain(bedrock);
    eventually(2, 0);
  }

  @Test
  void aHoldThatTheClientGivesUpIsGivenBack() {
    client.setOptions(
        ClientOptions.builder()
            .timeoutOptions(TimeoutOptions.enabled(Duration.ofMillis(200)))
            .build());
    Ledger ledger = ledger();
    await(ledger.balances(List.of(CALLS)));
    proxy.swallowReplies(true);

    assertThatThrownBy(() -> await(ledger.hold(List.of(new Hold("a", CALLS, 1, 10, true)))))
        .cause()
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("Redis did not answer the ledger in time")
        .hasCauseInstanceOf(RedisCommandTimeoutException.class);

    eventually(0, 0);
  }

  @Test
  void aSettlementWhoseReplyIsLostIsRepeatedAndCountsOnce() {
    Ledger ledger = ledger();
    List<Hold> holds = List.of(new Hold("a", CALLS, 3, 10, true));
    await(ledger.hold(holds));
    proxy.swallowReplies(true);

    CompletionStage<List<Settled>> settled = ledger.settle(holds, new long[] {2});
    eventually(2, 0);
    assertThat(settled.toCompletableFuture()).isNotDone();
    proxy.swallowReplies(false);
    proxy.cut();

    assertThat(await(settled)).containsExactly(new Settled(CALLS, 2, 2));
    eventually(2, 0);
  }

  @Test
  void anAdjustmentWhoseReplyIsLostIsMadeOnceAndReportsWhatItDid() {
    Ledger ledger = ledger();
    await(ledger.adjust(CALLS, 5));
    proxy.swallowReplies(true);

    CompletionStage<Settled> adjusted = ledger.adjust(CALLS, 3);
    eventually(8, 0);
    proxy.swallowReplies(false);
    proxy.cut();

    assertThat(await(adjusted)).isEqualTo(new Settled(CALLS, 5, 8));
    eventually(8, 0);
  }

  @Test
  void callsOfAServerThatIsDownAreDeniedInTimeAndPassWhenItIsBack() throws Exception {
    BedrockRuntimeClient bedrock = meter(10).wrap(CannedBedrock.client());
    bedrock.converse(REQUEST);
    eventually(1, 0);
    server.stop();

    isDeniedInTime(bedrock);
    isDeniedInTime(bedrock);
    server.restart();

    eventually(1, 0);
    passesAgain(bedrock);
    eventually(2, 0);
  }

  @Test
  void whatIsHeldWhileTheServerIsDownIsSettledWhenItIsBack() throws Exception {
    Ledger ledger = ledger();
    List<Hold> holds = List.of(new Hold("a", CALLS, 3, 10, true));
    await(ledger.hold(holds));
    server.stop();

    CompletionStage<List<Settled>> settled = ledger.settle(holds, new long[] {2});
    server.restart();

    assertThat(await(settled)).containsExactly(new Settled(CALLS, 0, 2));
    eventually(2, 0);
  }

  @Test
  void aClientThatDoesNotQueueStillSettlesWhenTheServerIsBack() throws Exception {
    client.setOptions(
        ClientOptions.builder()
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .build());
    Ledger ledger = ledger();
    List<Hold> holds = List.of(new Hold("a", CALLS, 3, 10, true));
    await(ledger.hold(holds));
    proxy.refuse(true);
    proxy.cut();

    CompletionStage<List<Settled>> settled = ledger.settle(holds, new long[] {2});
    proxy.refuse(false);

    assertThat(await(settled)).containsExactly(new Settled(CALLS, 0, 2));
  }

  @Test
  void aLedgerLeavesAServerThatWasDemoted() throws Exception {
    Ledger ledger = ledger();
    List<Hold> holds = List.of(new Hold("a", CALLS, 3, 10, true));
    await(ledger.hold(holds));
    try (RedisProcess next = RedisProcess.start("replicaof 127.0.0.1 " + server.port());
        StatefulRedisConnection<String, String> toNext = client.connect(next.uri())) {
      Awaitility.await().atMost(PATIENCE).until(() -> toNext.sync().hexists(key(), "#a"));
      toNext.sync().replicaofNoOne();
      direct().replicaof("127.0.0.1", next.port());
      proxy.target(next.port());

      List<Hold> more = List.of(new Hold("b", CALLS, 1, 10, true));
      CompletionStage<HoldResult> refused = ledger.hold(more);
      CompletionStage<List<Settled>> settled = ledger.settle(holds, new long[] {2});

      assertThatThrownBy(() -> await(refused))
          .cause()
          .isInstanceOf(LedgerUnavailableException.class)
          .hasMessageContaining("READONLY")
          .hasCauseInstanceOf(RedisCommandExecutionException.class);
      assertThat(await(settled)).containsExactly(new Settled(CALLS, 0, 2));
      assertThat(await(ledger.hold(more))).isEqualTo(HoldResult.CLEAN);
      assertThat(toNext.sync().hgetall(key())).containsEntry("s", "2").containsEntry("t", "3");
    }
  }

  private void forgottenConnectionIsReplaced() throws InterruptedException {
    BedrockRuntimeClient bedrock = meter(1_000).wrap(CannedBedrock.client());
    bedrock.converse(REQUEST);
    eventually(1, 0);
    proxy.forget();
    isDeniedInTime(bedrock);
    long start = System.nanoTime();

    passesAgain(bedrock);

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(Silence.LONGEST.multipliedBy(4));
    eventually(2, 0);
  }

  @Test
  void aConnectionThatARelayHasForgottenIsReplacedWithinSeconds() throws Exception {
    forgottenConnectionIsReplaced();
  }

  @Test
  void aForgottenConnectionIsReplacedWithCommandTimeoutsToo() throws Exception {
    client.setOptions(
        ClientOptions.builder()
            .timeoutOptions(TimeoutOptions.enabled(Duration.ofMillis(500)))
            .build());
    forgottenConnectionIsReplaced();
  }

  /** The client gives commands up; those about a slice must not reach the next one. */
  @Test
  void leasesOverAServerThatStallsKeepTheLimit() throws Exception {
    int limit = 20;
    client.setOptions(
        ClientOptions.builder()
            .timeoutOptions(TimeoutOptions.enabled(Duration.ofMillis(200)))
            .build());
    try (Ledger leased = Ledger.leased(ledger(), Duration.ofMillis(100))) {
      RedisCommands<String, String> direct = direct();
      threads.execute(() -> direct.clientPause(1_500));
      int open = 0;
      long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      for (int i = 0; System.nanoTime() < end; i++) {
        List<Hold> call = List.of(new Hold("call-" + i, CALLS, 1, limit, true));
        CompletableFuture<HoldResult> answer = leased.hold(call).toCompletableFuture();
        try {
          open += answer.get(50, TimeUnit.MILLISECONDS) instanceof HoldResult.Held ? 1 : 0;
        } catch (TimeoutException | ExecutionException undecided) { // given back, as the meter does
          answer.whenComplete((late, failure) -> leased.settle(call, new long[1]));
        }
        TimeUnit.MILLISECONDS.sleep(10);
      }

      assertThat(open).isEqualTo(limit);
      eventually(0, limit);
    }
  }

  private static String key() {
    return new AccountKeys("bedrock-meter").of(CALLS);
  }

  /** Cuts, delays, lost replies and a restart, at random, until four callers spent the limit. */
  @Test
  void whateverHappensExactlyTheLimitIsSpent() throws Exception {
    int limit = 400;
    BedrockRuntimeClient bedrock = meter(limit).wrap(CannedBedrock.client());
    AtomicInteger passed = new AtomicInteger();
    for (int i = 0; i < 4; i++) {
      threads.execute(() -> callUntil(limit, passed, bedrock));
    }
    Random random = new Random(42);
    for (int fault = 0; fault < 12; fault++) {
      int some = Math.min(limit, passed.get() + 10);
      Awaitility.await().atMost(PATIENCE).until(() -> passed.get() >= some);
      if (fault == 6) {
        server.stop();
        server.restart();
      } else {
        proxy.delayReplies(Duration.ofMillis(random.nextInt(100)));
        proxy.swallowReplies(random.nextBoolean());
        Thread.sleep(random.nextInt(50));
        proxy.swallowReplies(false);
        proxy.delayReplies(Duration.ZERO);
        proxy.cut();
      }
      Balance now = calls();
      assertThat(now.settled() + now.held()).isLessThanOrEqualTo(limit);
    }

    eventually(limit, 0);
    assertThat(passed).hasValue(limit);
    assertThat(listener.denials()).isNotEmpty();
    assertThat(listener.settlementFailures()).isEmpty();
  }

  private static void callUntil(int limit, AtomicInteger passed, BedrockRuntimeClient bedrock) {
    while (passed.get() < limit) {
      try {
        bedrock.converse(REQUEST);
        passed.incrementAndGet();
      } catch (BudgetExceededException denied) {
        assertThat(denied)
            .hasMessageMatching("(?s).*(did not answer|failed 5 times in a row|'calls' has).*");
      }
      try {
        Thread.sleep(2);
      } catch (InterruptedException stopped) {
        return;
      }
    }
  }
}
