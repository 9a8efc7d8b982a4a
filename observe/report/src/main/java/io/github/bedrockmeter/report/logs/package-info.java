// SPDX-License-Identifier: Apache-2.0
/**
 * Facts from Bedrock's model invocation logs. Start with {@link
 * io.github.bedrockmeter.report.logs.LogFolder}; {@link
 * io.github.bedrockmeter.report.logs.LogLines} reads single lines.
 */
@NullMarked
package io.github.bedrockmeter.report.logs;

import org.jspecify.annotations.NullMarked;
