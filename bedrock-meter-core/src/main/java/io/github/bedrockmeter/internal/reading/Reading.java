// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
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

  /** A response that reports nothing. */
  public static final Reading NOTHING = new Reading(null, Set.of(), null, null, List.of());

  /** A response that reports its counts and nothing else, as most do. */
  public static Reading of(Usage usage) {
    return new Reading(usage, Set.of(), null, null, List.of());
  }
}
