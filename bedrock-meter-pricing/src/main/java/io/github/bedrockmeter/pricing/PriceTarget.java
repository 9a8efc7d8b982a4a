// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import org.jspecify.annotations.Nullable;

/**
 * What an id is priced as. Immutable.
 *
 * @param model a canonical model id, or an ARN that has a rate of its own
 * @param table the model's figures; null if the catalogue has none
 * @param scope how far the call may travel
 * @param region the region inside the id; null if there is none
 * @param tier a tier that the id implies; null for the call's own
 * @param variant a variant that the id implies; empty for none
 * @param missing why the id has no price; null if it has one
 */
record PriceTarget(
    String model,
    @Nullable RateTable table,
    PriceScope scope,
    @Nullable String region,
    @Nullable String tier,
    String variant,
    @Nullable String missing) {

  static PriceTarget missing(String id, String reason) {
    return new PriceTarget(id, null, PriceScope.IN_REGION, null, null, "", reason);
  }

  /** Something that is paid by capacity, whatever its model. */
  static PriceTarget capacity(String id, @Nullable String region) {
    return new PriceTarget(id, null, PriceScope.IN_REGION, region, "provisioned", "", null);
  }

  /** This target in another scope, unless it is null, tier and variant. */
  PriceTarget as(@Nullable PriceScope otherScope, @Nullable String otherTier, String otherVariant) {
    return new PriceTarget(
        model,
        table,
        otherScope == null ? scope : otherScope,
        region,
        otherTier,
        otherVariant,
        missing);
  }

  PriceTarget in(@Nullable String otherRegion) {
    return new PriceTarget(model, table, scope, otherRegion, tier, variant, missing);
  }
}
