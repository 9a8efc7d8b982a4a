// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.github.bedrockmeter.report.facts;

import org.jspecify.annotations.NullMarked;
