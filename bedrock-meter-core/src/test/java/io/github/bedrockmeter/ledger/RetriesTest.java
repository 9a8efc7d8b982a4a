// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.ledger.LedgerSupport.Retries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private static final Duration SHORT = Duration.ofMillis(1);

  private final Retries retries = Retries.pausing(SHORT, SHORT);
  private final AtomicInteger attempts = new AtomicInteger();

  /** Fails so many times, half of them by an exception that is thrown, then answers. */
  private CompletableFuture<String> failing(int times) {
    int attempt = attempts.incrementAndGet();
    if (attempt > times) {
      return CompletableFuture.completedFuture("answer");
    }
    if (attempt % 2 == 0) {
      throw new IllegalStateException("attempt " + attempt);
    }
    return CompletableFuture.failedFuture(
        new CompletionException(new IllegalStateException("attempt " + attempt)));
  }

  @Test
  void anAnswerThatIsThereAtOnceIsReturnedAsItIs() {
    CompletableFuture<String> first = CompletableFuture.completedFuture("answer");

    assertThat(retries.resume(first, () -> failing(0), failure -> true)).isSameAs(first);
    assertThat(attempts).hasValue(0);
  }

  @Test
  void aRequestIsRepeatedUntilItIsAnswered() {
    assertThat(retries.run(() -> failing(7), failure -> true))
        .succeedsWithin(10, TimeUnit.SECONDS)
        .isEqualTo("answer");
    assertThat(attempts).hasValue(8);
  }

  @Test
  void theLastFailureIsReturnedWithoutItsWrappers() {
    assertThat(retries.attempts(3).run(() -> failing(100), failure -> true))
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOf(IllegalStateException.class)
        .withMessage("attempt 3");
    assertThat(attempts).hasValue(3);
  }

  @Test
  void whatIsNotWorthRepeatingFailsAtOnce() {
    assertThat(
            retries.run(() -> failing(100), failure -> !(failure instanceof IllegalStateException)))
        .isCompletedExceptionally();
    assertThat(attempts).hasValue(1);
  }

  @Test
  void noAttemptIsBegunWhenTheTimeIsOver() {
    Retries brief = Retries.pausing(SHORT, SHORT).within(Duration.ofMillis(50));

    assertThat(brief.run(() -> failing(100_000), failure -> true))
        .failsWithin(10, TimeUnit.SECONDS);
    assertThat(attempts).hasValueGreaterThan(1);
    assertThat(brief.within(Duration.ZERO).run(() -> failing(100_000), failure -> true))
        .isCompletedExceptionally();
  }

  @Test
  void aLateAnswerOfAnEarlierAttemptIsTaken() {
    List<CompletableFuture<String>> answers = new ArrayList<>();
    CompletableFuture<String> end =
        retries
            .answerWithin(Duration.ofMillis(20))
            .run(
                () -> {
                  synchronized (answers) {
                    answers.add(new CompletableFuture<>());
                    return answers.get(answers.size() - 1);
                  }
                },
                failure -> failure instanceof LedgerUnavailableException);
    Awaitility.await()
        .until(
            () -> {
              synchronized (answers) {
                return answers.size() >= 3;
              }
            });

    synchronized (answers) {
      answers.get(0).complete("late");
    }

    assertThat(end).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo("late");
  }

  @Test
  void pausesGrowUpToTheLongest() {
    Retries growing = Retries.pausing(Duration.ofMillis(20), Duration.ofMillis(40)).attempts(5);
    long begin = System.nanoTime();

    assertThat(growing.run(() -> failing(100), failure -> true)).failsWithin(10, TimeUnit.SECONDS);

    // 20, 40, 40 and 40 ms, each at least half of it.
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThanOrEqualTo(Duration.ofMillis(70));
  }

  @Test
  void aPauseIsAMillisecondAtLeastAndThereIsOneAttempt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Retries.pausing(Duration.ZERO, SHORT))
        .withMessageStartingWith("first must be at least a millisecond")
        .withMessageEndingWith(": PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Retries.pausing(SHORT, Duration.ZERO))
        .withMessageStartingWith("longest must be at least a millisecond");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> retries.attempts(0))
        .withMessage("attempts must be positive, for example 10: 0");
  }
}
