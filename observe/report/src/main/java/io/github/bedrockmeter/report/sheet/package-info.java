// SPDX-License-Identifier: Apache-2.0
/** Tables of an answer, and how they are written. Start with {@link Sheet}. */
@NullMarked
package io.github.bedrockmeter.report.sheet;

import org.jspecify.annotations.NullMarked;
