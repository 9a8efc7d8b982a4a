// SPDX-License-Identifier: Apache-2.0
/** A Bedrock Runtime for tests, on a loopback port. Start with {@code FakeBedrock}. */
@NullMarked
package io.github.bedrockmeter.testkit;

import org.jspecify.annotations.NullMarked;
