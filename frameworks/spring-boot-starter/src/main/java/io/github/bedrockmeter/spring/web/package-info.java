// SPDX-License-Identifier: Apache-2.0
/**
 * What a web application answers when a call is denied. Start with {@link
 * io.github.bedrockmeter.spring.web.DenialProblem}.
 */
@NullMarked
package io.github.bedrockmeter.spring.web;

import org.jspecify.annotations.NullMarked;
