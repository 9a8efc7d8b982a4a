// SPDX-License-Identifier: Apache-2.0
/** Interleavings of the in-memory ledger. Start with {@link InterleavingsTest}. */
@NullMarked
package io.github.bedrockmeter.lincheck;

import org.jspecify.annotations.NullMarked;
