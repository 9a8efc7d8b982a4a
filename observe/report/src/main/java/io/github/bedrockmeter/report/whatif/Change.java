// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.whatif;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What would have been otherwise. Immutable and thread-safe.
 *
 * @param from first instant of the calls; null for all
 * @param to first instant that no longer counts; null for all
 * @param tier the tier of every call, as {@code flex}; null for its own
 * @param models the model instead of another: of an id as it was called, or of a foundation model
 * @param at the day whose prices hold, UTC; null for each call's own
 * @param noCache whether cached tokens are priced as input
 */
public record Change(
    @Nullable Instant from,
    @Nullable Instant to,
    @Nullable String tier,
    Map<String, String> models,
    @Nullable LocalDate at,
    boolean noCache) {

  /** No change: the same calls by another catalogue. */
  public static final Change NONE = new Change(null, null, null, Map.of(), null, false);

  public Change {
    models = Map.copyOf(models);
  }

  /** This change of calls within a time. */
  public Change within(@Nullable Instant first, @Nullable Instant end) {
    return new Change(first, end, tier, models, at, noCache);
  }
}
