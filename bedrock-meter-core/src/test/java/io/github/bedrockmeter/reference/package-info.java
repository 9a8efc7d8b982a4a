// SPDX-License-Identifier: Apache-2.0
/**
 * Budgets against a reference that is too simple to be wrong. Start with {@code NoOverspendTest}.
 */
@NullMarked
package io.github.bedrockmeter.reference;

import org.jspecify.annotations.NullMarked;
