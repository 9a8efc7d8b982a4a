// SPDX-License-Identifier: Apache-2.0
/** Calls and bills that tests make up. Start with {@link Metered}. */
@NullMarked
package io.github.bedrockmeter.report.scene;

import org.jspecify.annotations.NullMarked;
