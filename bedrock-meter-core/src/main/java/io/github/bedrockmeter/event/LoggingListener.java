// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.usage.Usage;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One readable line for each call. Thread-safe. */
final class LoggingListener implements MeterListener {
  private static final Logger log = LoggerFactory.getLogger("bedrock-meter");

  @Override
  public void onUsage(UsageEvent event) {
    if (!log.isInfoEnabled()) {
      return;
    }
    Usage usage = event.usage();
    log.info(
        "{} {} {}: {} in, {} out, {} cache read, {} cache write{}; {}{}; {} ms{}{}{}",
        event.call().operation(),
        event.call().modelId(),
        event.outcome(),
        usage.inputTokens(),
        usage.outputTokens(),
        usage.cacheReadTokens(),
        usage.cacheWriteTokens(),
        usage.other().isEmpty() ? "" : ", " + usage.other(),
        event.cost(),
        switch (event.charge()) {
          case REPORTED -> "";
          case ESTIMATED -> " (estimated)";
          case RELEASED -> " (released)";
        },
        event.elapsedNanos() / 1_000_000,
        event.call().tags().isEmpty() ? "" : " " + event.call().tags(),
        event.call().amendments().isEmpty() ? "" : " " + event.call().amendments(),
        event.anomalies().isEmpty() ? "" : " " + event.anomalies());
  }

  @Override
  public void onDenied(DenialEvent event) {
    log.warn(
        "{} {} {}: {} {}",
        event.call().operation(),
        event.call().modelId(),
        event.enforced() ? "denied" : "would be denied",
        event.denial().message(),
        event.call().tags());
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    log.warn(
        "Budget '{}'{} has reached {} % of its limit: {} of {}, until {}",
        event.budget(),
        event.account().scope().isEmpty() ? "" : " (" + event.account().scope() + ")",
        event.share().movePointRight(2).stripTrailingZeros().toPlainString(),
        event.settled(),
        event.limit(),
        event.account().end().equals(Instant.MAX)
            ? "the end of time"
            : event.account().end().toString());
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    log.info("Budget '{}' changed: {}", change.budget(), change);
  }

  @Override
  public void onSettlementFailed(SettlementFailedEvent event) {
    log.error(
        "Call {} could not be settled at {}; its estimate stays held",
        event.call().id(),
        event.cost(),
        event.cause());
  }
}
