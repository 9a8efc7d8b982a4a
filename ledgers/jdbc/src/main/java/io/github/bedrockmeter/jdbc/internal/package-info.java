// SPDX-License-Identifier: Apache-2.0
/**
 * What the ledger and the journal in a database have in common, for this module alone: it may
 * change in any release. Start with {@link Database}.
 */
@NullMarked
package io.github.bedrockmeter.jdbc.internal;

import org.jspecify.annotations.NullMarked;
