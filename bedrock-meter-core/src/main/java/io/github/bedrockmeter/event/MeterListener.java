// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * Is notified of what happens to calls.
 *
 * <pre>
 * denied call     onDenied
 * any other call  onReserved ... onUsage      (one onUsage for each onReserved, even on failure)
 * </pre>
 *
 * <p>Called concurrently, so it must be thread-safe. Methods run on the meter's callers' threads,
 * those of the SDK, and the meter's own, so they must return quickly; hand slow work to a queue of
 * your own. A listener that throws is logged and skipped; the call and the other listeners never
 * notice. Events carry counts, money, ids and tags, never text of a prompt or a completion.
 */
public interface MeterListener {

  /** A call was granted and is about to be sent. Runs on the thread that will send it. */
  default void onReserved(MeteredCall call) {}

  /**
   * A call ended, in whatever way. Runs on the caller's thread for a synchronous client, and on the
   * SDK's thread that completed the call for an asynchronous one, before the caller has its answer.
   */
  default void onUsage(UsageEvent event) {}

  /**
   * A policy denied a call, which is not sent unless the denial is not enforced. Runs on the thread
   * that decided: the caller's, or one of the meter's own after a wait for the ledger or for room.
   */
  default void onDenied(DenialEvent event) {}

  /**
   * A budget's settled spending reached a share of its limit that was asked for; 1 is an exhausted
   * balance. Runs on the thread that settled where the ledger answered at once, or that denied a
   * call for lack of room; else on one of the meter's own.
   */
  default void onThreshold(ThresholdEvent event) {}

  /**
   * A budget was changed while it was in force. Runs on the thread that changed it; after a charge
   * or a credit in a remote ledger, on one of the meter's own.
   */
  default void onBudgetChanged(BudgetChange change) {}

  /**
   * A reservation could not be closed; its estimate stays held until the window ends. Runs on one
   * of the meter's own threads, or on the one that settled where the ledger failed at once.
   */
  default void onSettlementFailed(SettlementFailedEvent event) {}

  /**
   * A call was charged in a balance whose hold the ledger had lost. Runs like {@link
   * #onSettlementFailed}.
   */
  default void onChargedWithoutHold(ChargedWithoutHoldEvent event) {}

  /**
   * All calls are let pass for a while, or are no longer. Runs on the thread that switched it, or
   * on that of the first call that noticed.
   */
  default void onBypass(BypassEvent event) {}

  /** A listener that writes one line for each event to the slf4j logger {@code bedrock-meter}. */
  static MeterListener logging() {
    return new LoggingListener();
  }

  /**
   * A policy said no. Immutable and thread-safe.
   *
   * @param call the call
   * @param denial who said no, and why
   * @param enforced whether the call was stopped; false for a budget in mode {@code SHADOW}, and
   *     while a bypass is on: the call is sent
   */
  record DenialEvent(MeteredCall call, BudgetDecision.Denied denial, boolean enforced) {}

  /**
   * Settled spending reached a share of a budget's limit. Reported once for each share, balance and
   * window: of a shared ledger to the one process whose settlement passed it. Immutable and
   * thread-safe.
   *
   * <p>A share of 1 means that the balance is exhausted: its limit is settled, or a call was denied
   * because too little is left for it, whichever comes first. Reported once for each balance and
   * window, and again where the limit was raised since; of a shared ledger in each process that
   * denies a call. A call that is larger than the whole limit exhausts nothing.
   *
   * @param account the balance
   * @param share the share that was reached, 0.8 for 80 %
   * @param settled what has been charged in the window so far; with what is held where a denied
   *     call showed that the balance is exhausted
   * @param limit the budget's limit
   */
  record ThresholdEvent(Account account, BigDecimal share, Amount settled, Amount limit) {

    /** Whether nothing more fits, or nothing that was asked for. */
    public boolean isExhausted() {
      return share.compareTo(BigDecimal.ONE) == 0;
    }

    /** The budget's name. */
    public String budget() {
      return account.budget();
    }
  }

  /**
   * A reservation could not be closed after all tries, so its estimate stays held. Immutable and
   * thread-safe.
   *
   * @param call the call whose reservation it is
   * @param usage what should have been charged
   * @param cost what that costs
   * @param cause the last failure
   */
  record SettlementFailedEvent(MeteredCall call, Usage usage, Cost cost, Throwable cause) {}

  /**
   * The ledger had neither a call's hold nor a record that it had been settled, and charged the
   * call all the same: the store has lost what it knew, by a full disk, a failover or a restored
   * backup, and other balances may be too low; or the settlement was repeated so late that the call
   * may be charged twice. Immutable and thread-safe.
   *
   * @param call the call
   * @param account the balance
   * @param charged what was added to it
   */
  record ChargedWithoutHoldEvent(MeteredCall call, Account account, Amount charged) {}

  /**
   * The emergency switch was used. While it is on, a call that would be denied is sent, is charged
   * where its budgets can be reached, and its denial is reported as not enforced. Immutable and
   * thread-safe.
   *
   * @param reason why, in the words of who did it
   * @param until when it ends or would have ended
   * @param begins whether calls pass from now on; false if they are denied again
   */
  record BypassEvent(String reason, Instant until, boolean begins) {}
}
