// SPDX-License-Identifier: Apache-2.0
/** Balances of budgets in a database. Start with {@link JdbcLedger}. */
@NullMarked
package io.github.bedrockmeter.jdbc.ledger;

import org.jspecify.annotations.NullMarked;
