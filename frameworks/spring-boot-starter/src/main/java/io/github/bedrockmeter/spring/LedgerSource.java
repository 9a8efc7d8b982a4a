// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerSettings;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerType;

/** One kind of shared ledger, where its module is on the class path. */
interface LedgerSource {

  /** Which kind. */
  LedgerType type();

  /** Whether the application has the connection that it shares. */
  boolean isConnected();

  /** Opens the ledger over the application's connection. */
  Ledger open(LedgerSettings settings);
}
