// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Contenders that take turns on one thread, so that what else the machine does affects all of them.
 * Turns should be short, a millisecond or two, so that few are interrupted. Time is the thread's
 * own processor time. Confined to one thread.
 */
final class Turns {
  private final Map<String, Contender> contenders = new LinkedHashMap<>();
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What takes turns, and its figures in each round that counts. */
  private record Contender(Runnable work, List<Double> nanos, List<Double> bytes) {}

  /** Adds a contender; {@code work} is one call. */
  Turns with(String name, Runnable work) {
    contenders.put(name, new Contender(work, new ArrayList<>(), new ArrayList<>()));
    return this;
  }

  /** Takes turns of so many calls; the first third of the rounds is not counted. */
  Turns take(int rounds, int calls) {
    for (int round = 0; round < rounds; round++) {
      for (Contender contender : contenders.values()) {
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long start = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < calls; i++) {
          contender.work().run();
        }
        double time = (threads.getCurrentThreadCpuTime() - start) / (double) calls;
        double size = (threads.getCurrentThreadAllocatedBytes() - allocated) / (double) calls;
        if (round >= rounds / 3) {
          contender.nanos().add(time);
          contender.bytes().add(size);
        }
      }
    }
    return this;
  }

  /** Nanoseconds of a call, the median of the rounds. */
  double nanos(String name) {
    return Lines.median(figuresOf(name).nanos());
  }

  /**
   * Nanoseconds of a call more than those of another in the same round, the median of the rounds.
   */
  double nanosMore(String name, String than) {
    List<Double> more = new ArrayList<>();
    for (int i = 0; i < figuresOf(name).nanos().size(); i++) {
      more.add(figuresOf(name).nanos().get(i) - figuresOf(than).nanos().get(i));
    }
    return Lines.median(more);
  }

  /** How many times as long as another in the same round a call takes, the median of the rounds. */
  double times(String name, String other) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < figuresOf(name).nanos().size(); i++) {
      ratios.add(figuresOf(name).nanos().get(i) / figuresOf(other).nanos().get(i));
    }
    return Lines.median(ratios);
  }

  /** Bytes of a call, the least of the rounds: earlier ones run before all is compiled. */
  double bytes(String name) {
    return Collections.min(figuresOf(name).bytes());
  }

  private Contender figuresOf(String name) {
    return Objects.requireNonNull(contenders.get(name), name);
  }
}
