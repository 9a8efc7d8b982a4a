// SPDX-License-Identifier: Apache-2.0
/**
 * Whether AWS agrees with the meter. Start with {@link
 * io.github.bedrockmeter.report.reconcile.LogReconciliation}.
 */
@NullMarked
package io.github.bedrockmeter.report.reconcile;

import org.jspecify.annotations.NullMarked;
