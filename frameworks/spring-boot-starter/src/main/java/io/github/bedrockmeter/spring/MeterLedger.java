// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerSettings;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The ledger that the meter uses, and those under it, which it closes in turn. What ends with the
 * application's lifecycle ends and begins with it: slices of a leased ledger go back before their
 * store's connection does. Thread-safe.
 */
final class MeterLedger implements AutoCloseable {
  private final LedgerSettings settings;
  private final @Nullable LedgerSource source;
  private final @Nullable SwitchedLedger opened;
  private final @Nullable Ledger shared;
  private final @Nullable Ledger measured;
  private final @Nullable SwitchedLedger leased;
  private boolean stopped;

  /**
   * A ledger as the settings and the metrics have it; one in memory if there is no other.
   *
   * @param own the application's bean; null if it has none
   * @param source what opens one by the properties; null if nothing does
   * @param measured adds the measurement of its latency
   */
  MeterLedger(
      @Nullable Ledger own,
      @Nullable LedgerSource source,
      LedgerSettings settings,
      UnaryOperator<Ledger> measured) {
    this.settings = settings;
    this.source = own == null ? source : null;
    this.opened = this.source == null ? null : new SwitchedLedger(this.source.open(settings));
    this.shared = own == null ? opened : own;
    this.measured = shared == null ? null : measured.apply(shared);
    this.leased =
        this.measured == null || !settings.leased()
            ? null
            : new SwitchedLedger(Ledger.leased(this.measured));
  }

  /** The ledger that the application's processes share; null for one in memory. */
  @Nullable Ledger shared() {
    return shared;
  }

  void apply(BedrockMeter.Builder builder) {
    Ledger used = leased == null ? measured : leased;
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

  /** Ends what cannot outlast the application's connections. */
  synchronized void stop() {
    stopped = true;
    if (leased != null) {
      leased.end();
    }
    if (opened != null && source != null && source.endsWithLifecycle()) {
      opened.end();
      source.close();
    }
  }

  /** Begins what was ended by {@link #stop}. */
  synchronized void start() {
    if (!stopped) {
      return;
    }
    stopped = false;
    if (opened != null && source != null && source.endsWithLifecycle()) {
      opened.begin(source.open(settings));
    }
    if (leased != null && measured != null) {
      leased.begin(Ledger.leased(measured));
    }
  }

  @Override
  public synchronized void close() {
    if (leased != null) {
      leased.close();
    }
    if (opened != null) {
      opened.close();
    }
    if (source != null) {
      source.close();
    }
  }
}
