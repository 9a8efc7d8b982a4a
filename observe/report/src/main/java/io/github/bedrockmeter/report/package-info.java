// SPDX-License-Identifier: Apache-2.0
/**
 * What was spent, by whom, and whether AWS agrees. Start with {@link
 * io.github.bedrockmeter.report.facts.FactTables}.
 */
@NullMarked
package io.github.bedrockmeter.report;

import org.jspecify.annotations.NullMarked;
