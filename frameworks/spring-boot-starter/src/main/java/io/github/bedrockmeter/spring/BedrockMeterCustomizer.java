// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;

/**
 * A bean that adds to the meter's builder what properties cannot say: an estimator, a policy, a
 * budget with a filter in code. Customizers are called in their order, after the properties.
 */
@FunctionalInterface
public interface BedrockMeterCustomizer {

  /** Adds settings. */
  void customize(BedrockMeter.Builder builder);
}
