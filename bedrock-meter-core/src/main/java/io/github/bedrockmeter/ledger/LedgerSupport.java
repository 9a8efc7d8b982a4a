// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What ledgers in a shared store have in common. For authors of ledgers: checks of arguments, what
 * to do about answers of a store that fail, are late or are lost, {@link Retries}, and the {@link
 * Builder} of settings that all have. Checks throw an {@link IllegalArgumentException} that names
 * the argument and its value. Thread-safe.
 */
public final class LedgerSupport {
  /** How long a store remembers settlements: longer than the meter repeats one. */
  public static final Duration PROOF_TIME = Duration.ofMinutes(6);

  /** How long a meter may repeat a settlement at most: five minutes. */
  public static final Duration LONGEST_SETTLEMENT_TIME = Duration.ofMinutes(5);

  /** Longer chains of causes are circles. */
  private static final int LONGEST_CHAIN = 50;

  private LedgerSupport() {}

  /** Whether any amount was charged without its hold; see {@link Settled#withoutHold}. */
  public static boolean anyWithoutHold(List<Settled> steps) {
    if (steps instanceof SettledSteps) { // of a memory that loses nothing
      return false;
    }
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).withoutHold()) {
        return true;
      }
    }
    return false;
  }

  /** Checks the holds of {@link Ledger#hold}: each must be on an account of its own. */
  public static void checkHolds(List<Hold> holds) {
    // Calls have a few budgets, so comparing all is quicker than building a set.
    for (int i = 1; i < holds.size(); i++) {
      Account account = holds.get(i).account();
      for (int j = 0; j < i; j++) {
        if (account.equals(holds.get(j).account())) {
          throw new IllegalArgumentException(
              "holds must each be on an account of its own; named twice: " + account);
        }
      }
    }
  }

  /**
   * Checks the arguments of {@link Ledger#settle}: one amount for each hold, and none negative.
   *
   * @param actuals in the unit of each hold's account
   */
  public static void checkSettlement(List<Hold> holds, long[] actuals) {
    if (holds.size() != actuals.length) {
      throw new IllegalArgumentException(
          "actuals must be one for each hold: " + actuals.length + " for " + holds.size());
    }
    for (int i = 0; i < actuals.length; i++) {
      if (actuals[i] < 0) {
        throw new IllegalArgumentException(
            "actuals must not be negative: " + actuals[i] + " for " + holds.get(i));
      }
    }
  }

  /**
   * Checks that the store can keep the names of the holds' accounts.
   *
   * @param most the longest scope, in characters
   */
  public static void checkScopes(List<Hold> holds, int most) {
    for (int i = 0; i < holds.size(); i++) {
      Account account = holds.get(i).account();
      if (account.scope().length() > most) {
        throw new IllegalArgumentException(
            "a scope of budget '"
                + Escaped.text(account.budget())
                + "' must not have more than "
                + most
                + " characters: it has "
                + account.scope().length());
      }
    }
  }

  /**
   * Checks a setting that is a time; stores count in milliseconds.
   *
   * @param setting the setting's name, for the message
   * @return the time
   */
  public static Duration checkTime(String setting, Duration time) {
    if (time.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(
          setting + " must be at least a millisecond, for example PT1H: " + time);
    }
    return time;
  }

  /** Checks the interval of {@link Ledger#leased(Ledger, Duration)}. */
  static Duration checkInterval(Duration interval) {
    if (interval.compareTo(Duration.ofMillis(1)) < 0
        || interval.compareTo(Duration.ofSeconds(5)) > 0) {
      throw new IllegalArgumentException(
          "interval must be between a millisecond and five seconds, since warnings wait for it, for"
              + " example PT1S: "
              + interval);
    }
    return interval;
  }

  /** The answer to a request; one that fails where sending it threw an exception. Never throws. */
  public static <T> CompletableFuture<T> answer(Supplier<? extends CompletionStage<T>> request) {
    try {
      return request.get().toCompletableFuture();
    } catch (Throwable failure) { // of whatever kind: a caller waits for the answer
      return CompletableFuture.failedFuture(failure);
    }
  }

  /**
   * An answer that fails with a {@link LedgerUnavailableException} where there is none in time. The
   * answer itself is not cancelled, and may still come.
   *
   * @param time in real time
   * @param source who should answer, for the message: "the shared ledger"
   */
  public static <T> CompletableFuture<T> inTime(
      CompletableFuture<T> answer, Duration time, String source) {
    if (answer.isDone()) {
      return answer;
    }
    return answer
        .copy()
        .orTimeout(time.toNanos(), TimeUnit.NANOSECONDS)
        .exceptionallyCompose(
            failure ->
                CompletableFuture.failedFuture(
                    failure instanceof TimeoutException
                        ? new LedgerUnavailableException(
                            source
                                + " did not answer within "
                                + time
                                + "; check that its store is reachable and not overloaded",
                            failure)
                        : unwrapped(failure)));
  }

  /** The exception that made a stage fail, without the wrappers that stages put around it. */
  public static Throwable unwrapped(Throwable failure) {
    Throwable inner = failure;
    for (int i = 0; i < LONGEST_CHAIN; i++) {
      Throwable cause = inner.getCause();
      if (cause == null
          || !(inner instanceof CompletionException || inner instanceof ExecutionException)) {
        break;
      }
      inner = cause;
    }
    return inner;
  }

  /** Why there is no answer; an exception of our own where a stage completed with null. */
  static Throwable reason(@Nullable Throwable failure) {
    return failure != null
        ? unwrapped(failure)
        : new LedgerUnavailableException("the shared ledger answered with null", null);
  }

  /**
   * Gives back holds whose answer was lost: they may have been taken, and no call will use them.
   * Settling at zero releases what was taken, and does nothing about the rest. A hold that reaches
   * the store later than this is taken all the same; see {@code docs/decisions/0012}.
   *
   * @return what each settlement did; fails if the holds may still be held. Never throws
   */
  public static CompletableFuture<List<Settled>> giveBack(Ledger ledger, List<Hold> holds) {
    Objects.requireNonNull(ledger, "ledger");
    return answer(() -> ledger.settle(holds, new long[holds.size()]));
  }

  /**
   * How often, and after which pauses, a request to a store is repeated. Pauses double, and each is
   * up to half longer or shorter, so that a fleet does not repeat as one. Only for idempotent
   * requests. For authors of ledgers. Immutable and thread-safe.
   *
   * <p>Nothing blocks: the JDK's timer waits, and attempts run in its common pool.
   */
  public static final class Retries {
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
          checkTime("first", first),
          checkTime("longest", longest),
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
     * These, with an attempt repeated if it is not answered in this time. An answer that comes
     * later is taken all the same.
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
      return resume(answer(request), request, isWorthRepeating);
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

      Request(
          Supplier<? extends CompletionStage<T>> request, Predicate<Throwable> isWorthRepeating) {
        this.request = request;
        this.isWorthRepeating = isWorthRepeating;
      }

      /** Waits for an answer; one that comes while another attempt is made is welcome too. */
      void await(CompletableFuture<T> answer) {
        answer.thenAccept(end::complete);
        CompletableFuture<T> timely =
            answerTime.equals(FOREVER) ? answer : inTime(answer, answerTime, "the ledger");
        timely.whenComplete(
            (result, failure) -> {
              if (failure != null) {
                repeat(unwrapped(failure));
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
                    await(answer(request));
                  }
                });
      }

      private boolean hasTime() {
        return System.nanoTime() - beginNanos <= totalNanos - pauseNanos;
      }
    }
  }

  /**
   * The settings that every ledger in a shared store has. For authors of ledgers, whose builder
   * extends this one; users get a builder from {@code builder(...)} of a ledger, and a ledger with
   * the default settings from {@code over(...)}. Mutable, confined to one thread.
   *
   * @param <B> the builder itself
   */
  public abstract static class Builder<B extends Builder<B>> {
    private Duration abandonAfter = Duration.ofHours(1);
    private Duration grace = Duration.ofHours(1);

    /** A builder with the default settings. */
    protected Builder() {}

    /** This builder, for chains of calls. */
    protected abstract B self();

    /**
     * The age at which an open hold counts as abandoned, since its process must be gone; one hour
     * by default, at least a millisecond. Choose more than any call takes. Processes that share a
     * store use the same.
     */
    public final B abandonAfter(Duration age) {
      this.abandonAfter = checkTime("abandonAfter", age);
      return self();
    }

    /**
     * How long an account is kept after its window's end, so that calls in flight at that moment
     * are still settled in it; one hour by default, at least a millisecond. Processes that share a
     * store use the same. A call that ends later is charged without its hold; in a database, not.
     */
    public final B grace(Duration time) {
      this.grace = checkTime("grace", time);
      return self();
    }

    /** What {@link #abandonAfter(Duration)} was given. */
    protected final Duration abandonAfter() {
      return abandonAfter;
    }

    /** What {@link #grace(Duration)} was given. */
    protected final Duration grace() {
      return grace;
    }

    /** The ledger. */
    public abstract Ledger build();
  }
}
