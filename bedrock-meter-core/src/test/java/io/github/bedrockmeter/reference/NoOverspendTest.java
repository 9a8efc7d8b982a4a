// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.Effort;
import io.github.bedrockmeter.reference.Trial.Mismatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * The promise users buy, against a reference: whatever happens to budgets, and in whatever order,
 * every call is granted, denied or amended as the reference says, every balance is what it says,
 * and settled + held does not exceed a limit.
 *
 * <p>Each history is of its seed. One that goes another way is told with the shortest part of it
 * that still does.
 */
class NoOverspendTest {
  private static final int HISTORIES =
      Integer.getInteger("bedrockmeter.histories", 2_000 * Effort.TIMES);

  /** Histories do not meet, so that two cores can play them. */
  private static final int PLAYERS = 2;

  private static final long NONE = Long.MAX_VALUE;

  private final AtomicLong failed = new AtomicLong(NONE);

  @Test
  void everyHistoryGoesAsTheReferenceSays() throws Exception {
    Map<String, Long> counts = new TreeMap<>();
    long start = System.nanoTime();
    ExecutorService players = Executors.newFixedThreadPool(PLAYERS);
    try {
      List<Future<Map<String, Long>>> played = new ArrayList<>();
      for (int first = 1; first <= PLAYERS; first++) {
        long seed = first;
        played.add(players.submit(() -> played(seed)));
      }
      for (Future<Map<String, Long>> some : played) {
        some.get().forEach((what, count) -> counts.merge(what, count, Long::sum));
      }
    } finally {
      players.shutdownNow();
    }
    if (failed.get() != NONE) {
      throw new AssertionError(
          "history " + failed + ", shortened:\n" + shortened(History.of(failed.get())));
    }
    System.out.printf(
        "%,d histories in %,d ms: %s%n",
        HISTORIES, (System.nanoTime() - start) / 1_000_000, counts);
    assertThat(counts)
        .as("what happened in the histories")
        .containsKeys(
            "reserved",
            "denied",
            "would",
            "reached",
            "changed",
            "waited",
            "lowered",
            "sent to another model",
            "statuses");
  }

  /** Plays every so many histories, until one goes another way; tells what happened in them. */
  private Map<String, Long> played(long firstSeed) {
    Map<String, Long> counts = new HashMap<>();
    for (long seed = firstSeed; seed <= HISTORIES && seed < failed.get(); seed += PLAYERS) {
      History history = History.of(seed);
      if (Trial.play(history, counts) != null) {
        failed.accumulateAndGet(seed, Math::min);
      }
      counts.merge("steps", (long) history.steps().size(), Long::sum);
    }
    return counts;
  }

  /** The shortest history found by leaving steps out that still goes another way. */
  private static String shortened(History history) {
    History shortest = history;
    Mismatch mismatch = Trial.play(shortest, new HashMap<>());
    boolean shorter = true;
    while (shorter && mismatch != null) {
      shortest = new History(shortest.setup(), shortest.steps().subList(0, mismatch.steps()));
      shorter = false;
      for (int i = shortest.steps().size() - 2; i >= 0; i--) {
        List<Step> fewer = new ArrayList<>(shortest.steps());
        fewer.remove(i);
        History candidate = new History(shortest.setup(), fewer);
        Mismatch other = Trial.play(candidate, new HashMap<>());
        if (other != null) {
          shortest = candidate;
          mismatch = other;
          shorter = true;
        }
      }
    }
    return mismatch == null
        ? "it went well the second time: something in it is left to chance"
        : shortest + "\n  " + mismatch.what();
  }
}
