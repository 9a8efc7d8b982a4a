// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.internal.budgets.Remedies;
import io.github.bedrockmeter.internal.budgets.WaitingRoom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether, for what and for how long a call waits. Confined to one thread at a time, except {@link
 * #leave}.
 */
final class WaitingCall {
  /*
   * Whoever is first in line tries when a settlement of this meter has made room, and every POLL
   * besides: other processes make room too, and so does a new window.
   */
  private static final long POLL = TimeUnit.MILLISECONDS.toNanos(100);

  private final Remedies remedies;
  private final WaitingRoom.Place place;
  private final long begin = System.nanoTime();
  private final long callTime;
  private @Nullable Budget waitsFor;
  private long since;
  private long until;

  /**
   * A call that may have to wait.
   *
   * @param callTime how long the call may take as a whole; null if that is not limited
   */
  WaitingCall(Remedies remedies, @Nullable Duration callTime) {
    this.remedies = remedies;
    this.place = remedies.waitingRoom().arrive();
    this.callTime = CallTime.nanos(callTime);
  }

  /** Begins a try as this call: what makes room from now on is worth another one. */
  void tries(MeteredCall call) {
    place.tryAs(call.id());
  }

  /** Stands in line if a denial may pass while the call waits; false if it is final. */
  boolean waitsFor(MeteredCall call, Denied denied) {
    Budget budget = remedies.budgetBehind(denied);
    if (budget == null || budget.waitUpTo().isZero() || !remedies.mayPass(denied, budget, call)) {
      return false;
    }
    long now = System.nanoTime();
    if (waitsFor == null) {
      since = now;
      until = now + Math.min(CallTime.nanos(budget.waitUpTo()), callTime - (now - begin));
    }
    waitsFor = budget;
    if (isOver(now)) {
      return false;
    }
    place.standFor(remedies.accountOf(budget, call), call.id());
    return true;
  }

  /** Whether the call has waited before. */
  boolean hasWaited() {
    return waitsFor != null;
  }

  /** Whether the call has waited as long as it may. */
  boolean isOver() {
    return isOver(System.nanoTime());
  }

  private boolean isOver(long now) {
    return now - until >= 0;
  }

  /** Whether it is this call that tries. */
  boolean isFirst() {
    return place.isFirst();
  }

  /** Completed when another try may be worth it; a new one for each wait. */
  CompletableFuture<Void> turn() {
    return place.turn();
  }

  /** How long to wait for the turn, in nanoseconds. */
  long nap() {
    long remaining = Math.max(1, until - System.nanoTime());
    return place.isFirst() ? Math.min(POLL, remaining) : remaining;
  }

  /** What the wait so far is in the list of amendments. */
  List<Amendment> soFar() {
    Budget budget = waitsFor;
    return budget == null
        ? List.of()
        : List.of(new Amendment.Waited(budget.name(), Duration.ofNanos(System.nanoTime() - since)));
  }

  /** Leaves the line, from any thread: the next one tries, and this one's turn is over. */
  void leave() {
    place.leave();
  }
}
