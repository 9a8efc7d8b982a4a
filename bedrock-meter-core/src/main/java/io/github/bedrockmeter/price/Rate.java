// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.Set;

/**
 * The price of one meter, as its source states it. Immutable and thread-safe.
 *
 * @param meter what is counted
 * @param usd US dollars for {@code per} units, exactly as published, never negative
 * @param per how many units {@code usd} buys: 1,000,000 for tokens, 1 for an image
 * @param basis how the rate was found; empty if it is the exact row
 * @param source where the figure comes from, as the book's provenance names it
 */
public record Rate(Meter meter, BigDecimal usd, long per, Set<Basis> basis, String source) {

  public Rate {
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(source, "source");
    if (usd.signum() < 0) {
      throw new IllegalArgumentException("negative rate for " + meter + ": " + usd);
    }
    if (per <= 0 || !isPowerOfTen(per)) {
      throw new IllegalArgumentException(
          "per must be 1, 10, 100, ... units, so that it divides exactly: " + per);
    }
    basis = Set.copyOf(basis);
  }

  /** US dollars for a single unit, exact. */
  public BigDecimal usdPerUnit() {
    return usd.movePointLeft(Long.toString(per).length() - 1);
  }

  private static boolean isPowerOfTen(long value) {
    long rest = value;
    while (rest % 10 == 0) {
      rest /= 10;
    }
    return rest == 1;
  }

  /** How a rate was found. A rate found exactly has none of these. */
  public enum Basis {
    /** The source region has no row of its own; another region's row was used. */
    REGION_FALLBACK,
    /**
     * The scope (in-region, geographic or global profile) has no row; a higher-priced scope's was
     * used.
     */
    SCOPE_FALLBACK,
    /** The tier has no row; the standard rate times the tier's documented ratio was used. */
    TIER_RATIO,
    /** The cache meter has no row; the input rate times the family's ratio was used. */
    CACHE_RATIO,
    /** One source alone has the figure, and it is not AWS. */
    SINGLE_SOURCE,
    /**
     * Nothing is known of the model's price; the highest rate of its provider, or of all, was used.
     */
    CONSERVATIVE,
    /** The caller's own rate replaced the catalogue's. */
    OVERRIDE,
    /** The caller's discount was applied. */
    DISCOUNT,
    /**
     * Paid by the hour, not by the call: the marginal cost is zero and capacity is billed apart.
     */
    CAPACITY
  }
}
