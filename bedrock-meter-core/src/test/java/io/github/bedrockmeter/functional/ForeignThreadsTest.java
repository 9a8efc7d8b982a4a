// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** No foreign code runs on the thread on which a remote ledger answers, or on the JDK's timer. */
class ForeignThreadsTest {
  private static final String LOOP = "event-loop";
  private static final String WORKER = "bedrock-meter-";
  private static final String TIMER = "CompletableFutureDelayScheduler";
  private static final ConverseRequest REQUEST = Scene.converse(CLAUDE, 20);

  private final ExecutorService loop =
      Executors.newSingleThreadExecutor(task -> new Thread(task, LOOP));
  private final Map<String, String> threads = new ConcurrentHashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void stop() {
    end.countDown();
    loop.shutdown();
  }

  /** A remote ledger: one thread answers everything, a moment later. */
  private class Remote extends ForwardingLedger {
    Remote() {
      super(Ledger.inMemory());
    }

    <T> CompletionStage<T> later(Supplier<CompletionStage<T>> question) {
      CompletableFuture<T> answer = new CompletableFuture<>();
      loop.execute(
          () -> {
            try {
              answer.complete(question.get().toCompletableFuture().join());
            } catch (RuntimeException failure) {
              answer.completeExceptionally(failure);
            }
          });
      return answer;
    }

    @Override
    public CompletionStage<HoldResult> hold(List<Hold> holds) {
      return later(() -> inner.hold(holds));
    }

    @Override
    public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
      long[] kept = actuals.clone();
      return later(() -> inner.settle(holds, kept));
    }

    @Override
    public CompletionStage<List<Balance>> balances(List<Account> accounts) {
      return later(() -> inner.balances(accounts));
    }

    @Override
    public CompletionStage<Settled> adjust(Account account, long delta) {
      return later(() -> inner.adjust(account, delta));
    }
  }

  private static Budget.Builder budget(String name, long limit) {
    return Budget.named(name).limit(Amount.requests(limit)).window(Window.lifetime());
  }

  private BedrockMeter meter(UnaryOperator<BedrockMeter.Builder> settings) {
    return settings
        .apply(
            BedrockMeter.builder()
                .ledger(new Remote())
                .ledgerTimeout(Duration.ofSeconds(20))
                .listener(listener()))
        .build();
  }

  private void note(String what) {
    threads.put(what, Thread.currentThread().getName());
  }

  private MeterListener listener() {
    return new MeterListener() {
      @Override
      public void onReserved(MeteredCall call) {
        note("onReserved");
      }

      @Override
      public void onDenied(DenialEvent event) {
        note(event.enforced() ? "onDenied" : "shadow");
      }

      @Override
      public void onThreshold(ThresholdEvent event) {
        note("onThreshold");
      }

      @Override
      public void onBudgetChanged(BudgetChange change) {
        note("onBudgetChanged");
      }

      @Override
      public void onSettlementFailed(SettlementFailedEvent event) {
        note("onSettlementFailed");
      }
    };
  }

  /** A client that notes on which thread it sends. */
  private BedrockRuntimeAsyncClient noting() {
    return new BedrockRuntimeAsyncClient() {
      @Override
      public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
        note("send");
        return CompletableFuture.completedFuture(AnsweringClients.ANSWER);
      }

      @Override
      public String serviceName() {
        return "noting";
      }

      @Override
      public void close() {}
    };
  }

  private void noneRanOn(String thread) {
    assertThat(threads).isNotEmpty().doesNotContainValue(thread);
  }

  @Test
  void nothingOfACallRunsOnTheLedgersThread() {
    BedrockMeter meter =
        meter(
            s ->
                s.budget(budget("all", 2).warnAt(0.5).build())
                    .budget(budget("shadow", 0).mode(Budget.Mode.SHADOW).build()));
    BedrockRuntimeAsyncClient client = meter.wrap(noting());

    Scene.await(client.converse(REQUEST).whenComplete((answer, failure) -> note("granted")));
    Scene.await(client.converse(REQUEST));
    Scene.await(
        client
            .converse(REQUEST)
            .handle(
                (answer, failure) -> {
                  note("denied");
                  return failure;
                }));
    Scene.await(meter.status().whenComplete((status, failure) -> note("status")));
    Scene.await(
        meter
            .control("all")
            .credit("", Amount.requests(1), "test")
            .whenComplete((after, failure) -> note("credit")));
    meter.close();

    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(threads)
                    .containsKeys(
                        "send",
                        "onReserved",
                        "onDenied",
                        "shadow",
                        "onThreshold",
                        "onBudgetChanged",
                        "granted",
                        "denied",
                        "status",
                        "credit"));
    noneRanOn(LOOP);
  }

  @Test
  void slowContinuationsDoNotHoldUpOthers() {
    BedrockMeter meter =
        meter(
            s ->
                s.budget(budget("all", 1_000).build())
                    .budget(budget("none", 0).when(c -> c.modelId().equals("closed")).build()));
    BedrockRuntimeAsyncClient client = meter.wrap(AnsweringClients.async());
    BedrockRuntimeClient sync = meter.wrap(AnsweringClients.sync());
    CountDownLatch blocked = new CountDownLatch(16);
    CountDownLatch attached = new CountDownLatch(1);
    loop.execute(() -> await(attached));

    for (int i = 0; i < 8; i++) {
      client.converse(REQUEST).whenComplete((answer, failure) -> block(blocked));
      client.converse(r -> r.modelId("closed")).whenComplete((answer, failure) -> block(blocked));
    }
    attached.countDown();
    Awaitility.await().until(() -> blocked.getCount() == 0);

    for (int i = 0; i < 20; i++) {
      sync.converse(REQUEST);
      Scene.await(client.converse(REQUEST));
    }
    assertThatThrownBy(() -> sync.converse(r -> r.modelId("closed")))
        .hasMessageContaining("budget 'none'");
  }

  private void block(CountDownLatch blocked) {
    blocked.countDown();
    await(end);
  }

  /** With a bound that only a bug reaches. */
  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A ledger that never answers about holds. */
  private static Ledger silent() {
    return new ForwardingLedger(Ledger.inMemory()) {
      @Override
      public CompletionStage<HoldResult> hold(List<Hold> holds) {
        return new CompletableFuture<>();
      }
    };
  }

  @Test
  void theJdksTimerRunsNoContinuation() throws Exception {
    BedrockMeter meter =
        meter(
            s ->
                s.ledger(silent())
                    .ledgerTimeout(Duration.ofMillis(20))
                    .budget(budget("all", 1).build()));
    CountDownLatch blocked = new CountDownLatch(1);
    meter
        .wrap(AnsweringClients.async())
        .converse(REQUEST)
        .whenComplete(
            (answer, failure) -> {
              note("denied");
              block(blocked);
            });
    assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();

    assertThatThrownBy(
            () ->
                new CompletableFuture<String>()
                    .orTimeout(50, TimeUnit.MILLISECONDS)
                    .get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TimeoutException.class);
    noneRanOn(TIMER);
  }

  @Test
  void aCallThatFailsOpenIsNotSentOnTheTimer() {
    BedrockMeter meter =
        meter(
            s ->
                s.ledger(silent())
                    .ledgerTimeout(Duration.ofMillis(20))
                    .failOpen(true)
                    .budget(budget("all", 1).build()));

    Scene.await(meter.wrap(noting()).converse(REQUEST));

    assertThat(threads).containsKeys("send", "onReserved");
    noneRanOn(TIMER);
  }

  @Test
  void aWaitingCallIsNotTriedOnTheTimerOrByWhoMadeRoom() {
    BedrockMeter meter =
        meter(
            s ->
                s.ledger(Ledger.inMemory())
                    .budget(budget("one", 1).waitUpTo(Duration.ofSeconds(20)).build()));
    BedrockRuntimeAsyncClient client = meter.wrap(noting());
    Scene.await(client.converse(REQUEST));
    CompletableFuture<ConverseResponse> waiting = client.converse(REQUEST);
    threads.clear();

    Scene.await(meter.control("one").credit("", Amount.requests(1), "test"));
    Scene.await(waiting);

    assertThat(threads).containsKeys("send", "onReserved");
    assertThat(threads.get("send")).isNotEqualTo(Thread.currentThread().getName());
    noneRanOn(TIMER);
  }

  @Test
  void aFailedSettlementIsReportedOnAnotherThread() {
    Ledger remote =
        new Remote() {
          @Override
          public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
            return later(() -> CompletableFuture.failedFuture(new ArithmeticException("no")));
          }
        };
    BedrockMeter meter =
        meter(
            s ->
                s.ledger(remote)
                    .settlementTime(Duration.ofMillis(50))
                    .budget(budget("all", 1).build()));

    Scene.await(meter.wrap(AnsweringClients.async()).converse(REQUEST));

    Awaitility.await().until(() -> threads.containsKey("onSettlementFailed"));
    noneRanOn(LOOP);
  }

  @Test
  void aPolicyThatAnswersLateIsNotHeldUp() {
    BudgetPolicy remote =
        new BudgetPolicy() {
          @Override
          public BudgetDecision reserve(MeteredCall call) {
            return BudgetDecision.granted();
          }

          @Override
          public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
            return CompletableFuture.supplyAsync(
                BudgetDecision::granted,
                CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS, loop));
          }
        };
    BedrockMeter meter =
        meter(
            s ->
                s.ledger(Ledger.inMemory())
                    .policy(remote)
                    .budget(
                        budget("all", 1)
                            .when(
                                call -> {
                                  note("filter");
                                  return true;
                                })
                            .build()));

    Scene.await(meter.wrap(noting()).converse(REQUEST));

    assertThat(threads).containsKeys("filter", "send");
    noneRanOn(LOOP);
  }

  @Test
  void anInMemoryLedgerNeverChangesThreads() {
    BedrockMeter meter =
        meter(s -> s.ledger(Ledger.inMemory()).budget(budget("all", 1).warnAt(1).build()));
    BedrockRuntimeAsyncClient client = meter.wrap(noting());

    client.converse(REQUEST).whenComplete((answer, failure) -> note("granted"));
    client.converse(REQUEST).whenComplete((answer, failure) -> note("denied"));

    String own = Thread.currentThread().getName();
    assertThat(threads).containsKeys("send", "granted", "denied", "onThreshold", "onDenied");
    assertThat(threads.values()).containsOnly(own);
  }

  @Test
  void theExecutorOfTheBuilderIsUsed() {
    ExecutorService own = Executors.newFixedThreadPool(2, task -> new Thread(task, "mine"));
    try {
      BedrockMeter meter = meter(s -> s.executor(own).budget(budget("all", 1).build()));

      CountDownLatch asked = new CountDownLatch(1);
      loop.execute(() -> await(asked));

      CompletableFuture<ConverseResponse> call = meter.wrap(noting()).converse(REQUEST);
      asked.countDown();
      Scene.await(call);

      assertThat(threads).containsEntry("send", "mine");
    } finally {
      own.shutdown();
    }
  }

  @Test
  void anExecutorThatRefusesLosesNoCall() {
    ExecutorService closed = Executors.newSingleThreadExecutor();
    closed.shutdown();
    BedrockMeter meter = meter(s -> s.executor(closed).budget(budget("all", 1).build()));

    Scene.await(meter.wrap(noting()).converse(REQUEST));

    noneRanOn(LOOP);
  }

  @Test
  void closeEndsTheThreadsAndLaterCallsAreServed() {
    BedrockMeter meter = meter(s -> s.budget(budget("all", 100).build()));
    BedrockRuntimeAsyncClient client = meter.wrap(noting());
    Set<String> served = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      CountDownLatch asked = new CountDownLatch(1);
      loop.execute(() -> await(asked));
      CompletableFuture<ConverseResponse> call = client.converse(REQUEST);
      asked.countDown();
      Scene.await(call);
      served.add(threads.get("send"));
    }
    assertThat(served).allMatch(name -> name.startsWith(WORKER));

    meter.close();

    // Sooner than idle threads end by themselves. By name, since other tests' meters have them too.
    Awaitility.await()
        .atMost(Duration.ofSeconds(8))
        .until(() -> workers().stream().noneMatch(served::contains));
    Scene.await(client.converse(REQUEST));
    assertThat(Scene.await(meter.status()).get(0).settled()).isEqualTo(Amount.requests(6));
  }

  private static List<String> workers() {
    List<String> workers = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith(WORKER)) {
        assertThat(thread.isDaemon()).isTrue();
        workers.add(thread.getName());
      }
    }
    return workers;
  }
}
