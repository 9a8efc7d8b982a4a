// SPDX-License-Identifier: Apache-2.0
/** The same calls priced again. Start with {@link io.github.bedrockmeter.report.whatif.WhatIf}. */
@NullMarked
package io.github.bedrockmeter.report.whatif;

import org.jspecify.annotations.NullMarked;
