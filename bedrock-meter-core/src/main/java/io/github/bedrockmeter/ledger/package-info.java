// SPDX-License-Identifier: Apache-2.0
/**
 * Where balances are kept. Start with {@link io.github.bedrockmeter.ledger.Ledger}; authors of
 * ledgers find what all have in common in {@link io.github.bedrockmeter.ledger.LedgerSupport}.
 */
@NullMarked
package io.github.bedrockmeter.ledger;

import org.jspecify.annotations.NullMarked;
