// SPDX-License-Identifier: Apache-2.0
/**
 * Meters the Bedrock clients of a Spring Boot application. Start with {@link
 * io.github.bedrockmeter.spring.BedrockMeterProperties}, and {@link
 * io.github.bedrockmeter.spring.BedrockMeterCustomizer} for what properties cannot say.
 */
@NullMarked
package io.github.bedrockmeter.spring;

import org.jspecify.annotations.NullMarked;
