// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A minute's worth of 1,000 denials a second, as fast as four callers can make them. */
final class Flood {
  static final int DENIALS = 60_000;
  private static final int CALLERS = 4;

  private Flood() {}

  /**
   * Denies calls, and checks after each that the queue keeps to its limit.
   *
   * @return the figures, in a line
   */
  static String through(CloudWatchMetrics sink, int capacity, String target) throws Exception {
    DenialEvent denial =
        SampleEvents.denied(SampleCalls.converse().tags("costCenter", "x").build(), "daily", "no");
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    List<Future<long[]>> delays = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < CALLERS; i++) {
      delays.add(callers.submit(() -> denied(sink, denial, capacity)));
    }
    long[] all = new long[DENIALS];
    int next = 0;
    for (Future<long[]> delay : delays) {
      long[] own = delay.get(120, TimeUnit.SECONDS);
      System.arraycopy(own, 0, all, next, own.length);
      next += own.length;
    }
    long elapsed = System.nanoTime() - begin;
    callers.shutdownNow();
    Arrays.sort(all);
    // A target that is waited for would never let a caller go. The rest is a busy machine's.
    assertThat(elapsed).isLessThan(TimeUnit.MINUTES.toNanos(1));
    assertThat(all[DENIALS / 2]).isLessThan(TimeUnit.MILLISECONDS.toNanos(1));
    assertThat(all[DENIALS - 1]).isLessThan(TimeUnit.SECONDS.toNanos(5));
    return String.format(
        "cloudwatch: %,d denials in %,d ms to %s; a call was delayed by %,d ns (median), %,d ns"
            + " (99.9 %%), %,d ns (most); %,d written, %,d waiting, %,d dropped",
        DENIALS,
        elapsed / 1_000_000,
        target,
        all[DENIALS / 2],
        all[DENIALS - DENIALS / 1_000],
        all[DENIALS - 1],
        sink.written(),
        sink.pending(),
        sink.dropped());
  }

  private static long[] denied(CloudWatchMetrics sink, DenialEvent denial, int capacity) {
    long[] delays = new long[DENIALS / CALLERS];
    long mostPending = 0;
    for (int i = 0; i < delays.length; i++) {
      long begin = System.nanoTime();
      sink.onDenied(denial);
      delays[i] = System.nanoTime() - begin;
      mostPending = Math.max(mostPending, sink.pending());
    }
    assertThat(mostPending).isBetween(1L, capacity + 1L); // and the one that is being written
    return delays;
  }
}
