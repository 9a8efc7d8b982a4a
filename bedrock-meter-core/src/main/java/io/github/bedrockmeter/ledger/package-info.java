// SPDX-License-Identifier: Apache-2.0
/**
 * Where balances are kept. Start with {@link io.github.bedrockmeter.ledger.Ledger}; {@link
 * io.github.bedrockmeter.ledger.Account} names a balance. Authors of ledgers find what ledgers
 * share in {@link io.github.bedrockmeter.ledger.ForwardingLedger}, {@link
 * io.github.bedrockmeter.ledger.LedgerArguments}, {@link
 * io.github.bedrockmeter.ledger.LedgerBuilder}, {@link io.github.bedrockmeter.ledger.Retries} and
 * {@link io.github.bedrockmeter.ledger.StoreAnswers}.
 */
@NullMarked
package io.github.bedrockmeter.ledger;

import org.jspecify.annotations.NullMarked;
