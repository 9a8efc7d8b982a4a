// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.call.MeteredCall;

/**
 * A policy said no. Immutable and thread-safe.
 *
 * @param call the call
 * @param denial who said no, and why
 * @param enforced whether the call was stopped; false for a budget that only observes
 */
public record DenialEvent(MeteredCall call, BudgetDecision.Denied denial, boolean enforced) {}
