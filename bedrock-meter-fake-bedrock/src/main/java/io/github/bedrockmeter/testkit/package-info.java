// SPDX-License-Identifier: Apache-2.0
/**
 * A Bedrock Runtime for tests, on a loopback port. Start with {@link
 * io.github.bedrockmeter.testkit.FakeBedrock}; {@link io.github.bedrockmeter.testkit.Reply} lists
 * what it can answer. {@link io.github.bedrockmeter.testkit.FakeTime} is a clock to move by hand.
 */
@NullMarked
package io.github.bedrockmeter.testkit;

import org.jspecify.annotations.NullMarked;
