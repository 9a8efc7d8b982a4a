// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Printable;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The denials of budgets, in words an operator can act on. */
final class Denials {
  private Denials() {}

  static Denied frozen(Account account, String reason) {
    return denied(DenialKind.FROZEN, account, null, reason);
  }

  static Denied unpriced(Account account, String reason) {
    return denied(
        DenialKind.UNPRICED,
        account,
        null,
        "its cost is unknown: "
            + reason
            + "; give the model a price, or set the budget's unknownPrice to CONSERVATIVE or"
            + " ALLOW");
  }

  static Denied noMaxTokens(Account account, String reason) {
    return denied(DenialKind.NO_MAX_TOKENS, account, null, reason);
  }

  static Denied noBound(Account account, String reason) {
    return denied(DenialKind.NO_BOUND, account, null, reason);
  }

  /**
   * Other calls wait for room in the same balance.
   *
   * @param atMost how long the first of them may wait
   */
  static Denied othersWait(Account account, Duration atMost) {
    return denied(DenialKind.QUEUED_TOO_LONG, account, atMost, "other calls wait for it");
  }

  static Denied interrupted(String budget) {
    return new Denied(
        DenialKind.INTERRUPTED,
        budget,
        "",
        null,
        null,
        null,
        "the thread was interrupted while the ledger was asked",
        null);
  }

  /** The ledger cannot keep what this call asks for, and says so about no other call. */
  static Denied inputRefused(String budget, Throwable cause) {
    return new Denied(
        DenialKind.INPUT_REFUSED,
        budget,
        "",
        null,
        null,
        null,
        "the ledger cannot count it: " + cause.getMessage(),
        cause);
  }

  static Denied full(HoldResult.Full full, Account account) {
    return denied(DenialKind.LEDGER_FULL, account, null, full.reason());
  }

  /** What a budget whose filter or limit fails would answer if it were enforced. */
  static Denied undecided(String budget, Throwable cause) {
    return new Denied(
        DenialKind.POLICY,
        budget,
        "",
        null,
        null,
        null,
        "the budget cannot decide (" + Printable.message(cause) + ")",
        cause);
  }

  /** What a budget whose ledger does not answer would answer if it were enforced. */
  static Denied unavailable(Account account, Throwable cause) {
    return new Denied(
        DenialKind.LEDGER_UNAVAILABLE,
        account.budget(),
        account.scope(),
        null,
        null,
        null,
        Printable.message(cause),
        cause);
  }

  private static Denied denied(
      DenialKind kind, Account account, @Nullable Duration retryAfter, String reason) {
    return new Denied(
        kind, account.budget(), account.scope(), null, null, retryAfter, reason, null);
  }

  /** Too little is left. */
  static Denied shortfall(MeteredCall call, Shortfall shortfall) {
    Hold hold = shortfall.hold();
    Account account = hold.account();
    boolean neverFits = hold.amount() > hold.limit();
    return new Denied(
        neverFits ? DenialKind.NEVER_FITS : DenialKind.OVER_LIMIT,
        account.budget(),
        account.scope(),
        new Amount(hold.amount(), account.unit()),
        new Amount(Math.max(0, shortfall.available()), account.unit()),
        neverFits || account.isForever() ? null : Duration.between(call.startedAt(), account.end()),
        neverFits ? whyNeverFits(call, hold, account) : whyNotNow(call, shortfall),
        null);
  }

  private static String whyNeverFits(MeteredCall call, Hold hold, Account account) {
    String remedy = remedy(call, account);
    return "it never fits the limit of "
        + new Amount(hold.limit(), account.unit())
        + (remedy == null ? "; lower its maxTokens or raise the limit" : ": " + remedy);
  }

  /** What makes a call smaller; null where that is not what a budget counts. */
  private static @Nullable String remedy(MeteredCall call, Account account) {
    return account.unit() == Unit.REQUESTS ? null : OpenEnds.remedy(call);
  }

  private static @Nullable String whyNotNow(MeteredCall call, Shortfall shortfall) {
    Account account = shortfall.hold().account();
    String remedy = shortfall.available() > 0 ? remedy(call, account) : null;
    String noReset = whyNoReset(account);
    return noReset == null || remedy == null
        ? remedy == null ? noReset : remedy
        : noReset + "; " + remedy;
  }

  private static @Nullable String whyNoReset(Account account) {
    if (!account.isForever()) {
      return null;
    }
    return account.idle() == null
        ? "the limit is for all time; raise it to go on"
        : "the limit is for the whole run";
  }
}
