// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import org.jspecify.annotations.Nullable;

/**
 * Everything that one set of rates depends on. Immutable.
 *
 * @param model a canonical model id, or an ARN that has a rate of its own
 * @param region the source region; null where it is unknown
 * @param above the context band: the input tokens above which it begins; 0 is the base band
 * @param variant empty for the ordinary price
 */
record RateKey(
    String model,
    PriceScope scope,
    @Nullable String region,
    String tier,
    long above,
    String variant,
    Endpoint endpoint) {

  /** The standard rates of Bedrock Runtime. */
  static RateKey standard(String model, PriceScope scope, @Nullable String region, String variant) {
    return new RateKey(model, scope, region, "standard", 0, variant, Endpoint.RUNTIME);
  }
}
