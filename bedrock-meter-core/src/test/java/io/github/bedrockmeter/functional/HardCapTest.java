// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;

/**
 * The promise users buy: settled + held never exceeds a limit, whatever happens to calls at the
 * same time. 32 threads, 100,000 calls with random estimates, results, failures and cancellations,
 * on budgets that overlap; first without streams, then with nothing else.
 */
class HardCapTest {
  private static final int THREADS = 32;
  private static final int CALLS = 100_000;

  private final ExecutorService callers = Executors.newFixedThreadPool(THREADS);
  private final ExecutorService network = Executors.newFixedThreadPool(4);
  private final CheckedLedger ledger = new CheckedLedger();
  private final Sums sums = new Sums();
  private final BedrockMeter meter =
      BedrockMeter.builder()
          .prices(
              PriceBook.of(
                  Map.of(
                      "model-0", rates("3.3", "16.5"),
                      "model-1", rates("0.06", "0.24"))))
          .estimator((request, bound) -> Usage.ofTokens(100, maxTokens(request)))
          .ledger(ledger)
          .listener(sums)
          .budget(
              Budget.named("all-usd")
                  .limit(Amount.usd("120"))
                  .window(Window.lifetime())
                  .warnAt(0.5, 0.9)
                  .build())
          .budget(
              Budget.named("team-tokens")
                  .limit(Amount.tokens(7_000_000))
                  .window(Window.lifetime())
                  .per("team")
                  .build())
          .budget(
              Budget.named("model-requests")
                  .limit(Amount.requests(45_000))
                  .window(Window.lifetime())
                  .perModel()
                  .build())
          .build();

  private static Rates rates(String input, String output) {
    return Rates.builder("test")
        .perMillion(Meter.INPUT, input)
        .perMillion(Meter.OUTPUT, output)
        .build();
  }

  private static long maxTokens(Object request) {
    return request instanceof ConverseRequest converse
        ? converse.inferenceConfig().maxTokens()
        : ((ConverseStreamRequest) request).inferenceConfig().maxTokens();
  }

  @AfterEach
  void stop() {
    callers.shutdownNow();
    network.shutdownNow();
  }

  @Test
  void settledAndHeldNeverExceedALimit() throws Exception {
    StubClients stub = new StubClients(network);
    BedrockRuntimeClient sync = meter.wrap(stub.sync());
    BedrockRuntimeAsyncClient async = meter.wrap(stub.async());

    run(
        random -> {
          ConverseRequest request = StubClients.converse(random);
          if (random.nextBoolean()) {
            sync.converse(request);
            return null;
          }
          CompletableFuture<?> future = async.converse(request);
          if (random.nextInt(10) == 0) {
            future.cancel(true);
          }
          return future;
        });

    assertEverythingAddsUp();
  }

  @Test
  void settledAndHeldNeverExceedALimitWithStreams() throws Exception {
    StubClients stub = new StubClients(network);
    BedrockRuntimeAsyncClient async = meter.wrap(stub.async());

    run(
        random -> {
          int events = random.nextInt(8);
          StreamCollector.Converse handler =
              random.nextInt(5) == 0
                  ? StreamCollector.cancellingAfter(events)
                  : StreamCollector.converse();
          CompletableFuture<?> future =
              async.converseStream(StubClients.converseStream(random), handler);
          if (random.nextInt(20) == 0) {
            future.cancel(true);
          }
          return future;
        });

    assertEverythingAddsUp();
  }

  private interface OneCall {
    @Nullable CompletableFuture<?> make(RandomGenerator random);
  }

  private void run(OneCall call) throws Exception {
    List<Future<?>> threads = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      SplittableRandom random = new SplittableRandom(thread);
      threads.add(
          callers.submit(
              () -> {
                for (int i = 0; i < CALLS / THREADS; i++) {
                  try {
                    CompletableFuture<?> future = call.make(random);
                    if (future != null && random.nextInt(4) == 0) {
                      future.exceptionally(failure -> null).join();
                    }
                  } catch (SdkException | CompletionException expected) {
                    assertThat(expected).isNotNull();
                  } catch (StubClients.Crash expected) {
                    assertThat(expected.getMessage()).isEqualTo("crash");
                  }
                }
              }));
    }
    for (Future<?> thread : threads) {
      thread.get(120, TimeUnit.SECONDS);
    }
    Awaitility.await().until(() -> sums.ended.sum() == sums.reserved.sum());
  }

  private void assertEverythingAddsUp() throws Exception {
    assertThat(ledger.violations).isEmpty();
    assertThat(sums.reserved.sum() + sums.denied.sum()).isEqualTo(CALLS);
    assertThat(sums.denied.sum()).as("denials, so that the limits were reached").isPositive();
    assertThat(sums.released.sum()).isPositive();
    assertThat(sums.estimated.sum()).isPositive();
    assertThat(sums.endedTwice).hasValue(0);
    long usd = 0;
    long tokens = 0;
    long requests = 0;
    for (BudgetStatus status : meter.status().get()) {
      assertThat(status.held().units()).as(status.toString()).isZero();
      assertThat(status.settled().units())
          .as(status.toString())
          .isLessThanOrEqualTo(status.budget().limit().units());
      switch (status.budget().limit().unit()) {
        case NANO_USD -> usd += status.settled().units();
        case TOKENS -> tokens += status.settled().units();
        case REQUESTS -> requests += status.settled().units();
      }
    }
    assertThat(usd).isEqualTo(sums.nanoUsd.sum());
    assertThat(tokens).isEqualTo(sums.tokens.sum());
    assertThat(requests).isEqualTo(sums.charged.sum());
  }

  /** Adds up what the events tell. */
  private static final class Sums implements MeterListener {
    final LongAdder reserved = new LongAdder();
    final LongAdder ended = new LongAdder();
    final LongAdder denied = new LongAdder();
    final LongAdder charged = new LongAdder();
    final LongAdder released = new LongAdder();
    final LongAdder estimated = new LongAdder();
    final LongAdder tokens = new LongAdder();
    final LongAdder nanoUsd = new LongAdder();
    final AtomicInteger endedTwice = new AtomicInteger();
    private final Map<String, Boolean> open = new ConcurrentHashMap<>();

    @Override
    public void onReserved(MeteredCall call) {
      open.put(call.id(), true);
      reserved.increment();
    }

    @Override
    public void onUsage(UsageEvent event) {
      if (open.remove(event.call().id()) == null) {
        endedTwice.incrementAndGet();
      }
      if (event.charge() == Charge.RELEASED) {
        released.increment();
      } else {
        charged.increment();
        tokens.add(event.usage().totalTokens());
        nanoUsd.add(((Cost.Known) event.cost()).nanoUsd());
        if (event.charge() == Charge.ESTIMATED) {
          estimated.increment();
        }
      }
      ended.increment();
    }

    @Override
    public void onDenied(DenialEvent event) {
      assertThat(new BudgetExceededException(event.denial()).getMessage()).contains("left");
      denied.increment();
    }
  }

  /** The in-memory ledger, whose balances are looked at after every hold. */
  private static final class CheckedLedger extends ForwardingLedger {
    private final AtomicLong looks = new AtomicLong();
    final List<String> violations = new CopyOnWriteArrayList<>();

    CheckedLedger() {
      super(Ledger.inMemory());
    }

    @Override
    public CompletionStage<HoldResult> hold(List<Hold> holds) {
      CompletionStage<HoldResult> result = inner.hold(holds);
      for (Hold hold : holds) {
        Balance balance =
            inner.balances(List.of(hold.account())).toCompletableFuture().join().get(0);
        looks.incrementAndGet();
        if (balance.settled() + balance.held() > hold.limit() || balance.held() < 0) {
          violations.add(balance + " beyond " + hold.limit());
        }
      }
      return result;
    }
  }
}
