// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.Ledgers;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import org.junit.jupiter.api.AfterEach;

class PostgresLedgerTest extends LedgerContract {
  private final Ledgers ledgers = new Ledgers();

  @AfterEach
  void close() {
    ledgers.close();
  }

  @Override
  protected Ledger newLedger() throws Exception {
    return ledgers.over(ledgers.newPostgres());
  }

  @Override
  protected Ledger another(Ledger ledger) {
    return ledgers.another(ledger);
  }

  @Override
  protected Ledger impatientLedger() throws Exception {
    return ledgers.impatient(ledgers.newPostgres());
  }
}
