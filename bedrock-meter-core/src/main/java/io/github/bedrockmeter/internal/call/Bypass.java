// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.internal.text.Log;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The emergency switch: whether calls pass that would be denied, until when and why. It is looked
 * at when a call is about to be denied, so that it costs the others nothing. Thread-safe.
 */
public final class Bypass {
  private static final Log log = Log.to(LoggerFactory.getLogger(Bypass.class));

  private final InstantSource clock;
  private final Listeners listeners;
  private @Nullable BypassEvent open;
  private @Nullable String known;

  /** A switch that is off, unless the system property is set. */
  public Bypass(InstantSource clock, Listeners listeners) {
    this.clock = clock;
    this.listeners = listeners;
  }

  /** Lets calls pass until then. */
  public void open(String reason, Instant until) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException("reason must not be blank");
    }
    if (!until.isAfter(clock.instant())) {
      throw new IllegalArgumentException("until must be in the future: " + until);
    }
    set(new BypassEvent(reason, until, true));
  }

  /** Denies again; nothing, if no calls are let pass. What the system property says stays. */
  public void close(String reason) {
    BypassEvent ended;
    synchronized (this) {
      ended = open;
      open = null;
    }
    if (ended != null) {
      publish(new BypassEvent(reason, ended.until(), false));
    }
  }

  /** Until when calls pass; null if they do not. */
  public @Nullable Instant until() {
    BypassEvent now = now();
    return now == null ? null : now.until();
  }

  /** The bypass that is open; null if there is none. Never throws. */
  @Nullable BypassEvent now() {
    try {
      readProperty();
      BypassEvent ended;
      synchronized (this) {
        if (open == null || clock.instant().isBefore(open.until())) {
          return open;
        }
        ended = open;
        open = null;
      }
      publish(new BypassEvent(ended.reason(), ended.until(), false));
    } catch (Throwable failure) { // of a clock, or for lack of stack
      return null;
    }
    return null;
  }

  private void readProperty() {
    String value = System.getProperty(BypassProperty.NAME);
    synchronized (this) {
      if (Objects.equals(value, known)) {
        return;
      }
      known = value;
    }
    if (value != null && !value.isBlank()) {
      BypassEvent parsed = BypassProperty.parsed(value.strip());
      if (parsed != null) {
        set(parsed);
      }
    }
  }

  private void set(BypassEvent event) {
    if (!event.until().isAfter(clock.instant())) {
      return; // a property that was left behind
    }
    synchronized (this) {
      open = event;
    }
    publish(event);
  }

  private void publish(BypassEvent event) {
    if (event.begins()) {
      log.warn("All calls pass until {}, whatever budgets say: {}", event.until(), event.reason());
    } else {
      log.warn("Budgets are enforced again: {}", event.reason());
    }
    listeners.publish("a bypass", listener -> listener.onBypass(event));
  }
}
