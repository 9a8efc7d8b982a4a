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
 * Time is the thread's own processor time. Confined to one thread.
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

  /** Bytes of a call, the least of the rounds: earlier ones run before all is compiled. */
  double bytes(String name) {
    return Collections.min(figuresOf(name).bytes());
  }

  private Contender figuresOf(String name) {
    return Objects.requireNonNull(contenders.get(name), name);
  }
}
