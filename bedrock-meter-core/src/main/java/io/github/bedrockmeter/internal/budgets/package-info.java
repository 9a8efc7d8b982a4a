// SPDX-License-Identifier: Apache-2.0
/**
 * The budgets of a meter at work, as one policy. Start with {@link
 * io.github.bedrockmeter.internal.budgets.Budgets}.
 */
@NullMarked
package io.github.bedrockmeter.internal.budgets;

import org.jspecify.annotations.NullMarked;
