// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages name the argument and its value. */
class LedgerChecksTest {
  private static Hold hold(String budget) {
    Account account = new Account(budget, Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    return new Hold("call", account, 5, 10, true);
  }

  @Test
  void holdsOnAccountsOfTheirOwnPass() {
    LedgerSupport.checkHolds(List.of());
    LedgerSupport.checkHolds(List.of(hold("one")));
    LedgerSupport.checkHolds(List.of(hold("one"), hold("two"), hold("three")));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> LedgerSupport.checkHolds(List.of(hold("one"), hold("two"), hold("two"))))
        .withMessage(
            "holds must each be on an account of its own; named twice: " + hold("two").account());
  }

  @Test
  void eachHoldHasOneActual() {
    LedgerSupport.checkSettlement(List.of(), new long[0]);
    LedgerSupport.checkSettlement(List.of(hold("one"), hold("one")), new long[] {0, 7});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> LedgerSupport.checkSettlement(List.of(hold("one")), new long[2]))
        .withMessage("actuals must be one for each hold: 2 for 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LedgerSupport.checkSettlement(List.of(hold("one")), new long[] {-3}))
        .withMessage("actuals must not be negative: -3 for " + hold("one"));
  }

  @Test
  void aScopeIsNoLongerThanTheStoreKeeps() {
    Account account = new Account("b", Unit.TOKENS, "t=12", Instant.EPOCH, Instant.MAX);
    List<Hold> holds = List.of(hold("one"), new Hold("call", account, 5, 10, true));
    LedgerSupport.checkScopes(holds, 4);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> LedgerSupport.checkScopes(holds, 3))
        .withMessage("a scope of budget 'b' must not have more than 3 characters: it has 4");
  }

  @Test
  void aTimeIsAMillisecondAtLeast() {
    assertThat(LedgerSupport.checkTime("grace", Duration.ofMillis(1)))
        .isEqualTo(Duration.ofMillis(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LedgerSupport.checkTime("grace", Duration.ofNanos(999_999)))
        .withMessage("grace must be at least a millisecond, for example PT1H: PT0.000999999S");
    assertThat(LedgerSupport.checkTime("grace", Duration.ofSeconds(Long.MAX_VALUE)))
        .as("more milliseconds than fit into a long")
        .isEqualTo(Duration.ofSeconds(Long.MAX_VALUE));
  }

  @Test
  void valuesRefuseWhatMakesNoSense() {
    Account account = hold("one").account();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Hold("call", account, -1, 10, true))
        .withMessage("amount must not be negative: -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Hold("call", account, 1, -10, true))
        .withMessage("limit must not be negative: -10");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AccountQuery.all(0))
        .withMessage("atMost must be positive, for example 100: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Account("one", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX, Duration.ZERO))
        .withMessage("idle must be positive, for example PT30M: PT0S");
  }
}
