// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps the combinations of dimensions to a number, since tags and models come from callers. The
 * first ones stay; later ones are folded, their tags first, so that models can be seen apart as
 * long as there is room for that. Confined to one thread, its count apart.
 */
final class Combinations {
  private final int most;
  private final Set<Combination> known = new HashSet<>();
  private final AtomicLong folded = new AtomicLong();

  /**
   * Keeps combinations.
   *
   * @param most how many there may be, those that others are folded into included
   */
  Combinations(int most) {
    this.most = most;
  }

  /** The combination, or the one that it is folded into. */
  Combination kept(Combination combination) {
    // A tenth is for combinations without tags, and the last place for the one of all others.
    int forTags = most - Math.max(1, most / 10);
    if (isKnown(combination, forTags)) {
      return combination;
    }
    Combination withoutTags = combination.withoutTags();
    Combination kept = isKnown(withoutTags, most - 1) ? withoutTags : Combination.OF_OTHERS;
    if (!kept.equals(combination)) {
      folded.incrementAndGet();
    }
    return kept;
  }

  private boolean isKnown(Combination combination, int limit) {
    return known.contains(combination) || (known.size() < limit && known.add(combination));
  }

  /** How many lines were folded. Thread-safe. */
  long folded() {
    return folded.get();
  }
}
