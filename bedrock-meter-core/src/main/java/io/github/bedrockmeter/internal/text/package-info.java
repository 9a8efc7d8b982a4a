// SPDX-License-Identifier: Apache-2.0
/**
 * Words for people, open to every room. Start with {@link
 * io.github.bedrockmeter.internal.text.NearestName}.
 */
@NullMarked
package io.github.bedrockmeter.internal.text;

import org.jspecify.annotations.NullMarked;
