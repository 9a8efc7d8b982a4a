// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.call.MeteredCall;

/**
 * Is notified of what happens to calls.
 *
 * <pre>
 * denied call     onDenied
 * any other call  onReserved ... onUsage      (one onUsage for each onReserved, even on failure)
 * </pre>
 *
 * <p>Methods run on the thread that finished the call, for async clients an SDK event-loop thread,
 * so they must return quickly; hand slow work to a queue of your own. A listener that throws is
 * logged and skipped; the call and the other listeners never notice. Events carry counts, money,
 * ids and tags, never text of a prompt or a completion.
 */
public interface MeterListener {

  /** A call was granted and is about to be sent. Runs on the thread that will send it. */
  default void onReserved(MeteredCall call) {}

  /** A call ended, in whatever way. */
  default void onUsage(UsageEvent event) {}

  /** A policy said no to a call, which was not sent unless the policy only observes. */
  default void onDenied(DenialEvent event) {}

  /** A budget's settled spending reached a share of its limit that was asked for. */
  default void onThreshold(ThresholdEvent event) {}

  /** A budget was changed while it was in force. Runs on the thread that changed it. */
  default void onBudgetChanged(BudgetChange change) {}

  /** A reservation could not be closed; its estimate stays held until the window ends. */
  default void onSettlementFailed(SettlementFailedEvent event) {}

  /** A listener that writes one line for each event to the slf4j logger {@code bedrock-meter}. */
  static MeterListener logging() {
    return new LoggingListener();
  }
}
