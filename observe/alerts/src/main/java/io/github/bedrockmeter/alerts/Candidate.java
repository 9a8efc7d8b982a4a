// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Kind;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something to alert about, whose text is written on the thread that sends. Immutable.
 *
 * @param kind what happened
 * @param budget the budget it is about; null if none
 * @param text writes the alert
 * @param once what the processes of a fleet know it by; null if no other process reports the same
 */
record Candidate(
    Kind kind, @Nullable String budget, Supplier<Alert> text, FleetOnce.@Nullable Once once) {}
