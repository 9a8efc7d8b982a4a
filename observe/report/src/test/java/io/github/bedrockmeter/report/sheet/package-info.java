// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.github.bedrockmeter.report.sheet;

import org.jspecify.annotations.NullMarked;
