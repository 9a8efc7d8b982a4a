// SPDX-License-Identifier: Apache-2.0
/** The facts of one call. Start with {@link MeteredCall}. */
@NullMarked
package io.github.bedrockmeter.call;

import org.jspecify.annotations.NullMarked;
