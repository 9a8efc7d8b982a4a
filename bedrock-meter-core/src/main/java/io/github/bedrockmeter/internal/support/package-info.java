// SPDX-License-Identifier: Apache-2.0
/**
 * What every other room of internal uses: guards around foreign code. Start with {@link
 * io.github.bedrockmeter.internal.support.Listeners}.
 */
@NullMarked
package io.github.bedrockmeter.internal.support;

import org.jspecify.annotations.NullMarked;
