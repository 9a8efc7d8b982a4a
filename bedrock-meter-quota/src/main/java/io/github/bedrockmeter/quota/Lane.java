// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The quotas of one model in one region, and the calls that wait for them, in the order in which
 * they came. Thread-safe; no lock is held while a waiting call gets its answer.
 */
final class Lane {
  /*
   * Every call that can fit joins the queue, if only for a moment. A call that arrives, ends or
   * leaves runs the queue, as the alarm does: the calls at its head go as long as there is room. So
   * none overtakes another, a large call is not starved by small ones, and the first call needs no
   * path of its own.
   *
   * All calls have the same longest wait, so the head of the queue is the first that gives up, and
   * one alarm, for the head, is enough.
   */
  private static final CompletableFuture<@Nullable Void> DONE =
      CompletableFuture.completedFuture(null);

  /** Runs a short task later, on whatever thread. */
  interface Alarm {
    void after(long nanos, Runnable task);
  }

  private final String scope;
  private final List<QuotaBucket> buckets;
  private final ToLongFunction<Usage> tokensUsed;
  private final long longestWaitNanos;
  private final LongSupplier nanoClock;
  private final Alarm alarm;

  private final Object lock = new Object();
  private final Deque<Waiting> queue = new ArrayDeque<>();
  private boolean alarmIsSet;
  private long alarmAtNanos;

  /** Calls that were granted and have not ended. */
  private int open;

  private boolean isClosed;

  /**
   * @param scope which model and region, for denials
   * @param tokensUsed what a call that ended took of a token quota
   */
  Lane(
      String scope,
      List<QuotaBucket> buckets,
      ToLongFunction<Usage> tokensUsed,
      long longestWaitNanos,
      LongSupplier nanoClock,
      Alarm alarm) {
    this.scope = scope;
    this.buckets = List.copyOf(buckets);
    this.tokensUsed = tokensUsed;
    this.longestWaitNanos = longestWaitNanos;
    this.nanoClock = nanoClock;
    this.alarm = alarm;
  }

  /** A call in the queue. */
  private final class Waiting {
    final CompletableFuture<BudgetDecision> answer = new CompletableFuture<>();
    final long tokens;
    final List<QuotaBucket.Demand> demands = new ArrayList<>(buckets.size());
    final long sinceNanos = nanoClock.getAsLong();

    /** Where the answer is completed: at once if it is known, else where the caller said. */
    Executor completer = Runnable::run;

    Waiting(long tokens) {
      this.tokens = tokens;
      for (QuotaBucket bucket : buckets) {
        demands.add(bucket.new Demand(bucket.unit() == Unit.TOKENS ? tokens : 1));
      }
    }

    long nanosUntilRoom() {
      long longest = 0;
      for (QuotaBucket.Demand demand : demands) {
        longest = Math.max(longest, demand.nanosUntilRoom());
      }
      return longest;
    }

    long nanosLeft() {
      return longestWaitNanos - (nanoClock.getAsLong() - sinceNanos);
    }
  }

  /**
   * Takes what a call needs of every quota, or of none; the answer may come later, and no later
   * than the longest wait. Cancelling it leaves the queue.
   *
   * @param tokens what the call takes of a token quota at its start
   * @param completer where an answer that comes later is completed
   * @return null if the lane was closed; a new one takes its place
   */
  @Nullable CompletableFuture<BudgetDecision> reserve(long tokens, Executor completer) {
    Waiting call = new Waiting(tokens);
    List<Runnable> answers;
    synchronized (lock) {
      if (isClosed) {
        return null;
      }
      Denied denied = neverFits(call);
      if (denied != null) {
        return CompletableFuture.completedFuture(denied);
      }
      queue.addLast(call);
      answers = runQueue();
      if (queue.peekLast() == call) {
        call.completer = completer;
      }
    }
    answers.forEach(Runnable::run);
    call.answer.whenComplete(
        (decision, left) -> {
          if (left != null) {
            leave(call);
          }
        });
    return call.answer;
  }

  /** Closes a lane that a new one would equal: no call is in it, and its quotas are whole. */
  boolean closeIfUnused() {
    synchronized (lock) {
      isClosed =
          isClosed
              || (open == 0 && queue.isEmpty() && buckets.stream().allMatch(QuotaBucket::isFull));
      return isClosed;
    }
  }

  /** The denial of a call for which there is no room after any wait that it may make. */
  private @Nullable Denied neverFits(Waiting call) {
    for (QuotaBucket.Demand demand : call.demands) {
      if (demand.amount() > demand.bucket().quota()) {
        return denied(demand, null, "no wait makes room for it; lower its maxTokens");
      }
      Duration leastWait = demand.leastWait();
      if (leastWait.toNanos() > longestWaitNanos) {
        return denied(
            demand,
            null,
            "it would have to wait "
                + leastWait.toSeconds()
                + "s; lower its maxTokens, or raise waitUpTo or the headroom");
      }
    }
    return null;
  }

  /** Lets calls at the head go while there is room; returns their answers, to run unlocked. */
  private List<Runnable> runQueue() {
    List<Runnable> answers = new ArrayList<>();
    Waiting head = queue.peekFirst();
    while (head != null) {
      long nanos = head.nanosUntilRoom();
      long nanosLeft = head.nanosLeft();
      if (nanos > 0 && nanosLeft > 0) {
        setAlarm(Math.min(nanos, nanosLeft));
        break;
      }
      queue.removeFirst();
      answers.add(nanos == 0 ? granted(head) : denied(head));
      head = queue.peekFirst();
    }
    return answers;
  }

  private void setAlarm(long nanos) {
    long at = nanoClock.getAsLong() + nanos;
    if (!alarmIsSet || at - alarmAtNanos < 0) {
      alarmIsSet = true;
      alarmAtNanos = at;
      alarm.after(nanos, this::wake);
    }
  }

  private void wake() {
    changeAndRun(() -> alarmIsSet = false);
  }

  private void leave(Waiting call) {
    changeAndRun(
        () -> {
          if (queue.remove(call)) {
            call.demands.forEach(QuotaBucket.Demand::payBack);
          }
        });
  }

  private void changeAndRun(Runnable change) {
    List<Runnable> answers;
    synchronized (lock) {
      Waiting head = queue.peekFirst();
      if (head != null) {
        head.demands.forEach(QuotaBucket.Demand::setAside); // of what there is before the change
      }
      change.run();
      answers = runQueue();
    }
    answers.forEach(Runnable::run);
  }

  private Runnable granted(Waiting call) {
    call.demands.forEach(QuotaBucket.Demand::take);
    open++;
    Held held = new Held(call);
    return answer(call, new Granted(held), held::release);
  }

  private Runnable denied(Waiting call) {
    QuotaBucket.Demand tightest =
        Collections.max(call.demands, Comparator.comparingLong(QuotaBucket.Demand::nanosUntilRoom));
    Duration retryAfter = Duration.ofNanos(tightest.nanosUntilRoom());
    call.demands.forEach(QuotaBucket.Demand::payBack);
    String why =
        longestWaitNanos == 0
            ? "it did not wait"
            : "it waited " + Duration.ofNanos(longestWaitNanos).toSeconds() + "s";
    return answer(call, denied(tightest, retryAfter, why), () -> {});
  }

  private Denied denied(QuotaBucket.Demand demand, @Nullable Duration retryAfter, String why) {
    QuotaBucket bucket = demand.bucket();
    return new Denied(
        DenialKind.AWS_QUOTA,
        bucket.name(),
        scope,
        new Amount(demand.amount(), bucket.unit()),
        new Amount(bucket.available(), bucket.unit()),
        retryAfter,
        "the quota here is " + bucket + "; " + why,
        null);
  }

  private static Runnable answer(Waiting call, BudgetDecision decision, Runnable ifItLeft) {
    return () ->
        call.completer.execute(
            () -> {
              if (!call.answer.complete(decision)) {
                ifItLeft.run();
              }
            });
  }

  /** What a granted call has taken. */
  private final class Held implements Reservation {
    private final Waiting call;

    Held(Waiting call) {
      this.call = call;
    }

    @Override
    public CompletionStage<?> commit(Usage usage, Cost cost) {
      long used = tokensUsed.applyAsLong(usage);
      long surcharge = Math.max(0, used - call.tokens);
      changeAndRun(
          () -> {
            open--;
            for (QuotaBucket bucket : buckets) {
              if (bucket.unit() == Unit.TOKENS) {
                bucket.take(surcharge);
                bucket.giveBack(Math.max(0, call.tokens - used));
              }
            }
            Waiting head = queue.peekFirst();
            if (head != null) {
              head.demands.forEach(demand -> demand.surcharged(surcharge));
            }
          });
      return DONE;
    }

    @Override
    public CompletionStage<?> release() {
      changeAndRun(
          () -> {
            open--;
            for (QuotaBucket.Demand demand : call.demands) {
              demand.bucket().giveBack(demand.amount());
            }
          });
      return DONE;
    }
  }
}
