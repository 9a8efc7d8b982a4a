// SPDX-License-Identifier: Apache-2.0
/**
 * Facts as a data lake has them. Start with {@link
 * io.github.bedrockmeter.report.lake.ParquetFacts}.
 */
@NullMarked
package io.github.bedrockmeter.report.lake;

import org.jspecify.annotations.NullMarked;
