// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Usage.Anomaly;
import org.jspecify.annotations.Nullable;

/**
 * Answers for which the model was sampled more than once, as when it compacted its context: what
 * stands at the top, in headers and in metrics may be of the last sampling alone. Stateless.
 */
final class Samplings {
  private Samplings() {}

  /** Whether samplings of this type are charged like the message itself. */
  static boolean isKnown(String type) {
    return type.equals("message") || type.equals("compaction");
  }

  /** States the sums of a list of samplings as the counts. */
  static void sum(Facts facts) {
    if (!facts.has(Field.PARTS)) {
      return;
    }
    for (Field.Part part : Field.PARTS_OF) {
      long sum = facts.number(part.sum());
      long top = facts.number(part.whole());
      if (sum < 0) {
        continue;
      }
      if (sum < top) {
        facts.note(
            Anomaly.Kind.TOTAL_MISMATCH,
            "%s %d, its samplings %d".formatted(part.whole(), top, sum));
        continue;
      }
      facts.state(part.whole(), sum);
      widen(facts, part.header(), top, sum);
      widen(facts, part.metrics(), top, sum);
    }
  }

  /** A place that repeats what stands at the top is no second opinion on the sum. */
  private static void widen(Facts facts, @Nullable Field place, long top, long sum) {
    if (place != null && facts.has(place) && facts.number(place) == top) {
      facts.state(place, sum);
    }
  }
}
