// SPDX-License-Identifier: Apache-2.0
/**
 * What a meter sees, as lines that CloudWatch turns into metrics. Start with {@link
 * CloudWatchMetrics}; {@code docs/cloudwatch.md} lists every name.
 */
@NullMarked
package io.github.bedrockmeter.cloudwatch;

import org.jspecify.annotations.NullMarked;
