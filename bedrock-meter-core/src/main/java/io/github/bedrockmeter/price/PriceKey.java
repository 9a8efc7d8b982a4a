// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a price depends on, as far as the caller's request and Bedrock's response state it.
 * Immutable and thread-safe.
 *
 * @param modelId the model as it was called: a model id, a profile id or an ARN
 * @param region the source region of the call, which sets the price; null where it is unknown
 * @param tier {@link #STANDARD}, {@code flex}, {@code priority}, {@code batch}, {@code latency},
 *     {@code reserved}, or what the response named
 * @param at when the call started; prices change
 */
public record PriceKey(String modelId, @Nullable String region, String tier, Instant at) {

  /** The tier of a call that asks for none. Bedrock's API calls it {@code default}. */
  public static final String STANDARD = "standard";

  /** The tier of batch jobs, CreateModelInvocationJob. */
  public static final String BATCH = "batch";

  /** Latency-optimised inference: {@code performanceConfig.latency = optimized}. */
  public static final String LATENCY = "latency";

  public PriceKey {
    Objects.requireNonNull(modelId, "modelId");
    Objects.requireNonNull(tier, "tier");
    Objects.requireNonNull(at, "at");
  }

  /** This key for another tier; the same instance if nothing changes. */
  public PriceKey withTier(String otherTier) {
    return tier.equals(otherTier) ? this : new PriceKey(modelId, region, otherTier, at);
  }

  /** This key for the model that answered, if that was another one. */
  public PriceKey withModelId(String otherModelId) {
    return modelId.equals(otherModelId) ? this : new PriceKey(otherModelId, region, tier, at);
  }
}
