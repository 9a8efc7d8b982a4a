// SPDX-License-Identifier: Apache-2.0
/**
 * What the tests of several modules share and no user needs: start with {@link
 * io.github.bedrockmeter.support.RedisProcess} or {@link
 * io.github.bedrockmeter.support.FaultyProxy}.
 */
@NullMarked
package io.github.bedrockmeter.support;

import org.jspecify.annotations.NullMarked;
