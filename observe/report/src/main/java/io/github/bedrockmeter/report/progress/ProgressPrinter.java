// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.progress;

import io.github.bedrockmeter.internal.text.Durations;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Prints progress: on a terminal a bar with rate and remaining time, for work that takes more than
 * two seconds; elsewhere a plain line every ten seconds. Starts no thread: it prints while the work
 * reports. Thread-safe.
 */
public final class ProgressPrinter implements Progress {
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int BAR = 20;
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrintWriter out;
  private final boolean isTerminal;
  private final LongSupplier nanos;
  private final String unit;

  // Guarded by this.
  private String what = "";
  private long total;
  private long done;
  private long began;
  private long printed;
  private int width;

  /**
   * A printer.
   *
   * @param out usually standard error
   * @param isTerminal whether what is printed can be overwritten
   * @param unit the name of a unit, such as "MB" of a million bytes or "rows"
   * @param nanos elapsed time
   */
  public ProgressPrinter(PrintWriter out, boolean isTerminal, String unit, LongSupplier nanos) {
    this.out = out;
    this.isTerminal = isTerminal;
    this.unit = unit;
    this.nanos = nanos;
  }

  @Override
  public synchronized void begin(String work, long units) {
    what = work;
    total = units;
    done = 0;
    width = 0;
    began = nanos.getAsLong();
    printed = began;
  }

  @Override
  public synchronized void advance(long units) {
    if (what.isEmpty()) {
      return; // it has ended
    }
    done += units;
    long now = nanos.getAsLong();
    boolean isDue =
        isTerminal
            ? now - began >= QUIET_NANOS && (width == 0 || now - printed >= REDRAW_NANOS)
            : now - printed >= LINE_NANOS;
    if (isDue) {
      printed = now;
      print(now);
    }
  }

  private void print(long now) {
    double seconds = Math.max((now - began) / NANOS_PER_SECOND, 1e-3);
    double rate = done / seconds;
    StringBuilder line = new StringBuilder(what).append(": ");
    if (total > 0) {
      double share = Math.min(1.0, (double) done / total);
      if (isTerminal) {
        int full = (int) (share * BAR);
        line.append('[').append("#".repeat(full)).append("-".repeat(BAR - full)).append("] ");
      }
      line.append(String.format(Locale.ROOT, "%d %%, ", (int) (share * 100)));
    }
    if (total == 0 && done == 0) {
      line.append(Durations.text(Duration.ofSeconds((long) seconds)));
    } else {
      line.append(
          String.format(Locale.ROOT, "%s %s, %s/s", amount(done), unit, amount((long) rate)));
    }
    if (total > done && rate > 0) {
      Duration left = Duration.ofSeconds((long) ((total - done) / rate));
      line.append(", ").append(Durations.text(left)).append(" left");
    }
    if (isTerminal) {
      String padded = line + " ".repeat(Math.max(0, width - line.length()));
      width = line.length();
      out.print("\r" + padded);
    } else {
      out.println(line);
    }
    out.flush();
  }

  private String amount(long units) {
    return unit.equals("MB")
        ? String.format(Locale.ROOT, "%.1f", units / 1e6)
        : String.format(Locale.ROOT, "%,d", units);
  }

  @Override
  public synchronized void end() {
    if (isTerminal && width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      out.flush();
    }
    width = 0;
    what = "";
  }
}
