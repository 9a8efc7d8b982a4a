// SPDX-License-Identifier: Apache-2.0
/** A Spring AI application with a budget for each user. Start with {@link SpringAiSample}. */
@NullMarked
package io.github.bedrockmeter.examples.springai;

import org.jspecify.annotations.NullMarked;
