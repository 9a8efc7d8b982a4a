// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.github.bedrockmeter.jdbc.internal;

import org.jspecify.annotations.NullMarked;
