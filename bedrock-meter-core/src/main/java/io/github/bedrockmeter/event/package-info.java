// SPDX-License-Identifier: Apache-2.0
/** What the meter reports. Start with {@link MeterListener}. */
@NullMarked
package io.github.bedrockmeter.event;

import org.jspecify.annotations.NullMarked;
