// SPDX-License-Identifier: Apache-2.0
/**
 * What was spent, by whom and on what, as a table, CSV, JSON, Parquet, FOCUS or a page. Start with
 * {@link io.github.bedrockmeter.report.output.Report}.
 */
@NullMarked
package io.github.bedrockmeter.report.output;

import org.jspecify.annotations.NullMarked;
