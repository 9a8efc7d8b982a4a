// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A policy's answer to one call: {@link Granted} or {@link Denied}, nothing in between.
 * Thread-safe.
 */
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
   * Why a call was denied, and what a web application would answer. New kinds may be added: code
   * that branches on the kind should have a default.
   */
  enum DenialKind {
    /** The balance has too little left now; it fits again when calls end or the window resets. */
    OVER_LIMIT("Over limit", 429),
    /** The call waited for room as long as its budget allows, or other calls wait before it. */
    QUEUED_TOO_LONG("Queued too long", 429),
    /** AWS's own quota of tokens or requests would be exceeded. */
    AWS_QUOTA("AWS quota", 429),
    /** The call alone is larger than the whole limit. */
    NEVER_FITS("Never fits", 402),
    /** An operator stopped the budget, or this scope of it. */
    FROZEN("Frozen", 402),
    /** The model has no known price and a dollar budget counts the call. */
    UNPRICED("No price", 402),
    /** Nothing bounds what the call may use, and the budget requires a bound. */
    NO_BOUND("No upper bound", 402),
    /** The request sets no {@code maxTokens}, and the budget requires it. */
    NO_MAX_TOKENS("No maxTokens", 402),
    /** A required tag is missing. */
    TAG_MISSING("Tag missing", 400),
    /** A tag has a value that is not allowed. */
    TAG_REFUSED("Tag refused", 400),
    /** The caller's input cannot be counted: a key is too long, or a scope too large. */
    INPUT_REFUSED("Input refused", 400),
    /** The request named no model when the meter had to decide. */
    MODEL_UNKNOWN_AT_ADMISSION("Model unknown", 400),
    /** A policy of the application denied the call, or failed and so could not decide. */
    POLICY("Denied by policy", 403),
    /** The ledger could not answer, so that nothing can be counted. */
    LEDGER_UNAVAILABLE("Ledger unavailable", 503),
    /** The ledger has no room for another account or hold. */
    LEDGER_FULL("Ledger full", 503),
    /** The calling thread was interrupted while it waited. */
    INTERRUPTED("Interrupted", 503),
    /** The meter, or its ledger, is closed. Reserved: nothing denies with it yet. */
    CLOSED("Closed", 503);

    private final String label;
    private final int httpStatus;

    DenialKind(String label, int httpStatus) {
      this.label = label;
      this.httpStatus = httpStatus;
    }

    /** What messages begin with, as {@code Over limit}. */
    public String label() {
      return label;
    }

    /**
     * The status a web application would answer with: 429 or 503 with {@code Retry-After} where
     * {@link Denied#retryAfter} is known, 402, 400 or 403.
     */
    public int httpStatus() {
      return httpStatus;
    }
  }

  /**
   * The call must not be sent. Immutable and thread-safe.
   *
   * @param kind why; code branches on this and on no text
   * @param budget the name of the budget, policy or quota that denied the call; {@code required
   *     tags} for tag rules, and {@code policy} where no one of them can be named
   * @param scope whose share of it, as {@code tenant=acme}; empty where it has only one
   * @param requested what the call was estimated to need; null if amounts are not the reason
   * @param available what was left when the call asked, never negative; null with {@code requested}
   * @param retryAfter time until a retry may pass: the window resets, a quota refills, the ledger
   *     is asked again; null if waiting will not help or nothing says for how long
   * @param reason why, in words an operator can act on; null where the amounts say it all
   * @param cause the exception behind it; null if there is none
   */
  record Denied(
      DenialKind kind,
      String budget,
      String scope,
      @Nullable Amount requested,
      @Nullable Amount available,
      @Nullable Duration retryAfter,
      @Nullable String reason,
      @Nullable Throwable cause)
      implements BudgetDecision, Serializable {
    /** A reason may name tags, models and messages from outside. */
    private static final int LONGEST_REASON = 2_000;

    public Denied {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(budget, "budget");
      Objects.requireNonNull(scope, "scope");
      if (reason == null && (requested == null || available == null)) {
        throw new IllegalArgumentException(
            "a denial by '"
                + Escaped.text(budget)
                + "' gives a reason, or what was requested and available");
      }
    }

    /** The same denial of another kind. */
    public Denied as(DenialKind other) {
      return new Denied(other, budget, scope, requested, available, retryAfter, reason, cause);
    }

    /**
     * One sentence that says to an operator what happened and what to do. It is on one line: names
     * and reasons are escaped, and cut where they are very long.
     */
    public String message() {
      StringBuilder text = new StringBuilder(kind.label());
      switch (kind) {
        case TAG_MISSING, TAG_REFUSED, MODEL_UNKNOWN_AT_ADMISSION, LEDGER_UNAVAILABLE -> {}
        case INTERRUPTED, CLOSED -> {}
        case POLICY -> text.append(" '").append(Escaped.text(budget)).append('\'');
        case AWS_QUOTA -> text.append(": quota '").append(Escaped.text(budget)).append('\'');
        default -> text.append(": budget '").append(Escaped.text(budget)).append('\'');
      }
      if (!scope.isEmpty()) {
        text.append(" (").append(Escaped.text(scope)).append(')');
      }
      if (requested != null && available != null) {
        text.append(" has ").append(available).append(" left; the call was estimated at ");
        text.append(requested);
        if (reason != null) {
          text.append("; ").append(Escaped.text(reason, LONGEST_REASON));
        }
      } else {
        text.append(": ").append(reason == null ? "" : Escaped.text(reason, LONGEST_REASON));
      }
      if (retryAfter != null) {
        text.append(hasWindow() ? "; resets in " : "; retry in ").append(inWords(retryAfter));
      }
      return text.toString();
    }

    /** Whether waiting helps because a window resets. */
    private boolean hasWindow() {
      return requested != null && kind != DenialKind.AWS_QUOTA;
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
    return denied(DenialKind.POLICY, policy, reason);
  }

  /** A no of a certain kind with a reason, for policies that do not count. */
  static BudgetDecision denied(DenialKind kind, String policy, String reason) {
    return new Denied(kind, policy, "", null, null, null, reason, null);
  }

  /**
   * Room that a policy set aside for one call. The meter closes it exactly once, with {@link
   * #commit} or {@link #release}, on the thread that finished the call.
   *
   * <p>Both start the work and return at once; the stage completes when it is done. The meter does
   * not wait for it before the caller has its answer. A stage that fails, or an exception, is
   * reported to {@code MeterListener.onSettlementFailed}.
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
