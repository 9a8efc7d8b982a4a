// SPDX-License-Identifier: Apache-2.0
/** The life of one call. Start with {@link io.github.bedrockmeter.internal.call.Metering}. */
@NullMarked
package io.github.bedrockmeter.internal.call;

import org.jspecify.annotations.NullMarked;
