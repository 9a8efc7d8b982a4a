// SPDX-License-Identifier: Apache-2.0
/** The report's page in a browser. */
@NullMarked
package io.github.bedrockmeter.browser;

import org.jspecify.annotations.NullMarked;
