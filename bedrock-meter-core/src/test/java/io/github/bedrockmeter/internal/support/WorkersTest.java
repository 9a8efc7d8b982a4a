// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {
  private final Workers workers = new Workers(null);

  @Test
  void noThreadIsStartedBeforeThereIsWork() {
    assertThat(workers.threads()).isZero();
    assertThat(workers.handOver(CompletableFuture.completedFuture(1)).join()).isEqualTo(1);
    assertThat(workers.threads()).isZero();
  }

  @Test
  void anIdleThreadIsUsedAgain() throws Exception {
    for (int i = 0; i < 50; i++) {
      CountDownLatch done = new CountDownLatch(1);
      workers.execute(done::countDown);
      assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(workers.threads()).isLessThan(25);
  }

  @Test
  void tasksBeyondTheMostThreadsWaitAndAllAreDone() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();
    for (int i = 0; i < 1_000; i++) {
      workers.execute(
          () -> {
            try {
              end.await();
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
            done.incrementAndGet();
          });
    }
    assertThat(workers.threads()).isEqualTo(200);

    end.countDown();

    Awaitility.await().until(() -> done.get() == 1_000);
  }

  @Test
  void closeEndsIdleThreadsAndTasksAreStillDone() {
    AtomicInteger done = new AtomicInteger();
    workers.execute(done::incrementAndGet);
    Awaitility.await().until(() -> done.get() == 1);

    workers.close();

    Awaitility.await().until(() -> workers.threads() == 0);
    workers.execute(done::incrementAndGet);
    Awaitility.await().until(() -> done.get() == 2);
    Awaitility.await().until(() -> workers.threads() == 0);
  }

  @Test
  void aTaskThatThrowsEndsNoOther() {
    AtomicInteger done = new AtomicInteger();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {});
    try {
      for (int i = 0; i < 10; i++) {
        workers.execute(
            () -> {
              done.incrementAndGet();
              throw new IllegalStateException("on purpose");
            });
      }
      Awaitility.await().dontCatchUncaughtExceptions().until(() -> done.get() == 10);
      workers.execute(done::incrementAndGet);
      Awaitility.await().dontCatchUncaughtExceptions().until(() -> done.get() == 11);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
