// SPDX-License-Identifier: Apache-2.0
/**
 * What a request says about its call, worked out once. Start with {@link
 * io.github.bedrockmeter.internal.request.RequestFacts}.
 */
@NullMarked
package io.github.bedrockmeter.internal.request;

import org.jspecify.annotations.NullMarked;
