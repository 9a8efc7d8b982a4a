// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Calls of many tenants, 200 a second on 32 threads, of which every fourth is the noisy tenant's:
 * the one whose account a test has put into trouble. Thread-safe.
 */
public final class NoisyNeighbour {
  private static final int THREADS = 32;
  private static final int CALLS_A_SECOND = 200;
  private static final int NOISY_ONE_IN = 4;

  private final Consumer<String> call;

  /**
   * Calls that are made in one way.
   *
   * @param call makes a call of a tenant, and throws what denies it
   */
  public NoisyNeighbour(Consumer<String> call) {
    this.call = call;
  }

  /**
   * What became of the calls. Immutable and thread-safe.
   *
   * @param others how many calls the other tenants made
   * @param passed how many of these passed
   * @param p99Millis within what time 99 % of those that passed did
   * @param why the messages of those that were denied, and how often
   * @param noisyPassed how many calls of the noisy tenant passed
   */
  public record Result(
      long others, long passed, long p99Millis, Map<String, Integer> why, long noisyPassed) {

    /** The share of the other tenants' calls that passed, in percent. */
    public double percentPassed() {
      return 100.0 * passed / others;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%.1f %% of the other tenants' calls passed, p99 %d ms (%d calls%s; of the noisy tenant"
              + " %d passed)",
          percentPassed(),
          p99Millis,
          others,
          why.isEmpty() ? "" : ", denied: " + why,
          noisyPassed);
    }
  }

  /** What one thread saw. */
  private record Seen(List<Long> passedMillis, Map<String, Integer> denied, long noisyPassed) {}

  /**
   * Makes calls for some time. Before it begins, each of the other tenants makes one, so that
   * classes are loaded and connections made.
   */
  public Result run(String noisy, Duration length) throws InterruptedException, ExecutionException {
    for (int thread = 0; thread < THREADS; thread++) {
      try {
        call.accept(nameOf(thread));
      } catch (RuntimeException denied) {
        // What is measured begins later.
      }
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      long end = System.nanoTime() + length.toNanos();
      List<Future<Seen>> running = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        running.add(
            threads.submit(
                () -> thread % NOISY_ONE_IN == 0 ? noise(noisy, end) : callOthers(thread, end)));
      }
      List<Seen> seen = new ArrayList<>();
      for (Future<Seen> each : running) {
        seen.add(each.get());
      }
      return result(seen);
    } finally {
      threads.shutdownNow();
    }
  }

  private Seen noise(String noisy, long end) throws InterruptedException {
    long passed = 0;
    for (long due = System.nanoTime(); due < end; due = pause(due)) {
      try {
        call.accept(noisy);
        passed++;
      } catch (RuntimeException denied) {
        // As it may be.
      }
    }
    return new Seen(List.of(), Map.of(), passed);
  }

  private Seen callOthers(int thread, long end) throws InterruptedException {
    List<Long> passed = new ArrayList<>();
    Map<String, Integer> why = new TreeMap<>();
    for (long due = System.nanoTime(); due < end; due = pause(due)) {
      long start = System.nanoTime();
      try {
        call.accept(nameOf(thread));
        passed.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
      } catch (RuntimeException denied) {
        why.merge(String.valueOf(denied.getMessage()), 1, Integer::sum);
      }
    }
    return new Seen(passed, why, 0);
  }

  private static String nameOf(int thread) {
    return "tenant-" + thread;
  }

  /** Keeps the rate; a thread that was kept waiting does not hurry afterwards. */
  private static long pause(long due) throws InterruptedException {
    long next = due + TimeUnit.SECONDS.toNanos(1) * THREADS / CALLS_A_SECOND;
    TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
    return Math.max(next, System.nanoTime());
  }

  private static Result result(List<Seen> seen) {
    List<Long> millis = new ArrayList<>();
    Map<String, Integer> why = new TreeMap<>();
    long noisyPassed = 0;
    for (Seen one : seen) {
      millis.addAll(one.passedMillis());
      one.denied().forEach((message, times) -> why.merge(message, times, Integer::sum));
      noisyPassed += one.noisyPassed();
    }
    long[] sorted = millis.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    long denied = why.values().stream().mapToLong(Integer::longValue).sum();
    long p99 = sorted.length == 0 ? 0 : sorted[(int) (sorted.length * 99L / 100)];
    return new Result(sorted.length + denied, sorted.length, p99, why, noisyPassed);
  }
}
