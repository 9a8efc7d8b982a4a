// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import java.util.Arrays;

/**
 * Learns what share of their bounds counts came to, and answers a quantile of it. Answers the bound
 * until it has seen enough. Thread-safe; a question takes no lock.
 */
final class ShareQuantile {
  /*
   * A histogram of shares in 256ths of the bound, rounded up. The answer leaves so much weight above
   * it that the next count, if it is like those before, exceeds it with at most the allowed
   * probability: of n counts and the next one, the tail may hold tail * (n + 1), and the next one
   * is put there beforehand. With fewer than 1 / tail counts even the largest may be exceeded more
   * often, so the bound stands.
   *
   * It forgets in two ways. Slowly: when the histogram is full, all weights are halved. A count
   * weighs 1,024 to begin with, so that the rare large ones, which are what the answer is made of,
   * do not round to nothing. And at once: counts that exceed the answer add up, and the allowance
   * for them is taken off with every count; a run of them shows that what was learned holds no
   * longer, and the bound stands until it has been learned anew.
   */
  private static final int PARTS = 256;
  private static final int WEIGHT = 1 << 10;
  private static final long MILLION = 1_000_000;
  private static final int LEAST_COUNTS = 100;

  /** How many times as many counts as it needs the histogram holds before it is halved. */
  private static final int FULL = 20;

  /** So many counts beyond the answer, above twice their allowance, are no accident. */
  private static final long RUN = 5 * MILLION;

  /** Beyond this the arithmetic would overflow; no call is near it. */
  private static final long MOST_TOKENS = Long.MAX_VALUE / (2 * PARTS);

  private static final int[] NOTHING = {};

  private final int tailPpm;
  private final int needed;

  private int[] weights = NOTHING;
  private long total;
  private int seen;
  private long excess;
  private volatile int level = PARTS;

  /**
   * Knows nothing yet.
   *
   * @param tailPpm how many of a million counts may exceed the answer
   */
  ShareQuantile(int tailPpm) {
    this.tailPpm = tailPpm;
    this.needed = (int) Math.max(LEAST_COUNTS, MILLION / tailPpm);
  }

  /** What a count with this bound comes to at the quantile, rounded up; never above the bound. */
  long atMost(long bound) {
    int parts = level;
    return parts == PARTS || bound > MOST_TOKENS ? bound : (bound * parts + PARTS - 1) / PARTS;
  }

  /** Learns one count. */
  synchronized void learn(long actual, long bound) {
    if (bound < 1 || bound > MOST_TOKENS) {
      return;
    }
    int share = actual >= bound ? PARTS : (int) ((actual * PARTS + bound - 1) / bound);
    excess = Math.max(0, excess + (share > level ? MILLION : 0) - 2L * tailPpm);
    if (excess >= RUN) {
      forget();
    }
    add(share);
    level = seen < needed ? PARTS : level();
  }

  private void forget() {
    Arrays.fill(weights, 0);
    total = 0;
    seen = 0;
    excess = 0;
  }

  private void add(int share) {
    if (weights.length == 0) {
      weights = new int[PARTS + 1];
    }
    weights[share] += WEIGHT;
    total += WEIGHT;
    seen = Math.min(seen + 1, needed);
    if (total >= (long) FULL * needed * WEIGHT) {
      total = 0;
      for (int i = 0; i <= PARTS; i++) {
        weights[i] /= 2;
        total += weights[i];
      }
    }
  }

  private int level() {
    long tail = (total + WEIGHT) * tailPpm / MILLION - WEIGHT;
    int share = PARTS;
    while (share > 0 && tail >= weights[share]) {
      tail -= weights[share];
      share--;
    }
    return share;
  }
}
