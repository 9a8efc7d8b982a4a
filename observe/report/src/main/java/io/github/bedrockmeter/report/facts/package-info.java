// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about calls, and the tables they are kept in. Start with {@link
 * io.github.bedrockmeter.report.facts.FactTables}.
 */
@NullMarked
package io.github.bedrockmeter.report.facts;

import org.jspecify.annotations.NullMarked;
