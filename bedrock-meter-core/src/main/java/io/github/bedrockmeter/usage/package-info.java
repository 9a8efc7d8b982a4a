// SPDX-License-Identifier: Apache-2.0
/**
 * What a call consumed. Start with {@link Usage}; {@link Meter} names what can be counted, and
 * {@link ModelId} reads the ids of models.
 */
@NullMarked
package io.github.bedrockmeter.usage;

import org.jspecify.annotations.NullMarked;
