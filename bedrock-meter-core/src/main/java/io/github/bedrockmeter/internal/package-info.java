// SPDX-License-Identifier: Apache-2.0
/** How a wrapped client works; not for use by applications. Start with {@code Metering}. */
@NullMarked
package io.github.bedrockmeter.internal;

import org.jspecify.annotations.NullMarked;
