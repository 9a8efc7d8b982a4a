// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import java.util.List;

/**
 * The values of one line's dimensions, in the order of {@link #NAMES}. CloudWatch keeps, and
 * charges for, each metric once for every combination. Immutable and thread-safe.
 */
record Combination(
    String model, String modelId, String costCenter, String application, String environment) {
  /** The article's dimensions. */
  static final List<String> NAMES =
      List.of("Model", "ModelId", "CostCenter", "Application", "Environment");

  private static final String OTHER = "(other)";

  /** What all combinations can be folded into. */
  static final Combination OF_OTHERS = new Combination(OTHER, OTHER, OTHER, OTHER, OTHER);

  /** This combination for all tags together. */
  Combination withoutTags() {
    return new Combination(model, modelId, OTHER, OTHER, OTHER);
  }

  List<String> values() {
    return List.of(model, modelId, costCenter, application, environment);
  }
}
