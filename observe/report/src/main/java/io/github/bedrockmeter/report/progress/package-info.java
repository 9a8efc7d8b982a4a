// SPDX-License-Identifier: Apache-2.0
/**
 * How far long work has come. Start with {@link io.github.bedrockmeter.report.progress.Progress}.
 */
@NullMarked
package io.github.bedrockmeter.report.progress;

import org.jspecify.annotations.NullMarked;
