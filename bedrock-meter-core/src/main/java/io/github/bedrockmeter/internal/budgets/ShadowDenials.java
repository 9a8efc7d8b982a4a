// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.internal.support.Listeners;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reports denials that were not enforced: each once for a call, however often the call is tried.
 * Thread-safe.
 */
public final class ShadowDenials {
  private final Listeners listeners;
  private final Map<String, Set<String>> tries = new ConcurrentHashMap<>();

  ShadowDenials(Listeners listeners) {
    this.listeners = listeners;
  }

  /**
   * Marks a try as one of several of a call, so that each shadow budget reports its denial once.
   *
   * @param reportedShadows the budgets that reported theirs, shared by all tries
   */
  public void isOneCallWith(MeteredCall call, Set<String> reportedShadows) {
    tries.put(call.id(), reportedShadows);
  }

  /** Ends {@link #isOneCallWith}. */
  public void isDecided(MeteredCall call) {
    tries.remove(call.id());
  }

  void report(MeteredCall call, Denied denied) {
    Set<String> reported = tries.get(call.id());
    if (reported == null || reported.add(denied.budget())) {
      listeners.publish(
          "call " + call.id(), listener -> listener.onDenied(new DenialEvent(call, denied, false)));
    }
  }
}
