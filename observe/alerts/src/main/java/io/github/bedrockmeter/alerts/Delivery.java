// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How alerts fare, over all channels. Thread-safe. */
final class Delivery {
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong notSent = new AtomicLong();

  void waiting(int change) {
    waiting.addAndGet(change);
  }

  void sent() {
    sent.incrementAndGet();
  }

  void notSent(long alerts) {
    notSent.addAndGet(alerts);
  }

  int waiting() {
    return waiting.get();
  }

  long messagesSent() {
    return sent.get();
  }

  long alertsNotSent() {
    return notSent.get();
  }
}
