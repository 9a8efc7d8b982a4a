// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.github.bedrockmeter.jdbc.journal;

import org.jspecify.annotations.NullMarked;
