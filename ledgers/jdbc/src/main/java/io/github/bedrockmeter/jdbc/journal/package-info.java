// SPDX-License-Identifier: Apache-2.0
/** Every call in a table of a database. Start with {@link UsageJournal}. */
@NullMarked
package io.github.bedrockmeter.jdbc.journal;

import org.jspecify.annotations.NullMarked;
