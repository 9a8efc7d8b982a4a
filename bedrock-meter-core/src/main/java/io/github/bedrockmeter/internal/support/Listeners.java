// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/** Calls listeners as if they were perfect: what one throws is logged, and the next one runs. */
public final class Listeners {
  private static final Log log = Log.to(LoggerFactory.getLogger(Listeners.class));

  private final MeterListener[] listeners;
  private final OutageLog[] failures;

  public Listeners(List<MeterListener> listeners) {
    this.listeners = listeners.toArray(new MeterListener[0]);
    this.failures = new OutageLog[this.listeners.length];
    for (int i = 0; i < failures.length; i++) {
      failures[i] = failuresOf(this.listeners[i]);
    }
  }

  private Listeners(MeterListener[] listeners, OutageLog[] failures) {
    this.listeners = listeners;
    this.failures = failures;
  }

  /** These and one more, which is notified last. The failures of each are counted together. */
  public Listeners and(MeterListener last) {
    MeterListener[] all = Arrays.copyOf(listeners, listeners.length + 1);
    OutageLog[] logs = Arrays.copyOf(failures, all.length);
    all[listeners.length] = last;
    logs[listeners.length] = failuresOf(last);
    return new Listeners(all, logs);
  }

  private static OutageLog failuresOf(MeterListener listener) {
    return new OutageLog(
        log, "Listener " + listener.getClass().getName() + " failed and was skipped");
  }

  /**
   * Notifies every listener of a call that was granted. The lambda of {@link #publish},
   * unallocated.
   */
  public void reserved(MeteredCall call) {
    for (int i = 0; i < listeners.length; i++) {
      try {
        listeners[i].onReserved(call);
      } catch (Throwable failure) {
        skip(i, "call " + call.id(), failure);
      }
    }
  }

  /** Notifies every listener of a call that ended. The lambda of {@link #publish}, unallocated. */
  public void usage(UsageEvent event) {
    for (int i = 0; i < listeners.length; i++) {
      try {
        listeners[i].onUsage(event);
      } catch (Throwable failure) {
        skip(i, "call " + event.call().id(), failure);
      }
    }
  }

  /**
   * Notifies every listener, in the order they were registered. Never throws.
   *
   * @param subject what it is about, as {@code call 7f3a}, for the log
   */
  public void publish(String subject, Consumer<MeterListener> message) {
    for (int i = 0; i < listeners.length; i++) {
      try {
        message.accept(listeners[i]);
      } catch (Throwable failure) {
        skip(i, subject, failure);
      }
    }
  }

  private void skip(int listener, String subject, Throwable failure) {
    failures[listener].failed(subject, failure);
  }
}
