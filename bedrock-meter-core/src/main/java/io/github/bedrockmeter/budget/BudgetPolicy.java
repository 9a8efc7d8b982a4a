// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a call may be sent, and reserves room for it while it is in flight.
 *
 * <p>Called concurrently, so it must be thread-safe, before the request leaves the JVM: on the
 * caller's thread, and on another one for a call that has waited. A call that a budget changes, or
 * lets wait, is asked about once for each try, under a new call id. An exception thrown here, or a
 * null, stops the call: a policy that cannot decide does not spend.
 */
@FunctionalInterface
public interface BudgetPolicy {

  /** Grants or denies one call. */
  BudgetDecision reserve(MeteredCall call);

  /** Like {@link #reserve}, for policies that ask a remote ledger and must not block. */
  default CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    return CompletableFuture.completedFuture(reserve(call));
  }

  /** Grants every call and counts nothing. */
  static BudgetPolicy unlimited() {
    BudgetDecision granted = BudgetDecision.granted();
    return call -> granted;
  }

  /** Grants what every policy grants; after the first denial earlier ones are released. */
  static BudgetPolicy allOf(BudgetPolicy... policies) {
    return policies.length == 1 ? policies[0] : new AllOf(List.of(policies));
  }

  /**
   * Lets a call pass, unreserved, when {@code policy} cannot decide. A denial still denies. This
   * trades the promise that a limit holds for availability.
   */
  static BudgetPolicy failOpen(BudgetPolicy policy) {
    return new FailOpen(policy);
  }
}

final class AllOf implements BudgetPolicy {
  private final List<BudgetPolicy> policies;

  AllOf(List<BudgetPolicy> policies) {
    this.policies = policies;
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    Together together = new Together();
    for (BudgetPolicy policy : policies) {
      try {
        BudgetDecision decision = policy.reserve(call);
        if (!together.add(decision)) {
          return decision;
        }
      } catch (RuntimeException | Error undecided) {
        together.release();
        throw undecided;
      }
    }
    return new BudgetDecision.Granted(together);
  }

  @Override
  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    return reserveFrom(0, call, new Together());
  }

  private CompletionStage<BudgetDecision> reserveFrom(
      int index, MeteredCall call, Together together) {
    if (index == policies.size()) {
      return CompletableFuture.completedFuture(new BudgetDecision.Granted(together));
    }
    CompletionStage<BudgetDecision> next;
    try {
      next = policies.get(index).reserveAsync(call);
    } catch (RuntimeException | Error undecided) {
      together.release();
      throw undecided;
    }
    if (next == null) {
      together.release();
      return CompletableFuture.completedFuture(null);
    }
    return next.whenComplete(
            (decision, undecided) -> {
              if (undecided != null) {
                together.release();
              }
            })
        .thenCompose(
            decision ->
                together.add(decision)
                    ? reserveFrom(index + 1, call, together)
                    : CompletableFuture.completedFuture(decision));
  }

  /** The reservations of several policies, closed as one. */
  private static final class Together implements Reservation {
    private final List<Reservation> reservations = new ArrayList<>();

    /** Takes in a grant; on anything else gives back what was taken in before. */
    boolean add(@Nullable BudgetDecision decision) {
      if (decision instanceof BudgetDecision.Granted granted) {
        reservations.add(granted.reservation());
        return true;
      }
      release();
      return false;
    }

    @Override
    public CompletionStage<?> commit(Usage usage, Cost cost) {
      return each(reservation -> reservation.commit(usage, cost));
    }

    @Override
    public CompletionStage<?> release() {
      return each(Reservation::release);
    }

    /** Closes every reservation, also those after one that fails; the whole fails if one does. */
    private CompletionStage<?> each(Function<Reservation, CompletionStage<?>> close) {
      CompletableFuture<?>[] closed = new CompletableFuture<?>[reservations.size()];
      for (int i = 0; i < closed.length; i++) {
        try {
          closed[i] = close.apply(reservations.get(i)).toCompletableFuture();
        } catch (Throwable failure) {
          closed[i] = CompletableFuture.failedFuture(failure);
        }
      }
      return CompletableFuture.allOf(closed);
    }
  }
}

final class FailOpen implements BudgetPolicy {
  private static final Log log = Log.to(LoggerFactory.getLogger(BudgetPolicy.class));
  private static final String WHAT =
      "Calls pass unreserved, since their policy cannot decide and is set to fail open";

  private final BudgetPolicy policy;
  private final OutageLog outage = new OutageLog(log, WHAT);

  FailOpen(BudgetPolicy policy) {
    this.policy = policy;
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    try {
      return decided(policy.reserve(call), null, call);
    } catch (RuntimeException | Error undecided) {
      return decided(null, undecided, call);
    }
  }

  @Override
  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    try {
      return policy
          .reserveAsync(call)
          .handle((decision, undecided) -> decided(decision, undecided, call));
    } catch (RuntimeException | Error undecided) {
      return CompletableFuture.completedFuture(decided(null, undecided, call));
    }
  }

  private BudgetDecision decided(
      @Nullable BudgetDecision decision, @Nullable Throwable undecided, MeteredCall call) {
    if (decision == null) {
      outage.failed("call " + call.id(), undecided);
      return BudgetDecision.granted();
    }
    outage.worked();
    return decision;
  }
}
