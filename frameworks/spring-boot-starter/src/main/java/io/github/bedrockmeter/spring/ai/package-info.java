// SPDX-License-Identifier: Apache-2.0
/** Tags for the calls of one of Spring AI's chat clients. */
@NullMarked
package io.github.bedrockmeter.spring.ai;

import org.jspecify.annotations.NullMarked;
