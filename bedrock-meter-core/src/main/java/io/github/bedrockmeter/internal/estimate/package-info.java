// SPDX-License-Identifier: Apache-2.0
/**
 * What a call may use, and what that may cost. Start with {@link
 * io.github.bedrockmeter.internal.estimate.Estimates}.
 */
@NullMarked
package io.github.bedrockmeter.internal.estimate;

import org.jspecify.annotations.NullMarked;
