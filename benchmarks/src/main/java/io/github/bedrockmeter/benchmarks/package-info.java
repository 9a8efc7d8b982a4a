// SPDX-License-Identifier: Apache-2.0
/** What the meter adds to a call. Start with {@link ConverseBenchmark}. */
@NullMarked
package io.github.bedrockmeter.benchmarks;

import org.jspecify.annotations.NullMarked;
