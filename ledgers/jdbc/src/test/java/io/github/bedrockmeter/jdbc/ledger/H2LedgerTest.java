// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.jdbc.Ledgers;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import org.junit.jupiter.api.AfterEach;

class H2LedgerTest extends LedgerContract {
  private final Ledgers ledgers = new Ledgers();

  @AfterEach
  void close() {
    ledgers.close();
  }

  @Override
  protected Ledger newLedger() {
    return ledgers.over(Databases.newH2());
  }

  @Override
  protected Ledger another(Ledger ledger) {
    return ledgers.another(ledger);
  }

  @Override
  protected Ledger impatientLedger() {
    return ledgers.impatient(Databases.newH2());
  }
}
