// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.ledger.*;
import io.github.bedrockmeter.ledger.Ledger.*;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ledger in memory at its edges. */
class LedgerEdgesTest {
  private final FakeTime time = FakeTime.at("2026-11-23T10:00:00Z");

  private static Account account(String name) {
    return new Account(
        name,
        Unit.TOKENS,
        "",
        Instant.parse("2026-11-23T00:00:00Z"),
        Instant.parse("2026-11-24T00:00:00Z"));
  }

  private static Balance balance(Ledger ledger, Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0);
  }

  @Test
  void anOverflowTakesNoHoldAtAll() {
    Ledger ledger = Ledger.inMemory(time, time, 10);
    Account strict = account("strict");
    Account observed = account("observed");
    ledger.hold(List.of(new Hold("1", observed, 10, 100, false)));
    var unused =
        catchThrowable(
            () ->
                ledger.hold(
                    List.of(
                        new Hold("2", strict, 5, 100, true),
                        new Hold("2", observed, Long.MAX_VALUE, 100, false))));
    assertThat(balance(ledger, strict).held()).isZero();
    ledger.settle(List.of(new Hold("2", observed, Long.MAX_VALUE, 100, false)), new long[] {0});
    assertThat(balance(ledger, observed).held()).isEqualTo(10);
  }

  @Test
  void refusedHoldsDoNotFillTheLedger() {
    Ledger ledger = Ledger.inMemory(time, time, 2);
    for (int i = 0; i < 2; i++) {
      ledger.hold(List.of(new Hold("r" + i, account("invented-" + i), 101, 100, true)));
    }
    assertThat(
            ledger
                .hold(List.of(new Hold("2", account("honest"), 1, 100, true)))
                .toCompletableFuture()
                .join())
        .isEqualTo(HoldResult.CLEAN);
  }
}
