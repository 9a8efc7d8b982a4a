// SPDX-License-Identifier: Apache-2.0
/** What usage costs. Start with {@link PriceBook}; {@link Cost} is its answer. */
@NullMarked
package io.github.bedrockmeter.price;

import org.jspecify.annotations.NullMarked;
