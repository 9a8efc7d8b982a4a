// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * How often, and after which pauses, a request to a store is repeated. Pauses double, and each is
 * up to half longer or shorter, so that a fleet does not repeat as one. Only for requests that do
 * nothing the second time. For authors of ledgers. Immutable and thread-safe.
 *
 * <p>Nothing blocks: the JDK's timer waits, and attempts run in its common pool.
 */
public final class Retries {
  /** Where the pool has only one thread, a future would start a thread for each task instead. */
  static final Executor COMMON_POOL = task -> ForkJoinPool.commonPool().execute(task);

  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private final Duration firstPause;
  private final Duration longestPause;
  private final int attempts;
  private final long totalNanos;
  private final Duration answerTime;

  private Retries(
      Duration firstPause,
      Duration longestPause,
      int attempts,
      long totalNanos,
      Duration answerTime) {
    this.firstPause = firstPause;
    this.longestPause = longestPause;
    this.attempts = attempts;
    this.totalNanos = totalNanos;
    this.answerTime = answerTime;
  }

  /**
   * Retries without an end, until one is set.
   *
   * @param first the pause before the second attempt, at least a millisecond
   * @param longest the pause that later ones grow up to, at least a millisecond
   */
  public static Retries pausing(Duration first, Duration longest) {
    return new Retries(
        LedgerArguments.checkTime("first", first),
        LedgerArguments.checkTime("longest", longest),
        Integer.MAX_VALUE,
        Long.MAX_VALUE,
        FOREVER);
  }

  /** These, with so many attempts at most, the first one included. */
  public Retries attempts(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("attempts must be positive, for example 10: " + most);
    }
    return new Retries(firstPause, longestPause, most, totalNanos, answerTime);
  }

  /** These, with no attempt begun when so much real time has passed since the first one. */
  public Retries within(Duration time) {
    return new Retries(firstPause, longestPause, attempts, time.toNanos(), answerTime);
  }

  /**
   * These, with an attempt repeated if it is not answered in this time. An answer that comes later
   * is taken all the same.
   */
  public Retries answerWithin(Duration time) {
    return new Retries(firstPause, longestPause, attempts, totalNanos, time);
  }

  /**
   * Sends a request until it is answered.
   *
   * @param request sends it; what it throws counts as a failed attempt
   * @param isWorthRepeating whether another attempt may succeed where one failed like this
   * @return the first answer, or the failure of the last attempt
   */
  public <T> CompletableFuture<T> run(
      Supplier<? extends CompletionStage<T>> request, Predicate<Throwable> isWorthRepeating) {
    return resume(StoreAnswers.of(request), request, isWorthRepeating);
  }

  /**
   * Like {@link #run}, for a request that was sent a first time just now.
   *
   * @param first its answer, which is returned as it is if it is there already
   */
  public <T> CompletableFuture<T> resume(
      CompletableFuture<T> first,
      Supplier<? extends CompletionStage<T>> request,
      Predicate<Throwable> isWorthRepeating) {
    if (first.isDone() && !first.isCompletedExceptionally()) {
      return first;
    }
    Request<T> sent = new Request<>(request, isWorthRepeating);
    sent.await(first);
    return sent.end;
  }

  /** A request that was not answered at once. */
  private final class Request<T> {
    private final Supplier<? extends CompletionStage<T>> request;
    private final Predicate<Throwable> isWorthRepeating;
    private final long beginNanos = System.nanoTime();
    private final CompletableFuture<T> end = new CompletableFuture<>();
    private long pauseNanos = firstPause.toNanos();
    private int attempt = 1;

    Request(Supplier<? extends CompletionStage<T>> request, Predicate<Throwable> isWorthRepeating) {
      this.request = request;
      this.isWorthRepeating = isWorthRepeating;
    }

    /** Waits for an answer; one that comes while another attempt is made is welcome too. */
    void await(CompletableFuture<T> answer) {
      answer.thenAccept(end::complete);
      CompletableFuture<T> inTime =
          answerTime.equals(FOREVER)
              ? answer
              : StoreAnswers.within(answer, answerTime, "the ledger");
      inTime.whenComplete(
          (result, failure) -> {
            if (failure != null) {
              repeat(StoreAnswers.unwrapped(failure));
            }
          });
    }

    private void repeat(Throwable failure) {
      if (attempt >= attempts || !hasTime() || !isWorthRepeating.test(failure)) {
        end.completeExceptionally(failure);
        return;
      }
      attempt++;
      long pause = pauseNanos / 2 + ThreadLocalRandom.current().nextLong(pauseNanos);
      pauseNanos = Math.min(2 * pauseNanos, longestPause.toNanos());
      CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS, COMMON_POOL)
          .execute(
              () -> {
                if (!end.isDone()) {
                  await(StoreAnswers.of(request));
                }
              });
    }

    private boolean hasTime() {
      return System.nanoTime() - beginNanos <= totalNanos - pauseNanos;
    }
  }
}
