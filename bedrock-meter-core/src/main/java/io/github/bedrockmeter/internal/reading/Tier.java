// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.price.PriceKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Bedrock's words for the tier that served a call, in the words of {@link PriceKey}. */
final class Tier {
  /** What a provider's own body may say; anything else there does not set a price. */
  private static final Set<String> WORDS =
      Set.of("default", "standard", "priority", "flex", "reserved", "batch");

  private Tier() {}

  /**
   * The tier that sets the price. Latency-optimised inference has prices of its own, so it wins.
   *
   * @param serviceTier {@code default}, {@code priority}, {@code flex}, {@code reserved} or new
   * @param latency {@code standard} or {@code optimized}
   */
  static @Nullable String of(@Nullable String serviceTier, @Nullable String latency) {
    if (latency != null && latency.equals("optimized")) {
      return PriceKey.LATENCY;
    }
    if (serviceTier == null || serviceTier.isBlank()) {
      return null;
    }
    return serviceTier.equals("default") ? PriceKey.STANDARD : serviceTier;
  }

  /** As {@link #of(String, String)}; the body is read if Bedrock's header has no tier. */
  static @Nullable String of(@Nullable String header, @Nullable String latency, Facts body) {
    String stated = body.word(Field.TIER);
    boolean trusted = header == null && stated != null && WORDS.contains(stated);
    return of(trusted ? stated : header, latency);
  }
}
