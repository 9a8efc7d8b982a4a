// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps every event, and their sequence as words. Thread-safe. */
public final class RecordingListener implements MeterListener {
  private final List<String> sequence = new CopyOnWriteArrayList<>();
  private final List<MeteredCall> reserved = new CopyOnWriteArrayList<>();
  private final List<UsageEvent> usages = new CopyOnWriteArrayList<>();
  private final List<DenialEvent> denials = new CopyOnWriteArrayList<>();
  private final List<ThresholdEvent> thresholds = new CopyOnWriteArrayList<>();
  private final List<BudgetChange> changes = new CopyOnWriteArrayList<>();
  private final List<SettlementFailedEvent> settlementFailures = new CopyOnWriteArrayList<>();
  private final List<BypassEvent> bypasses = new CopyOnWriteArrayList<>();
  private final List<ChargedWithoutHoldEvent> chargedWithoutHold = new CopyOnWriteArrayList<>();

  @Override
  public void onReserved(MeteredCall call) {
    reserved.add(call);
    sequence.add("reserved");
  }

  @Override
  public void onUsage(UsageEvent event) {
    usages.add(event);
    sequence.add("usage:" + event.outcome());
  }

  @Override
  public void onDenied(DenialEvent event) {
    denials.add(event);
    sequence.add(event.enforced() ? "denied" : "would deny");
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    thresholds.add(event);
    sequence.add("threshold:" + event.share().toPlainString());
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    changes.add(change);
    sequence.add("changed:" + change.getClass().getSimpleName());
  }

  @Override
  public void onSettlementFailed(SettlementFailedEvent event) {
    settlementFailures.add(event);
    sequence.add("settlementFailed");
  }

  @Override
  public void onChargedWithoutHold(ChargedWithoutHoldEvent event) {
    chargedWithoutHold.add(event);
    sequence.add("chargedWithoutHold");
  }

  @Override
  public void onBypass(BypassEvent event) {
    bypasses.add(event);
    sequence.add(event.begins() ? "bypassed" : "enforced again");
  }

  /** What happened, in order: {@code reserved}, {@code usage:Completed}, {@code denied}, ... */
  public List<String> sequence() {
    return sequence;
  }

  /** Calls that were granted. */
  public List<MeteredCall> reserved() {
    return reserved;
  }

  /** Calls that ended. */
  public List<UsageEvent> usages() {
    return usages;
  }

  /** The only call that ended. */
  public UsageEvent usage() {
    if (usages.size() != 1) {
      throw new AssertionError("expected one usage event, got " + usages);
    }
    return usages.get(0);
  }

  /** Denials, enforced or not. */
  public List<DenialEvent> denials() {
    return denials;
  }

  /** Thresholds that were reached. */
  public List<ThresholdEvent> thresholds() {
    return thresholds;
  }

  /** What was changed about budgets. */
  public List<BudgetChange> changes() {
    return changes;
  }

  /** Reservations that could not be closed. */
  public List<SettlementFailedEvent> settlementFailures() {
    return settlementFailures;
  }

  /** Charges whose hold the ledger had lost. */
  public List<ChargedWithoutHoldEvent> chargedWithoutHold() {
    return chargedWithoutHold;
  }

  /** When all calls were let pass, and when not any longer. */
  public List<BypassEvent> bypasses() {
    return bypasses;
  }
}
