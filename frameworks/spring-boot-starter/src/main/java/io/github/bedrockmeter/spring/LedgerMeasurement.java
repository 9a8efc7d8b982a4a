// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.ledger.Ledger;

/** Adds the measurement of a ledger's latency, where there are metrics. */
@FunctionalInterface
interface LedgerMeasurement {
  /** The ledger, measured. */
  Ledger of(Ledger ledger);
}
