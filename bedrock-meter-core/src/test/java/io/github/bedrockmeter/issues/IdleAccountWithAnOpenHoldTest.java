// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A settlement begins the idle time of an account at the moment in which another call takes a hold:
 * the account is kept while that hold is open.
 */
class IdleAccountWithAnOpenHoldTest {
  private static final int ROUNDS = 100_000;

  private final AtomicLong nanos = new AtomicLong();
  private final Ledger ledger = Ledger.inMemory(InstantSource.system(), nanos::get, 1_000);

  private static Account run(int round) {
    return new Account(
        "run", Unit.TOKENS, "run=" + round, Instant.EPOCH, Instant.MAX, Duration.ofSeconds(10));
  }

  private void take(String id, Account account) {
    ledger.hold(List.of(new Hold(id, account, 10, 1_000, true))).toCompletableFuture().join();
  }

  private void settle(String id, Account account, long actual) {
    ledger.settle(List.of(new Hold(id, account, 10, 1_000, true)), new long[] {actual});
  }

  @Test
  void noSettlementOfAnOpenHoldIsLost() throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      Future<?> settler =
          other.submit(
              () -> {
                for (int round = 0; round < ROUNDS; round++) {
                  together.await();
                  settle("first", run(round), 7);
                  together.await();
                }
                return null;
              });
      int lost = 0;
      for (int round = 0; round < ROUNDS; round++) {
        Account account = run(round);
        take("first", account);
        together.await();
        for (int i = 0; i < round % 40; i++) {
          Thread.onSpinWait();
        }
        take("second", account);
        together.await();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(20));
        settle("second", account, 5);
        long settled =
            ledger.balances(List.of(account)).toCompletableFuture().join().get(0).settled();
        lost += settled == 12 ? 0 : 1;
      }
      settler.get();

      assertThat(lost).isZero();
    } finally {
      other.shutdownNow();
    }
  }
}
