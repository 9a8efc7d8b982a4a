// SPDX-License-Identifier: Apache-2.0
package com.example.bedrock;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Limits how many calls each user has in flight, so that one user's batch job does not take all of
 * a quota. A call belongs to the user that its tag {@code user} names. Counts in this JVM only.
 * Thread-safe.
 */
public final class CallsAtOncePerUser implements BudgetPolicy {
  private static final String NAME = "calls-at-once-per-user";

  private final int most;
  private final ConcurrentMap<String, Integer> inFlight = new ConcurrentHashMap<>();

  /**
   * A policy.
   *
   * @param most how many calls a user may have in flight, at least 1
   */
  public CallsAtOncePerUser(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most must be at least 1: " + most);
    }
    this.most = most;
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    String user = call.tags().get("user");
    if (user == null) {
      return BudgetDecision.denied(
          DenialKind.TAG_MISSING,
          NAME,
          "the call has no tag 'user'; set one with BedrockMeter.tags(\"user\", ...)");
    }
    return take(user)
        ? new Granted(new Slot(user))
        : BudgetDecision.denied(
            NAME,
            "user '%s' has as many calls in flight as allowed, %d; try again when one has ended"
                .formatted(user, most));
  }

  private boolean take(String user) {
    boolean[] taken = {false};
    inFlight.compute(
        user,
        (name, calls) -> {
          int now = calls == null ? 0 : calls;
          taken[0] = now < most;
          return taken[0] ? Integer.valueOf(now + 1) : calls;
        });
    return taken[0];
  }

  /** How many calls a user has in flight. */
  public int inFlight(String user) {
    return inFlight.getOrDefault(user, 0);
  }

  /** One call in flight. What it consumed does not matter here, only that it has ended. */
  private final class Slot implements Reservation {
    private final String user;

    Slot(String user) {
      this.user = user;
    }

    @Override
    public CompletionStage<?> commit(Usage usage, Cost cost) {
      return release();
    }

    @Override
    public CompletionStage<?> release() {
      inFlight.compute(user, (name, calls) -> calls == null || calls == 1 ? null : calls - 1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
