// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.Printable;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import org.slf4j.LoggerFactory;

/** One readable line for each call. Thread-safe. */
final class LoggingListener implements MeterListener {
  private static final Log log = Log.to(LoggerFactory.getLogger("bedrock-meter"));

  /** Lists in a line are no longer than this. */
  private static final int LONGEST = 2_000;

  @Override
  public void onUsage(UsageEvent event) {
    if (!log.isInfoEnabled()) {
      return;
    }
    Usage usage = event.usage();
    log.info(
        "{} {} {}: {} in, {} out, {} cache read, {} cache write{}; {}{}; {} ms; call {}{}{}{}",
        event.call().operation(),
        event.call().modelId(),
        event.outcome(),
        usage.inputTokens(),
        usage.outputTokens(),
        usage.cacheReadTokens(),
        usage.cacheWriteTokens(),
        usage.other().isEmpty() ? "" : ", " + usage.other(),
        shown(event.cost()),
        switch (event.charge()) {
          case REPORTED -> "";
          case ESTIMATED -> " (estimated)";
          case RELEASED -> " (released)";
        },
        event.elapsedNanos() / 1_000_000,
        event.call().id(),
        event.call().tags().isEmpty() ? "" : " " + event.call().tags(),
        event.call().amendments().isEmpty() ? "" : " " + shown(event.call().amendments()),
        event.anomalies().isEmpty() ? "" : " " + shown(event.anomalies()));
  }

  private static String shown(Object parts) {
    return Escaped.text(parts.toString(), LONGEST);
  }

  @Override
  public void onDenied(DenialEvent event) {
    log.warn(
        "{} {} {}: {}; call {} {}",
        event.call().operation(),
        event.call().modelId(),
        event.enforced() ? "denied" : "would be denied",
        event.denial().message(),
        event.call().id(),
        event.call().tags());
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    log.warn(
        event.isExhausted()
            ? "Budget '{}'{} is exhausted, at {} % of its limit: {} of {}, until {}"
            : "Budget '{}'{} has reached {} % of its limit: {} of {}, until {}",
        event.budget(),
        event.account().scope().isEmpty() ? "" : " (" + event.account().scope() + ")",
        percent(event),
        event.settled(),
        event.limit(),
        event.account().end().equals(Instant.MAX)
            ? "the end of time"
            : event.account().end().toString());
  }

  /** The share that was reached; of an exhausted balance what is taken, rounded down. */
  private static String percent(ThresholdEvent event) {
    BigDecimal percent = event.share().movePointRight(2);
    if (event.isExhausted() && event.limit().units() > 0) {
      percent =
          new BigDecimal(event.settled().units())
              .movePointRight(2)
              .divide(new BigDecimal(event.limit().units()), 0, RoundingMode.DOWN);
    }
    return percent.stripTrailingZeros().toPlainString();
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    log.info("Budget '{}' changed: {}", change.budget(), shown(change));
  }

  @Override
  public void onChargedWithoutHold(ChargedWithoutHoldEvent event) {
    log.error(
        "Call {} was charged {} in budget '{}'{}, whose hold the ledger had lost; check its store",
        event.call().id(),
        event.charged(),
        event.account().budget(),
        event.account().scope().isEmpty() ? "" : " (" + event.account().scope() + ")");
  }

  @Override
  public void onSettlementFailed(SettlementFailedEvent event) {
    // The stack trace is in the log of Accounting, once an outage.
    log.error(
        "Call {} could not be settled at {}; its estimate stays held: {}",
        event.call().id(),
        event.cost(),
        Printable.message(event.cause()));
  }
}
