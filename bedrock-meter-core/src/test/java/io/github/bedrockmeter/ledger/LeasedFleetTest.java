// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three leased ledgers over one remote ledger, as three processes would have them, and eight
 * threads with random amounts; the remote ledger answers late, fails, and loses answers after it
 * has done what was requested.
 */
class LeasedFleetTest {
  private static final Account SHARED = account("shared");
  private static final long LIMIT = 400_000;
  private static final int PROCESSES = 3;
  private static final int THREADS = 8;
  private static final int CALLS = 4_000;

  private final ExecutorService callers = Executors.newFixedThreadPool(THREADS);
  private final ScheduledExecutorService network = Executors.newScheduledThreadPool(2);
  private final Ledger store = Ledger.inMemory();
  private final LongAdder charged = new LongAdder();
  private final LongAdder taken = new LongAdder();
  private final AtomicLong crossings = new AtomicLong();

  private static Account account(String budget) {
    return new Account(budget, Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  }

  @AfterEach
  void stop() {
    callers.shutdownNow();
    network.shutdownNow();
  }

  /** A remote ledger as a network makes it. */
  private final class Remote extends ForwardingLedger {
    private final SplittableRandom random;
    private final int faultsInAThousand;
    final ConcurrentLinkedQueue<Balance> violations = new ConcurrentLinkedQueue<>();
    final AtomicInteger requests = new AtomicInteger();
    final AtomicInteger faults = new AtomicInteger();

    Remote(int seed, int faultsInAThousand) {
      super(store);
      this.random = new SplittableRandom(seed);
      this.faultsInAThousand = faultsInAThousand;
    }

    private <T> CompletionStage<T> sent(Supplier<CompletionStage<T>> request) {
      requests.incrementAndGet();
      int fate;
      int delay;
      synchronized (random) {
        fate = random.nextInt(1_000);
        delay = random.nextInt(400);
      }
      CompletableFuture<T> answer = new CompletableFuture<>();
      Runnable arrives =
          () -> {
            boolean fails = fate < faultsInAThousand;
            boolean isLost = !fails && fate < 2 * faultsInAThousand;
            T result = fails ? null : request.get().toCompletableFuture().join();
            look();
            if (fails || isLost) {
              faults.incrementAndGet();
              answer.completeExceptionally(new IllegalStateException("connection lost"));
            } else {
              answer.complete(result);
            }
          };
      network.schedule(arrives, delay, TimeUnit.MICROSECONDS);
      return answer;
    }

    private void look() {
      Balance now = balance();
      if (now.settled() + now.held() > LIMIT || now.held() < 0) {
        violations.add(now);
      }
    }

    @Override
    public CompletionStage<HoldResult> hold(List<Hold> holds) {
      return sent(() -> inner.hold(holds));
    }

    @Override
    public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
      return sent(() -> inner.settle(holds, actuals));
    }
  }

  private Balance balance() {
    return store.balances(List.of(SHARED)).toCompletableFuture().join().get(0);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "3, 20", "4, 100"})
  void noLimitIsExceededAndEveryUnitIsCharged(int seed, int faultsInAThousand) throws Exception {
    Remote remote = new Remote(seed, faultsInAThousand);
    List<Ledger> fleet = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      fleet.add(Ledger.leased(remote, Duration.ofMillis(5)));
    }
    List<Future<?>> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Ledger ledger = fleet.get(i % PROCESSES);
      SplittableRandom random = new SplittableRandom(seed * 100L + i);
      String thread = seed + "-" + i + "-";
      threads.add(callers.submit(() -> makeCalls(ledger, thread, random)));
    }
    for (Future<?> thread : threads) {
      thread.get(60, TimeUnit.SECONDS);
    }

    fleet.forEach(Ledger::close);

    // What was lost on the way to close is repeated after it.
    Awaitility.await().until(() -> balance().held() == 0);
    System.out.printf(
        "leases: %,d calls held in %,d requests, %,d of them failed%n",
        taken.sum(), remote.requests.get(), remote.faults.get());
    assertThat(remote.violations).isEmpty();
    assertThat(balance().settled()).isEqualTo(charged.sum()).isLessThanOrEqualTo(LIMIT);
    assertThat(balance().settled()).as("so that the limit was felt").isGreaterThan(LIMIT * 9 / 10);
    assertThat(crossings.get()).isLessThanOrEqualTo(1);
    if (faultsInAThousand == 0) {
      assertThat(crossings).hasValue(1);
      assertThat(taken.sum()).isGreaterThan(remote.requests.get());
    } else {
      assertThat(remote.faults).hasPositiveValue();
    }
  }

  private void makeCalls(Ledger ledger, String thread, SplittableRandom random) {
    List<Hold> open = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      long amount = random.nextLong(1, 50);
      List<Hold> holds = new ArrayList<>();
      holds.add(new Hold(thread + i, SHARED, amount, LIMIT, true));
      if (random.nextBoolean()) {
        Account own = account("own-" + random.nextInt(4));
        holds.add(random.nextInt(2), new Hold(thread + i, own, amount, 1_000_000, true));
      }
      HoldResult result;
      try {
        result = ledger.hold(holds).toCompletableFuture().join();
      } catch (CompletionException failed) {
        continue;
      }
      if (result instanceof Held) {
        taken.increment();
        if (random.nextInt(10) == 0) {
          open.addAll(holds);
        } else {
          settle(ledger, holds, random.nextLong(amount + 1));
        }
      }
    }
    for (Hold late : open) {
      settle(ledger, List.of(late), late.amount());
    }
  }

  private void settle(Ledger ledger, List<Hold> holds, long actual) {
    long[] actuals = new long[holds.size()];
    for (int i = 0; i < actuals.length; i++) {
      actuals[i] = actual;
      if (holds.get(i).account().equals(SHARED)) {
        charged.add(actual);
      }
    }
    ledger
        .settle(holds, actuals)
        .thenAccept(
            steps -> {
              for (Settled step : steps) {
                boolean passed = step.before() < LIMIT / 2 && step.after() >= LIMIT / 2;
                if (passed && step.account().equals(SHARED)) {
                  crossings.incrementAndGet();
                }
              }
            });
  }
}
