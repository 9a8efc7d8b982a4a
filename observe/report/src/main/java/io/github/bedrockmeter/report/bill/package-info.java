// SPDX-License-Identifier: Apache-2.0
/**
 * Whether AWS's bill agrees with our facts. Start with {@link
 * io.github.bedrockmeter.report.bill.BillReconciliation}.
 */
@NullMarked
package io.github.bedrockmeter.report.bill;

import org.jspecify.annotations.NullMarked;
