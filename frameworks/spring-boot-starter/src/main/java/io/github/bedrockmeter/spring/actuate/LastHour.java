// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.internal.text.Escaped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What this process spent and was denied in the last sixty minutes, for the page of {@link
 * BudgetsEndpoint}. A meter that the application builds itself counts here if this bean is one of
 * its listeners. Its memory is bounded: sixty minutes, of each so many names. Thread-safe.
 */
public final class LastHour implements MeterListener {
  static final int MINUTES = 60;

  /** So many names of each kind are counted apart in a minute. */
  static final int MOST_NAMES = 50;

  private final InstantSource clock;
  private final AtomicReferenceArray<Minute> ring = new AtomicReferenceArray<>(MINUTES);
  private volatile boolean joined;

  /** Nothing yet. */
  public LastHour() {
    this(InstantSource.system());
  }

  LastHour(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void onUsage(UsageEvent event) {
    Spending spent = Spending.of(event.cost());
    String model = Escaped.text(event.call().modelId());
    String tags = tags(event);
    Minute minute = now();
    synchronized (minute) {
      minute.models.add(model, spent);
      minute.tags.add(tags, spent);
    }
  }

  private static String tags(UsageEvent event) {
    if (event.call().tags().isEmpty()) {
      return "(no tags)";
    }
    String text = event.call().tags().toString();
    return Escaped.text(text.substring(1, text.length() - 1));
  }

  @Override
  public void onDenied(DenialEvent event) {
    String name = event.denial().kind().label() + ": " + Escaped.text(event.denial().budget());
    Minute minute = now();
    synchronized (minute) {
      (event.enforced() ? minute.denied : minute.passed).add(name, Spending.denial());
    }
  }

  /** Says that a meter reports to this. */
  public LastHour join() {
    joined = true;
    return this;
  }

  /** The minute that it is, in the place of the one an hour before. */
  private Minute now() {
    joined = true;
    long number = number(clock.instant());
    return ring.updateAndGet(
        place(number),
        known -> known != null && known.number == number ? known : new Minute(number));
  }

  private static long number(Instant instant) {
    return Math.floorDiv(instant.getEpochSecond(), Duration.ofMinutes(1).toSeconds());
  }

  private static int place(long number) {
    return Math.floorMod(number, MINUTES);
  }

  /** The hour that ends with this minute. */
  View view() {
    long last = number(clock.instant());
    View view = new View(joined);
    for (long number = last - MINUTES + 1; number <= last; number++) {
      Minute minute = ring.get(place(number));
      view.add(number, minute == null || minute.number != number ? new Minute(number) : minute);
    }
    return view;
  }

  /** One minute. Guarded by itself. */
  private static final class Minute {
    final long number;
    final Rows models = new Rows(MOST_NAMES);
    final Rows tags = new Rows(MOST_NAMES);
    final Rows denied = new Rows(MOST_NAMES);
    final Rows passed = new Rows(MOST_NAMES);

    Minute(long number) {
      this.number = number;
    }
  }

  /** The hour as it was when it was asked for. Confined to one thread. */
  static final class View {
    /** A minute: when it began, what was spent, how many calls were denied. */
    record Bar(Instant at, Spending spent, long denied) {}

    final boolean isCounted;
    final List<Bar> bars = new ArrayList<>();
    final Rows models = new Rows(MINUTES * MOST_NAMES);
    final Rows tags = new Rows(MINUTES * MOST_NAMES);
    final Rows denied = new Rows(MINUTES * MOST_NAMES);
    final Rows passed = new Rows(MINUTES * MOST_NAMES);

    View(boolean isCounted) {
      this.isCounted = isCounted;
    }

    private void add(long number, Minute minute) {
      Instant at = Instant.ofEpochSecond(number * Duration.ofMinutes(1).toSeconds());
      synchronized (minute) {
        bars.add(new Bar(at, minute.models.sum(), minute.denied.sum().calls()));
        models.add(minute.models);
        tags.add(minute.tags);
        denied.add(minute.denied);
        passed.add(minute.passed);
      }
    }
  }
}
