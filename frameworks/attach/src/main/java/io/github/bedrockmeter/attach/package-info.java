// SPDX-License-Identifier: Apache-2.0
/**
 * Meters the Bedrock Runtime clients that other code builds, by a file of the SDK's own on the
 * class path. Start with {@link Attach}.
 */
@NullMarked
package io.github.bedrockmeter.attach;

import org.jspecify.annotations.NullMarked;
