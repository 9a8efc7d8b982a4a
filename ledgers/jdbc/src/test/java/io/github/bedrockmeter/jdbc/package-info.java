// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.github.bedrockmeter.jdbc;

import org.jspecify.annotations.NullMarked;
