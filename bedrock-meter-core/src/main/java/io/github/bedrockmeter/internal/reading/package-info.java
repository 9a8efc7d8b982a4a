// SPDX-License-Identifier: Apache-2.0
/**
 * Reads what a call consumed from Bedrock's response, or from its invocation log; not for use by
 * applications. Start with {@link io.github.bedrockmeter.internal.reading.Readers}.
 */
@NullMarked
package io.github.bedrockmeter.internal.reading;

import org.jspecify.annotations.NullMarked;
