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

  /** Opens the ledger over the application's connection; again after {@link #close}. */
  Ledger open(LedgerSettings settings);

  /** Whether the application's connection ends with its lifecycle, before its beans do. */
  default boolean endsWithLifecycle() {
    return false;
  }

  /** Ends what {@link #open} opened beside the ledger. */
  default void close() {}
}
