// SPDX-License-Identifier: Apache-2.0
/**
 * Facts of Bedrock's logs, and their reconciliation with the journal, on Apache Spark. Start with
 * {@link io.github.bedrockmeter.spark.InvocationLogJob}.
 */
@NullMarked
package io.github.bedrockmeter.spark;

import org.jspecify.annotations.NullMarked;
