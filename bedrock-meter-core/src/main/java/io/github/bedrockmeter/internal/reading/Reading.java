// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one response, or one attempt of a stream, reported about its consumption. Immutable.
 *
 * @param usage the counts that were found, each with its source; null if nothing was found
 * @param missing counts that were due and not found; the settlement uses the estimate for them and
 *     reports that
 * @param tier the price tier the response names, in the words of {@link
 *     io.github.bedrockmeter.price.PriceKey}; null if it names none
 * @param answeredBy the model that answered, where the response names it: a router's choice, or the
 *     model behind an application inference profile
 * @param anomalies what did not fit
 */
public record Reading(
    @Nullable Usage usage,
    Set<Meter> missing,
    @Nullable String tier,
    @Nullable String answeredBy,
    List<Anomaly> anomalies) {

  /**
   * What rests on a usage that does not say for how long the cache was written. It is taken off
   * where the request decides that.
   */
  public static final Assumption NO_LIFETIME =
      Assumption.notShown(Meter.CACHE_WRITE_5M, "the answer does not state a lifetime");

  /** Whether it says for how long the cache was written, if it was. */
  public boolean statesLifetimes() {
    return usage == null || !usage.assumptions().contains(NO_LIFETIME);
  }

  /** The same with other counts, and one more anomaly; none if it is null. */
  public Reading with(@Nullable Usage other, @Nullable Anomaly anomaly) {
    List<Anomaly> all = anomalies;
    if (anomaly != null) {
      all = new ArrayList<>(anomalies);
      all.add(anomaly);
    }
    return new Reading(other, missing, tier, answeredBy, List.copyOf(all));
  }

  /** A response that reports nothing. */
  public static final Reading NOTHING = new Reading(null, Set.of(), null, null, List.of());

  /** A response that reports its counts and nothing else, as most do. */
  public static Reading of(Usage usage) {
    return new Reading(usage, Set.of(), null, null, List.of());
  }
}
