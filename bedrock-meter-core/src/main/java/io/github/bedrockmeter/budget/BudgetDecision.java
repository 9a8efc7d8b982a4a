// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A policy's answer to one call: {@link Granted} or {@link Denied}, nothing in between. */
public sealed interface BudgetDecision {

  /**
   * The call may be sent.
   *
   * @param reservation closed when the call's real usage is known
   */
  record Granted(Reservation reservation) implements BudgetDecision {
    private static final Granted NOTHING_HELD = new Granted(Reservation.none());

    public Granted {
      Objects.requireNonNull(reservation, "reservation");
    }
  }

  /**
   * The call must not be sent.
   *
   * @param budget the budget, or the policy, that said no
   * @param scope whose share of it, as {@code tenant=acme}; empty where it has only one
   * @param requested what the call was estimated to need; null if the reason is another one
   * @param available what was left when the call asked, never negative; null with {@code requested}
   * @param retryAfter time until the window resets; null if waiting will not help
   * @param reason why, in words an operator can act on; null where the amounts say it all
   */
  record Denied(
      String budget,
      String scope,
      @Nullable Amount requested,
      @Nullable Amount available,
      @Nullable Duration retryAfter,
      @Nullable String reason)
      implements BudgetDecision, Serializable {

    public Denied {
      Objects.requireNonNull(budget, "budget");
      Objects.requireNonNull(scope, "scope");
      if (reason == null && (requested == null || available == null)) {
        throw new IllegalArgumentException(
            "a denial by '" + budget + "' gives a reason, or what was requested and available");
      }
    }

    /** One sentence that tells an operator what happened and what to do. */
    public String message() {
      StringBuilder text = new StringBuilder("Budget '").append(budget).append('\'');
      if (!scope.isEmpty()) {
        text.append(" (").append(scope).append(')');
      }
      if (requested != null && available != null) {
        text.append(" has ").append(available).append(" left; the call was estimated at ");
        text.append(requested);
        if (reason != null) {
          text.append("; ").append(reason);
        }
      } else {
        text.append(" denied the call: ").append(reason);
      }
      if (retryAfter != null) {
        text.append("; resets in ").append(inWords(retryAfter));
      }
      return text.toString();
    }

    /** The two largest parts of a duration, as in {@code 3h} or {@code 2d 4h}, rounded up. */
    private static String inWords(Duration duration) {
      long seconds = Math.max(1, duration.plusNanos(999_999_999).toSeconds());
      if (seconds < 60) {
        return seconds + "s";
      }
      long minutes = (seconds + 59) / 60;
      if (minutes < 60) {
        return minutes + "m";
      }
      if (minutes < 24 * 60) {
        return twoParts(minutes / 60, "h", minutes % 60, "m");
      }
      long hours = (minutes + 59) / 60;
      return twoParts(hours / 24, "d", hours % 24, "h");
    }

    private static String twoParts(long large, String largeUnit, long small, String smallUnit) {
      return small == 0 ? large + largeUnit : large + largeUnit + " " + small + smallUnit;
    }
  }

  /** A yes that sets nothing aside. */
  static BudgetDecision granted() {
    return Granted.NOTHING_HELD;
  }

  /** A no with a reason, for policies that do not count. */
  static BudgetDecision denied(String policy, String reason) {
    return new Denied(policy, "", null, null, null, reason);
  }

  /**
   * Room that a policy set aside for one call. The meter closes it exactly once, with {@link
   * #commit} or {@link #release}, on the thread that finished the call.
   *
   * <p>Both start the work and return at once; the stage tells when it is done. The meter does not
   * wait for it before the caller has its answer. A stage that fails, or an exception, is reported
   * to {@code MeterListener.onSettlementFailed}.
   */
  interface Reservation {

    /** Charges what the call consumed, which may be more or less than was set aside. */
    CompletionStage<?> commit(Usage usage, Cost cost);

    /** Gives the room back: the call was not billed. */
    CompletionStage<?> release();

    /** Nothing set aside; for policies that only say yes or no. */
    static Reservation none() {
      return NoReservation.INSTANCE;
    }
  }
}

enum NoReservation implements BudgetDecision.Reservation {
  INSTANCE;

  private static final CompletableFuture<@Nullable Void> DONE =
      CompletableFuture.completedFuture(null);

  @Override
  public CompletionStage<?> commit(Usage usage, Cost cost) {
    return DONE;
  }

  @Override
  public CompletionStage<?> release() {
    return DONE;
  }
}
