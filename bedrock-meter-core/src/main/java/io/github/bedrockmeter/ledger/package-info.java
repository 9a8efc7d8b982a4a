// SPDX-License-Identifier: Apache-2.0
/** Where balances are kept. Start with {@link Ledger}; {@link Account} names a balance. */
@NullMarked
package io.github.bedrockmeter.ledger;

import org.jspecify.annotations.NullMarked;
