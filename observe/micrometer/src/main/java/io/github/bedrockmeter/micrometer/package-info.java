// SPDX-License-Identifier: Apache-2.0
/**
 * What a meter sees, as Micrometer metrics. Start with {@link BedrockMetrics}; {@code
 * docs/metrics.md} lists every name.
 */
@NullMarked
package io.github.bedrockmeter.micrometer;

import org.jspecify.annotations.NullMarked;
