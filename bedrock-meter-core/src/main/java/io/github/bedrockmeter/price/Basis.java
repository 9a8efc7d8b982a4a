// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

/** How a rate was found. A rate found exactly has none of these. */
public enum Basis {
  /** The source region has no row of its own; another region's row was used. */
  REGION_FALLBACK,
  /** The scope (in-region, geographic or global profile) has no row; a dearer scope's was used. */
  SCOPE_FALLBACK,
  /** The tier has no row; the standard rate times the tier's documented ratio was used. */
  TIER_RATIO,
  /** The cache meter has no row; the input rate times the family's ratio was used. */
  CACHE_RATIO,
  /**
   * Nothing is known of the model's price; the dearest rate of its provider, or of all, was used.
   */
  CONSERVATIVE,
  /** The caller's own rate replaced the catalogue's. */
  OVERRIDE,
  /** The caller's discount was applied. */
  DISCOUNT,
  /** Paid by the hour, not by the call: the marginal cost is zero and capacity is billed apart. */
  CAPACITY
}
