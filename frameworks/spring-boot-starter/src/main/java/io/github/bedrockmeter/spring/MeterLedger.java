// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerSettings;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The ledger that the meter uses, and those under it, which it closes in turn.
 *
 * @param opened a shared ledger that was opened by the properties; null for one in memory, and for
 *     a bean of the application
 * @param shared the one that was opened, or the application's bean; null for one in memory
 * @param used by the meter: leased, measured; null for one in memory
 */
record MeterLedger(
    @Nullable Ledger opened,
    @Nullable Ledger shared,
    @Nullable Ledger used,
    LedgerSettings settings)
    implements AutoCloseable {

  /**
   * A ledger as the settings and the metrics have it.
   *
   * @param own the application's bean; null if it has none
   * @param opened by the properties; null for one in memory
   * @param measured adds the measurement of its latency
   */
  static MeterLedger of(
      @Nullable Ledger own,
      @Nullable Ledger opened,
      LedgerSettings settings,
      UnaryOperator<Ledger> measured) {
    Ledger shared = own == null ? opened : own;
    if (shared == null) {
      return new MeterLedger(null, null, null, settings);
    }
    Ledger timed = measured.apply(shared);
    return new MeterLedger(
        opened, shared, settings.leased() ? Ledger.leased(timed) : timed, settings);
  }

  void apply(BedrockMeter.Builder builder) {
    if (used != null) {
      builder.ledger(used);
    }
    String prefix = BedrockMeterProperties.PREFIX + ".ledger.";
    Duration timeout = settings.timeout();
    if (timeout != null) {
      InvalidPropertiesException.checked(prefix + "timeout", () -> builder.ledgerTimeout(timeout));
    }
    Duration settlementTime = settings.settlementTime();
    if (settlementTime != null) {
      InvalidPropertiesException.checked(
          prefix + "settlement-time", () -> builder.settlementTime(settlementTime));
    }
  }

  @Override
  public void close() {
    if (used != null && settings.leased()) {
      used.close();
    }
    if (opened != null) {
      opened.close();
    }
  }
}
