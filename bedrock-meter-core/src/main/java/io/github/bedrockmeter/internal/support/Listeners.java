// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls listeners as if they were perfect: what one throws is logged, and the next one runs. */
public final class Listeners {
  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  private final MeterListener[] listeners;

  public Listeners(List<MeterListener> listeners) {
    this.listeners = listeners.toArray(MeterListener[]::new);
  }

  /**
   * Notifies every listener of a call that was granted. The lambda of {@link #publish},
   * unallocated.
   */
  public void reserved(MeteredCall call) {
    for (MeterListener listener : listeners) {
      try {
        listener.onReserved(call);
      } catch (Throwable failure) {
        skip(listener, failure);
      }
    }
  }

  /** Notifies every listener of a call that ended. The lambda of {@link #publish}, unallocated. */
  public void usage(UsageEvent event) {
    for (MeterListener listener : listeners) {
      try {
        listener.onUsage(event);
      } catch (Throwable failure) {
        skip(listener, failure);
      }
    }
  }

  /** Notifies every listener, in the order they were registered. Never throws. */
  public void publish(Consumer<MeterListener> message) {
    for (MeterListener listener : listeners) {
      try {
        message.accept(listener);
      } catch (Throwable failure) {
        skip(listener, failure);
      }
    }
  }

  private static void skip(MeterListener listener, Throwable failure) {
    try {
      log.warn(
          "Listener {} failed and was skipped",
          listener.getClass().getName(),
          Printable.of(failure));
    } catch (Throwable unlogged) {
      // There is no more to be done about it, and the call goes on.
    }
  }
}
