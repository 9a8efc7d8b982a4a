// SPDX-License-Identifier: Apache-2.0
/**
 * Balances and usage in a database. Start with {@link JdbcLedger}; {@link UsageJournal} keeps every
 * call.
 */
@NullMarked
package io.github.bedrockmeter.jdbc;

import org.jspecify.annotations.NullMarked;
