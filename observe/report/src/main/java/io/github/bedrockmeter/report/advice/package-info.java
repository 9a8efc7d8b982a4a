// SPDX-License-Identifier: Apache-2.0
/**
 * Limits that past spend suggests. Start with {@link
 * io.github.bedrockmeter.report.advice.BudgetAdvice}.
 */
@NullMarked
package io.github.bedrockmeter.report.advice;

import org.jspecify.annotations.NullMarked;
