// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.Window.Span;
import io.github.bedrockmeter.ledger.Account;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The meters that are watched, and what they know of a budget. Thread-safe. */
final class Meters {
  private final List<BedrockMeter> meters = new CopyOnWriteArrayList<>();
  private final Times times;

  Meters(Times times) {
    this.times = times;
  }

  void add(BedrockMeter meter) {
    meters.add(meter);
  }

  List<BedrockMeter> all() {
    return meters;
  }

  /** The mode that a budget is in; null where no meter has it. */
  @Nullable Mode mode(String name) {
    BudgetControl control = control(name);
    return control == null ? null : control.mode();
  }

  /** The span of a budget's window; a day, where no meter has it or its window never ends. */
  Span span(String name, Instant at) {
    BudgetControl control = control(name);
    Span span = control == null ? null : control.budget().window().spanAt(at);
    return span == null || span.isForever() ? day(at) : span;
  }

  /** The span of an account's window; a day, where it never ends. */
  Span span(Account account, Instant at) {
    return account.isForever() ? day(at) : new Span(account.start(), account.end());
  }

  private Span day(Instant at) {
    return new Span(times.day(at), times.nextDay(at));
  }

  private @Nullable BudgetControl control(String name) {
    for (BedrockMeter meter : meters) {
      try {
        return meter.control(name);
      } catch (IllegalArgumentException anotherMeters) {
        // The next one may have it.
      }
    }
    return null;
  }
}
