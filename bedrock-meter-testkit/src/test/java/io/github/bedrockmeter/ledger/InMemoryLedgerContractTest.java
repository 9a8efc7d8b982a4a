// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import java.time.Duration;

class InMemoryLedgerContractTest extends LedgerContract {
  private final FakeTime time = FakeTime.at("2026-11-23T12:00:00Z");

  @Override
  protected Ledger newLedger() {
    return Ledger.inMemory(time, time, 1_000);
  }

  @Override
  protected boolean mayLoseHolds() {
    return false;
  }

  @Override
  protected void pass(Duration passing) {
    time.advance(passing);
  }
}
