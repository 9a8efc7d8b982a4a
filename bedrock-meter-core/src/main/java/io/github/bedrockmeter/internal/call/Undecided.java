// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The denial of a call whose policy cannot decide: what cannot decide does not spend. */
final class Undecided {
  private static final Logger log = LoggerFactory.getLogger(Undecided.class);

  /** A ledger that failed is asked again about as often. */
  private static final Duration LEDGER_RETRY = Duration.ofSeconds(1);

  private Undecided() {}

  /**
   * Logs why a policy cannot decide, and denies the call.
   *
   * @param cause what the policy threw; null if it returned null
   */
  static Denied denial(MeteredCall call, @Nullable Throwable cause) {
    log.warn("Call {} is denied: its policy cannot decide", call.id(), cause);
    if (cause instanceof LedgerUnavailableException) {
      return new Denied(
          DenialKind.LEDGER_UNAVAILABLE,
          "policy",
          "",
          null,
          null,
          LEDGER_RETRY,
          cause.getMessage()
              + "; the call was not sent, since what cannot be counted is not spent (failOpen of"
              + " the meter's builder lets calls pass)",
          cause);
    }
    String why =
        cause == null
            ? "it returned null"
            : cause.getMessage() == null ? cause.getClass().getName() : cause.getMessage();
    return new Denied(
        DenialKind.POLICY,
        "policy",
        "",
        null,
        null,
        null,
        "the policy cannot decide ("
            + why
            + "), and what cannot decide does not spend; see BudgetPolicy.failOpen, or failOpen of"
            + " the meter's builder for its budgets",
        cause);
  }
}
