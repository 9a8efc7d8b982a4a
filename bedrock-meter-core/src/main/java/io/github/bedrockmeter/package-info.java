// SPDX-License-Identifier: Apache-2.0
/** Meters, prices and caps Amazon Bedrock calls. Start with {@link BedrockMeter}. */
@NullMarked
package io.github.bedrockmeter;

import org.jspecify.annotations.NullMarked;
