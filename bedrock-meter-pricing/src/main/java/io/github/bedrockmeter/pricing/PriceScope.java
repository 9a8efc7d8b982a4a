// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.List;

/**
 * How far Bedrock may carry a call, which sets its price beside the source region. AWS's price
 * pages say "Regional" for {@link #IN_REGION} and {@link #GEO} together.
 */
public enum PriceScope implements Labels.Labelled {
  /** A bare model id: the call stays in its region. */
  IN_REGION("in_region"),
  /** A geographic profile, as {@code us.} or {@code eu.}: the call stays on its continent. */
  GEO("geo"),
  /** A global profile: the call may run anywhere. */
  GLOBAL("global");

  private final String label;

  PriceScope(String label) {
    this.label = label;
  }

  /** The name used in catalogue files. */
  @Override
  public String label() {
    return label;
  }

  /**
   * The scopes whose rows may price this one, best first. Each inner list is one price in AWS's own
   * tables, so nothing is lost inside it; the next list has a higher price.
   */
  List<List<PriceScope>> ladder() {
    return switch (this) {
      case IN_REGION -> List.of(List.of(IN_REGION, GEO));
      case GEO -> List.of(List.of(GEO, IN_REGION));
      case GLOBAL -> List.of(List.of(GLOBAL), List.of(GEO, IN_REGION));
    };
  }

  static PriceScope named(String label) {
    return Labels.named("scope", label, values());
  }
}
