// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rates;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the rates of ordinary calls that were priced lately, so that a price asks nothing else.
 * As bounded and as thread-safe as {@link Recent}.
 */
final class RecentRates {
  /** The rates of a model, region and tier for a stretch of time and a context band. */
  private record Entry(
      String modelId,
      @Nullable String region,
      String tier,
      long from,
      long to,
      long above,
      long upTo,
      Rates rates) {}

  private final @Nullable Entry[] entries;

  /**
   * @param places a power of two
   */
  RecentRates(int places) {
    this.entries = new Entry[places];
  }

  @Nullable Rates get(PriceKey key, long totalInputTokens) {
    Entry entry = entries[place(key)];
    if (entry == null
        || !entry.modelId.equals(key.modelId())
        || !entry.tier.equals(key.tier())
        || !Objects.equals(entry.region, key.region())
        || totalInputTokens <= entry.above - (entry.above == 0 ? 1 : 0)
        || totalInputTokens > entry.upTo) {
      return null;
    }
    long millis = key.at().toEpochMilli();
    return entry.from <= millis && millis < entry.to ? entry.rates : null;
  }

  /**
   * @param band the input tokens above which the rates hold, and up to which
   * @param time the first and, exclusive, the last millisecond in which they hold
   */
  void put(PriceKey key, long[] band, long[] time, Rates rates) {
    entries[place(key)] =
        new Entry(
            key.modelId(), key.region(), key.tier(), time[0], time[1], band[0], band[1], rates);
  }

  private int place(PriceKey key) {
    String region = key.region();
    int hash =
        key.modelId().hashCode() * 31
            + (region == null ? 0 : region.hashCode()) * 7
            + key.tier().hashCode();
    return (hash ^ (hash >>> 15)) & (entries.length - 1);
  }
}
