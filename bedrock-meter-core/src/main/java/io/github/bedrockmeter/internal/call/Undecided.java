// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.internal.text.Printable;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The denials of calls whose policy cannot decide: what cannot decide does not spend. Logs an
 * outage, not each of its calls. Thread-safe; never throws.
 */
final class Undecided {
  /** A ledger that failed is asked again about as often. */
  private static final Duration LEDGER_RETRY = Duration.ofSeconds(1);

  private final OutageLog ledger;
  private final OutageLog policy;

  Undecided(Log log, LongSupplier nanoClock) {
    this.ledger = new OutageLog(log, "Calls are denied, since the ledger cannot decide", nanoClock);
    this.policy =
        new OutageLog(log, "Calls are denied, since their policy cannot decide", nanoClock);
  }

  /** Notes that a policy has decided. */
  void decided() {
    ledger.worked();
    policy.worked();
  }

  /**
   * Denies the call, and logs why if a line is due.
   *
   * @param cause what the policy threw; null if it returned null
   */
  Denied denial(MeteredCall call, @Nullable Throwable cause) {
    if (cause instanceof LedgerUnavailableException) {
      ledger.failed("call " + call.id(), cause);
      return unavailable(cause);
    }
    policy.failed("call " + call.id(), cause);
    return undecided(cause);
  }

  private static Denied unavailable(Throwable cause) {
    String reason =
        Printable.message(cause)
            + "; the call was not sent, since what cannot be counted is not spent (failOpen of"
            + " the meter's builder lets calls pass)";
    return denied(DenialKind.LEDGER_UNAVAILABLE, LEDGER_RETRY, reason, cause);
  }

  private static Denied undecided(@Nullable Throwable cause) {
    String reason =
        "the policy cannot decide ("
            + (cause == null ? "it returned null" : Printable.message(cause))
            + "), and what cannot decide does not spend; see BudgetPolicy.failOpen, or failOpen of"
            + " the meter's builder for its budgets";
    return denied(DenialKind.POLICY, null, reason, cause);
  }

  private static Denied denied(
      DenialKind kind, @Nullable Duration retry, String reason, @Nullable Throwable cause) {
    return new Denied(kind, "policy", "", null, null, retry, reason, cause);
  }
}
