// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * A wall clock and a clock of elapsed nanoseconds that change only when a test sets them: pass it
 * to {@code BedrockMeter.builder().clock(time).nanoClock(time)}. Thread-safe.
 */
public final class FakeTime implements InstantSource, LongSupplier {
  private volatile Instant now;

  private FakeTime(Instant now) {
    this.now = now;
  }

  /** A clock set to an instant, written as {@code 2026-11-23T10:15:30Z}. */
  public static FakeTime at(String instant) {
    return new FakeTime(Instant.parse(instant));
  }

  /** Sets the time, forwards or backwards. */
  public void set(String instant) {
    now = Instant.parse(instant);
  }

  /** Moves the time forwards. */
  public synchronized void advance(Duration duration) {
    now = now.plus(duration);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public long getAsLong() {
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
