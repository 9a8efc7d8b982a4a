// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.AlertMessage.Count;
import io.github.bedrockmeter.alerts.FleetOnce.Once;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.ledger.Ledger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Takes what is to be alerted from any thread, and sends it on one. {@link #raise} and {@link
 * #repeated} are thread-safe and wait for nothing; the rest is confined to the thread that sends.
 */
final class Sending implements Worker.Work {
  private static final Log log = Log.to(LoggerFactory.getLogger(Sending.class));
  private static final OutageLog UNWRITTEN =
      new OutageLog(log, "The text of an alert could not be written; it is counted");
  private static final Duration CLOSING_TIME = Duration.ofSeconds(10);

  /** With a ledger to ask, channels are looked at so often while much is to be heard. */
  private static final long ROUND_NANOS = Duration.ofSeconds(1).toNanos();

  /** At the end the ledger is asked for so long; then each process sends. */
  private static final long LAST_ASKING_NANOS = Duration.ofSeconds(2).toNanos();

  /** What has not been looked at yet: a second's worth of many. */
  private static final int MOST_RAISED = 1_000;

  private final Settings settings;
  private final MeterTexts texts;
  private final ArrayBlockingQueue<Candidate> raised = new ArrayBlockingQueue<>(MOST_RAISED);
  private final Repeats unheard = new Repeats();
  private final Repeats repeats = new Repeats();
  private final Delivery delivery = new Delivery();
  private final List<Outbox> outboxes = new ArrayList<>();
  private final @Nullable FleetOnce fleet;
  private final @Nullable Worker worker;
  private @Nullable Watch watch;
  private boolean counting;
  private long countingSince;
  private Instant countingFrom = Instant.EPOCH;
  private volatile boolean closed;

  /**
   * What alerts were built with.
   *
   * @param ledger where processes agree on who sends; null if each sends
   * @param ownThread whether a thread does the work; else tests do
   */
  record Settings(
      List<Outbox.Target> channels,
      Outbox.Limits limits,
      Duration repeatEvery,
      @Nullable String source,
      @Nullable Ledger ledger,
      InstantSource clock,
      LongSupplier nanoClock,
      boolean ownThread) {}

  Sending(Settings settings, MeterTexts texts) {
    this.settings = settings;
    this.texts = texts;
    Messages messages = new Messages(settings.source(), settings.clock());
    for (Outbox.Target channel : settings.channels()) {
      outboxes.add(
          new Outbox(
              outboxes.size() + 1,
              channel,
              settings.limits(),
              messages,
              settings.nanoClock(),
              delivery,
              () -> closed));
    }
    Ledger ledger = settings.ledger();
    this.fleet = ledger == null ? null : new FleetOnce(ledger, settings.nanoClock());
    this.worker =
        settings.ownThread()
            ? new Worker(this, new OutageLog(log, "The thread that sends alerts failed"))
            : null;
  }

  /** What looks at meters, from the first work on. */
  void watching(Watch watch) {
    this.watch = watch;
  }

  /** Takes what is to be alerted. What finds no place is counted. */
  void raise(Candidate candidate) {
    if (closed) {
      return;
    }
    if (!raised.offer(candidate)) {
      unheard.add(candidate.kind(), candidate.budget());
    }
    wake();
  }

  /** Counts what happened again after its alert. */
  void repeated(Kind kind, @Nullable String budget) {
    if (!closed && repeats.add(kind, budget)) {
      wake();
    }
  }

  /** Lets the thread look soon. */
  void wake() {
    if (worker != null && !closed) {
      worker.wake();
    }
  }

  /** How many alerts wait, over all channels. */
  int waiting() {
    return raised.size() + delivery.waiting();
  }

  /** What was sent, and what was not. */
  Delivery delivery() {
    return delivery;
  }

  @Override
  public long run() throws InterruptedException {
    Watch watching = watch;
    long next = watching == null ? Long.MAX_VALUE : watching.work(this::wake);
    next = Math.min(next, countRepeats());
    hearARound();
    for (Outbox outbox : outboxes) {
      next = Math.min(next, outbox.work());
    }
    return raised.isEmpty() ? next : 0;
  }

  /** Hands what was raised to the channels that take it, for about a second. */
  private void hearARound() throws InterruptedException {
    long began = settings.nanoClock().getAsLong();
    for (int i = 0; i < MOST_RAISED && !closed; i++) {
      Candidate candidate = raised.peek();
      if (candidate == null || settings.nanoClock().getAsLong() - began >= ROUND_NANOS) {
        break;
      }
      hear(candidate, Long.MAX_VALUE);
      raised.remove();
    }
    hearUnheard();
  }

  /** Hands all that was raised to the channels that take it. */
  private void hearTheRest() throws InterruptedException {
    long began = settings.nanoClock().getAsLong();
    for (int i = 0; i < MOST_RAISED; i++) {
      Candidate candidate = raised.peek();
      if (candidate == null) {
        break;
      }
      hear(candidate, LAST_ASKING_NANOS - (settings.nanoClock().getAsLong() - began));
      raised.remove();
    }
    hearUnheard();
  }

  private void hearUnheard() {
    for (Count count : unheard.drain()) {
      outboxes.forEach(outbox -> outbox.add(count));
    }
  }

  /**
   * Hands one to the channels that take it.
   *
   * @param longest what the ledger may take to answer; it is not asked for zero and less
   */
  private void hear(Candidate candidate, long longest) throws InterruptedException {
    Alert alert;
    try {
      alert = candidate.text().get();
    } catch (RuntimeException unwritable) {
      UNWRITTEN.failed(candidate.kind().label(), unwritable);
      unheard.add(candidate.kind(), candidate.budget());
      return;
    }
    if (outboxes.stream().noneMatch(outbox -> outbox.takes(alert))) {
      return; // and is left to processes that have a channel for it
    }
    if (!isFirst(candidate.once(), longest)) {
      return; // another process sends it
    }
    outboxes.forEach(outbox -> outbox.add(alert));
  }

  private boolean isFirst(@Nullable Once once, long longest) throws InterruptedException {
    if (fleet == null || once == null || longest <= 0) {
      return true;
    }
    try {
      return fleet.isFirst(once, longest);
    } catch (InterruptedException interrupted) {
      if (closed) {
        throw interrupted;
      }
      return true; // a stray one: the ledger may have taken the claim for this process
    }
  }

  /** Raises how often something happened again, when it has been counted for long enough. */
  private long countRepeats() {
    if (!repeats.any()) {
      return Long.MAX_VALUE;
    }
    long now = settings.nanoClock().getAsLong();
    if (!counting) {
      counting = true;
      countingSince = now;
      countingFrom = settings.clock().instant();
    }
    long left = settings.repeatEvery().toNanos() - (now - countingSince);
    if (left > 0) {
      return left;
    }
    raiseRepeats();
    return Long.MAX_VALUE;
  }

  private void raiseRepeats() {
    counting = false;
    Instant now = settings.clock().instant();
    Instant from = countingFrom;
    for (Count count : repeats.drain()) {
      Alert alert = texts.repeated(count, from, now);
      outboxes.forEach(outbox -> outbox.add(alert));
    }
  }

  @Override
  public void end() throws InterruptedException {
    hearTheRest();
    if (repeats.any()) {
      raiseRepeats();
    }
    // Those that did not answer last time come last, since they may take all the time there is.
    List<Outbox> quickest = new ArrayList<>(outboxes);
    quickest.sort(Comparator.comparing(Outbox::isFailing));
    for (Outbox outbox : quickest) {
      outbox.flush();
    }
  }

  /** Sends what waits, and ends the thread. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean ended;
    if (worker == null) {
      ended = endHere();
    } else {
      ended = worker.end(CLOSING_TIME);
    }
    if (ended) {
      outboxes.forEach(Outbox::abandon);
      delivery.notSent(raised.size());
      raised.clear();
    } else {
      log.warn("The thread that sends alerts did not end, since a channel does not stop");
    }
  }

  private boolean endHere() {
    try {
      end();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return true;
  }
}
