// SPDX-License-Identifier: Apache-2.0
/**
 * What a call may cost. Start with {@link BudgetPolicy}; {@link Budget} is the one most people
 * need.
 */
@NullMarked
package io.github.bedrockmeter.budget;

import org.jspecify.annotations.NullMarked;
