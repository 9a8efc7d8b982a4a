// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.PriceKey;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything a price depends on: core's {@link PriceKey} with the parts that a runtime call leaves
 * at their default. Immutable and thread-safe.
 *
 * @param modelId a model id, a profile id or an ARN
 * @param region the source region of the call; null where it is unknown
 * @param tier {@code standard}, {@code flex}, {@code priority}, {@code batch}, {@code latency},
 *     {@code reserved}, {@code provisioned} or {@code customization}
 * @param at when the call started
 * @param endpoint the service that is called
 * @param variant a price of its own for the same model, as {@code extended-access} or {@code
 *     custom-model}; empty for the ordinary one
 * @param totalInputTokens uncached, read and written prompt tokens together, which choose the
 *     context band of the whole request
 */
public record PriceQuery(
    String modelId,
    @Nullable String region,
    String tier,
    Instant at,
    Endpoint endpoint,
    String variant,
    long totalInputTokens) {

  public PriceQuery {
    Objects.requireNonNull(modelId, "modelId");
    Objects.requireNonNull(tier, "tier");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(variant, "variant");
    if (totalInputTokens < 0) {
      throw new IllegalArgumentException("negative count of input tokens: " + totalInputTokens);
    }
  }

  /** An ordinary call of Bedrock Runtime. */
  public static PriceQuery of(PriceKey key, long totalInputTokens) {
    return new PriceQuery(
        key.modelId(), key.region(), key.tier(), key.at(), Endpoint.RUNTIME, "", totalInputTokens);
  }

  /** This query for another endpoint. */
  public PriceQuery on(Endpoint other) {
    return new PriceQuery(modelId, region, tier, at, other, variant, totalInputTokens);
  }

  /** This query for another variant; empty for the ordinary price. */
  public PriceQuery variant(String other) {
    return new PriceQuery(modelId, region, tier, at, endpoint, other, totalInputTokens);
  }
}
