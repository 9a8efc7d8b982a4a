// SPDX-License-Identifier: Apache-2.0
/**
 * Tags that come from what a web application or a thread knows. Start with {@link
 * io.github.bedrockmeter.spring.tags.TagDefinitions}.
 */
@NullMarked
package io.github.bedrockmeter.spring.tags;

import org.jspecify.annotations.NullMarked;
