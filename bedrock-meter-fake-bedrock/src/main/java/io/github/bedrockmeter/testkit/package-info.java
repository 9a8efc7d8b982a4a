// SPDX-License-Identifier: Apache-2.0
/**
 * A Bedrock Runtime for tests, on a loopback port. Start with {@link
 * io.github.bedrockmeter.testkit.FakeBedrock}; {@link io.github.bedrockmeter.testkit.Reply} lists
 * what it can answer.
 */
@NullMarked
package io.github.bedrockmeter.testkit;

import org.jspecify.annotations.NullMarked;
