// SPDX-License-Identifier: Apache-2.0
/**
 * Calls and events as a meter makes them, without a meter. Start with {@link
 * io.github.bedrockmeter.testkit.sample.SampleCalls}.
 */
@NullMarked
package io.github.bedrockmeter.testkit.sample;

import org.jspecify.annotations.NullMarked;
