// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.FleetOnce.Once;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window.Span;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.LedgerSupport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Looks at meters now and then, for what no event reports: whether the ledger answers, the pace of
 * budgets, abandoned holds. Confined to the thread that sends, but for {@link #denied}, {@link
 * #exhausted} and {@link #look}.
 */
final class Watch {
  private static final Log log = Log.to(LoggerFactory.getLogger(Watch.class));
  private static final OutageLog UNREAD =
      new OutageLog(log, "Budgets could not be looked at, so that no alert knows their pace");

  /** Of each budget, so many balances are looked at, the largest ones. */
  private static final int MOST_BALANCES = 100;

  /** An answer that takes longer is given up. */
  private static final Duration LONGEST_ANSWER = Duration.ofMinutes(1);

  private final Meters meters;
  private final long intervalNanos;
  private final InstantSource clock;
  private final LongSupplier nanoClock;
  private final BudgetTexts budgetTexts;
  private final MeterTexts meterTexts;
  private final Seen alerted;
  private final Seen exhausted;
  private final Consumer<Candidate> raise;
  private final BiConsumer<Kind, String> repeated;
  private final Map<BedrockMeter, State> states = new HashMap<>();
  private final LongAdder denied = new LongAdder();
  private volatile boolean asked;

  /** What is known of one meter. */
  private static final class State {
    private long nextLook;
    private @Nullable Instant downSince;
    private long deniedBefore;
    private @Nullable CompletableFuture<List<BudgetStatus>> question;
    private long questionAt;
  }

  /** What a balance was alerted about. */
  private record Key(Kind kind, Account account) {}

  Watch(
      Meters meters,
      Duration interval,
      InstantSource clock,
      LongSupplier nanoClock,
      Times times,
      int mostRemembered,
      Consumer<Candidate> raise,
      BiConsumer<Kind, String> repeated) {
    this.meters = meters;
    this.intervalNanos = interval.toNanos();
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.budgetTexts = new BudgetTexts(times);
    this.meterTexts = new MeterTexts(times);
    this.alerted = new Seen(mostRemembered);
    this.exhausted = new Seen(mostRemembered);
    this.raise = raise;
    this.repeated = repeated;
  }

  /** A call was denied because the ledger did not answer. */
  void denied() {
    denied.increment();
  }

  /** A balance is exhausted, so that its pace is no news in this window. */
  void exhausted(Account account, Instant at) {
    exhausted.remember(account, at, meters.span(account, at).end());
  }

  /** Asks for a look at the ledgers' health with the next work. */
  void look() {
    asked = true;
  }

  /**
   * Looks at what is due.
   *
   * @param wake called on any thread when there is more to do
   * @return after how many nanoseconds there is more to do; {@link Long#MAX_VALUE} if no meter is
   *     watched
   */
  long work(Runnable wake) {
    long next = Long.MAX_VALUE;
    boolean wasAsked = asked;
    asked = false;
    long now = nanoClock.getAsLong();
    for (BedrockMeter meter : meters.all()) {
      State state = states.get(meter);
      if (state == null) {
        state = new State();
        state.nextLook = now;
        states.put(meter, state);
      }
      boolean isDue = now - state.nextLook >= 0;
      if (isDue || wasAsked) {
        health(meter, state);
      }
      if (isDue) {
        state.nextLook = now + intervalNanos;
        ask(meter, state, now, wake);
      }
      read(state);
      next = Math.min(next, state.nextLook - now);
    }
    return next;
  }

  private void health(BedrockMeter meter, State state) {
    BedrockMeter.Health health = meter.health();
    Instant now = clock.instant();
    Instant since = state.downSince;
    if (!health.ledgerAnswers() && since == null) {
      state.downSince = now;
      state.deniedBefore = denied.sum();
      boolean passing = health.bypassedUntil() != null;
      raise.accept(
          new Candidate(Kind.LEDGER_OUTAGE, null, () -> meterTexts.outage(now, passing), null));
    } else if (health.ledgerAnswers() && since != null) {
      state.downSince = null;
      long count = denied.sum() - state.deniedBefore;
      raise.accept(
          new Candidate(
              Kind.LEDGER_RECOVERED, null, () -> meterTexts.recovered(since, now, count), null));
    }
  }

  private void ask(BedrockMeter meter, State state, long now, Runnable wake) {
    CompletableFuture<List<BudgetStatus>> before = state.question;
    if (before != null) {
      if (now - state.questionAt < LONGEST_ANSWER.toNanos()) {
        return; // it has not been answered yet
      }
      before.cancel(false);
    }
    state.questionAt = now;
    try {
      state.question = meter.snapshot(MOST_BALANCES);
    } catch (RuntimeException failure) { // of a ledger that throws instead of answering
      state.question = CompletableFuture.failedFuture(failure);
    }
    state.question.whenComplete((answer, failure) -> wake.run());
  }

  private void read(State state) {
    CompletableFuture<List<BudgetStatus>> question = state.question;
    if (question == null || !question.isDone()) {
      return;
    }
    state.question = null;
    List<BudgetStatus> statuses;
    try {
      statuses = question.join();
      UNREAD.worked();
    } catch (RuntimeException failure) {
      UNREAD.failed("a snapshot of the ledger", LedgerSupport.unwrapped(failure));
      return;
    }
    for (BudgetStatus status : statuses) {
      pace(status);
      abandoned(status);
    }
  }

  private void pace(BudgetStatus status) {
    Instant goneAt = Pace.goneAt(status);
    if (goneAt != null && !exhausted.knows(status.balance().account(), status.at())) {
      raiseOnce(Kind.PACE, status, () -> budgetTexts.pace(status, goneAt));
    }
  }

  private void abandoned(BudgetStatus status) {
    if (status.abandoned().units() > 0) {
      raiseOnce(Kind.ABANDONED_HOLDS, status, () -> budgetTexts.abandoned(status));
    } else {
      alerted.forget(new Key(Kind.ABANDONED_HOLDS, status.balance().account()));
    }
  }

  private void raiseOnce(Kind kind, BudgetStatus status, Supplier<Alert> text) {
    Account account = status.balance().account();
    Span span = meters.span(account, status.at());
    Seen.News news = alerted.look(new Key(kind, account), status.at(), span::end);
    if (news == Seen.News.FIRST) {
      String key = kind + "\n" + account.budget() + "\n" + account.scope();
      raise.accept(
          new Candidate(kind, account.budget(), text, new Once(key, span.start(), span.end())));
    } else if (news == Seen.News.NO_ROOM) {
      repeated.accept(kind, account.budget());
    }
  }
}
