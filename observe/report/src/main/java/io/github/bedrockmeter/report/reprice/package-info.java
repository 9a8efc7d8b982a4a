// SPDX-License-Identifier: Apache-2.0
/**
 * Prices for calls that had none. Start with {@link
 * io.github.bedrockmeter.report.reprice.JournalRepricing}.
 */
@NullMarked
package io.github.bedrockmeter.report.reprice;

import org.jspecify.annotations.NullMarked;
