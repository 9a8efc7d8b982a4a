// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Severity;
import io.github.bedrockmeter.alerts.AlertMessage.Count;
import io.github.bedrockmeter.internal.text.Log;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What waits for one channel, and when it may be sent. Confined to the thread that sends, except
 * for its counts.
 *
 * <p>A few messages may be sent at once, then one each interval. What waits longer is sent as one
 * digest; what finds no place to wait is counted in it. A message that cannot be sent is tried
 * again, at growing intervals, then dropped and counted.
 */
final class Outbox {
  private static final Log log = Log.to(LoggerFactory.getLogger(Outbox.class));

  /** So many messages may be sent at once after a quiet time. */
  static final int BURST = 3;

  private static final List<Duration> BACK_OFF =
      List.of(
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          Duration.ofSeconds(60));

  /** No receiver keeps a message waiting for longer. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  /** Beyond so many kinds and budgets, what found no place is counted by kind alone. */
  private static final int MOST_COUNTS = 100;

  private final AlertChannel channel;
  private final String name;
  private final Route route;
  private final Limits limits;
  private final Messages messages;
  private final LongSupplier nanoClock;
  private final Delivery delivery;
  private final BooleanSupplier closing;

  private final ArrayDeque<Alert> waiting = new ArrayDeque<>();
  private final Map<Count, Long> folded = new LinkedHashMap<>();
  private Severity mostFolded = Severity.INFO;
  private @Nullable AlertMessage sending;
  private int tries;
  private long nextTry;
  private long notSentBefore;
  private boolean failing;
  private boolean flushing;

  /** When the bucket of messages would be empty: each message moves it on by an interval. */
  private long emptyUntil;

  /**
   * Bounds of a channel.
   *
   * @param most so many alerts wait at most
   * @param interval between two messages, after a burst
   */
  record Limits(int most, Duration interval) {}

  /** A channel, and what goes to it. */
  record Target(AlertChannel channel, Route route) {}

  Outbox(
      int number,
      Target target,
      Limits limits,
      Messages messages,
      LongSupplier nanoClock,
      Delivery delivery,
      BooleanSupplier closing) {
    this.channel = target.channel();
    this.name = name(channel) + " " + number;
    this.route = target.route();
    this.limits = limits;
    this.messages = messages;
    this.nanoClock = nanoClock;
    this.delivery = delivery;
    this.closing = closing;
    this.emptyUntil = nanoClock.getAsLong() - BURST * limits.interval().toNanos();
  }

  private static String name(AlertChannel channel) {
    try {
      return channel.name();
    } catch (RuntimeException failure) {
      return "channel";
    }
  }

  /** Whether an alert goes this way. */
  boolean takes(Alert alert) {
    return route.takes(alert);
  }

  /** Takes an alert, if it goes this way. */
  void add(Alert alert) {
    if (!takes(alert)) {
      return;
    }
    if (waiting.size() < limits.most()) {
      waiting.add(alert);
      delivery.waiting(1);
    } else if (alert.severity() == Severity.CRITICAL && foldsOneThatIsNot()) {
      waiting.add(alert);
    } else {
      fold(alert);
    }
  }

  /** Counts the oldest that is not critical, in favour of one that is. False if there is none. */
  private boolean foldsOneThatIsNot() {
    for (Iterator<Alert> oldest = waiting.iterator(); oldest.hasNext(); ) {
      Alert alert = oldest.next();
      if (alert.severity() != Severity.CRITICAL) {
        oldest.remove();
        fold(alert);
        return true;
      }
    }
    return false;
  }

  private void fold(Alert alert) {
    fold(new Count(alert.kind(), alert.budget(), 1), alert.severity());
  }

  /** Counts alerts whose texts were not written, if they go this way. */
  void add(Count count) {
    if (route.takes(count)) {
      fold(count, Route.usual(count.kind()));
    }
  }

  private void fold(Count count, Severity severity) {
    if (severity.compareTo(mostFolded) > 0) {
      mostFolded = severity;
    }
    Count key = new Count(count.kind(), count.budget(), 0);
    if (!folded.containsKey(key) && folded.size() >= MOST_COUNTS) {
      key = new Count(count.kind(), null, 0);
    }
    folded.merge(key, count.count(), Long::sum);
  }

  /** Whether its last try failed. */
  boolean isFailing() {
    return failing;
  }

  /**
   * Sends what may be sent now.
   *
   * @return after how many nanoseconds there is more to do; {@link Long#MAX_VALUE} if nothing waits
   */
  long work() throws InterruptedException {
    while (true) {
      long now = nanoClock.getAsLong();
      if (sending != null) {
        if (now - nextTry < 0) {
          return nextTry - now;
        }
        attempt(sending);
      } else if (waiting.isEmpty() && folded.isEmpty()) {
        return Long.MAX_VALUE;
      } else {
        long interval = limits.interval().toNanos();
        long free = Math.min(BURST, (now - emptyUntil) / interval);
        if (free < 1) {
          return interval - (now - emptyUntil);
        }
        emptyUntil = Math.max(emptyUntil, now - BURST * interval) + interval;
        begin(waiting.size() <= free && folded.isEmpty() && notSentBefore == 0);
      }
    }
  }

  /** Takes one alert, or all that waits. */
  private void begin(boolean single) {
    if (single || (waiting.size() == 1 && folded.isEmpty())) {
      sending = messages.of(waiting.remove(), notSentBefore);
      delivery.waiting(-1);
    } else {
      List<Count> more = new ArrayList<>();
      folded.forEach((key, count) -> more.add(new Count(key.kind(), key.budget(), count)));
      sending = messages.digest(new ArrayList<>(waiting), more, mostFolded, notSentBefore);
      delivery.waiting(-waiting.size());
      waiting.clear();
      folded.clear();
      mostFolded = Severity.INFO;
    }
    tries = 0;
    nextTry = nanoClock.getAsLong();
  }

  private void attempt(AlertMessage message) throws InterruptedException {
    tries++;
    try {
      channel.send(message);
      delivery.sent();
      notSentBefore = 0;
      if (failing) {
        failing = false;
        log.info("Alerts are sent again to {}", name);
      }
      sending = null;
    } catch (AlertNotSentException failure) {
      failed(
          message, String.valueOf(failure.getMessage()), failure.mayRetry(), failure.retryAfter());
    } catch (InterruptedException interrupted) {
      if (closing.getAsBoolean()) {
        throw interrupted;
      }
      Thread.interrupted(); // a stray one, which the next try is not to meet again
      failed(message, "interrupted", true, null);
    } catch (RuntimeException | Error failure) {
      // Its message may hold a URL. To try again what ran out of memory would not end.
      failed(message, failure.getClass().getName(), false, null);
    }
  }

  private void failed(
      AlertMessage message, String reason, boolean mayRetry, @Nullable Duration retryAfter) {
    boolean again = mayRetry && tries <= BACK_OFF.size() && !flushing;
    if (!failing || !again) {
      log.warn(
          "An alert was not sent to {}: {}{}",
          name,
          reason,
          again ? "; it is tried again" : "; it is dropped after tries: " + tries);
    }
    failing = true;
    if (again) {
      Duration wait = BACK_OFF.get(tries - 1);
      if (retryAfter != null && retryAfter.compareTo(wait) > 0) {
        wait = retryAfter.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : retryAfter;
      }
      nextTry = nanoClock.getAsLong() + wait.toNanos();
    } else {
      sending = null;
      notSentBefore += message.count();
      delivery.notSent(message.count());
    }
  }

  /** Sends all that waits in one message, whatever the intervals say; each message once. */
  void flush() throws InterruptedException {
    flushing = true;
    if (sending != null) {
      attempt(sending);
    }
    if (!waiting.isEmpty() || !folded.isEmpty()) {
      begin(false);
      AlertMessage last = sending;
      if (last != null) {
        attempt(last);
      }
    }
  }

  /** Counts what is lost because its time is over. */
  void abandon() {
    AlertMessage last = sending;
    long lost = waiting.size() + folded.values().stream().mapToLong(Long::longValue).sum();
    lost += last == null ? 0 : last.count();
    if (lost > 0) {
      delivery.waiting(-waiting.size());
      delivery.notSent(lost);
      log.warn("{} alerts were not sent to {}, since the alerts were closed", lost, name);
    }
    waiting.clear();
    folded.clear();
    sending = null;
  }
}
