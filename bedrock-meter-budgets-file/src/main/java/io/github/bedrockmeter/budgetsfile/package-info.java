// SPDX-License-Identifier: Apache-2.0
/** Budgets as a YAML or JSON file. Start with {@link BudgetsFile}. */
@NullMarked
package io.github.bedrockmeter.budgetsfile;

import org.jspecify.annotations.NullMarked;
