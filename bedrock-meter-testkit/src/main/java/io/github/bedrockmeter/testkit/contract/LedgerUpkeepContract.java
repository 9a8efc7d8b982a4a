// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The part of the contract for operators, and for accounts and holds that become old. */
abstract class LedgerUpkeepContract extends LedgerSteps {
  @Test
  protected void theLargestAccountsAreFoundFirst() throws Exception {
    Ledger ledger = newLedger();
    Account tomorrow = new Account("day", Unit.TOKENS, "", END, END.plusSeconds(86_400));
    for (int i = 1; i <= 5; i++) {
      Account team = new Account("day", Unit.TOKENS, "team=" + i, START, END);
      Hold hold = enforced("call-" + i, team, 10L * i, 100);
      hold(ledger, hold);
      if (i % 2 == 0) {
        settle(ledger, hold, 10L * i);
      }
    }
    hold(ledger, enforced("other", account("other"), 99, 100));
    hold(ledger, enforced("tomorrow", tomorrow, 98, 100));

    assertThat(find(ledger, AccountQuery.of("day", START.plusSeconds(1), 3)))
        .extracting(b -> b.account().scope(), Balance::settled, Balance::held)
        .containsExactly(
            tuple("team=5", 0L, 50L), tuple("team=4", 40L, 0L), tuple("team=3", 0L, 30L));
    assertThat(find(ledger, AccountQuery.all(2)))
        .extracting(b -> b.account().budget(), Balance::held)
        .containsExactly(tuple("other", 99L), tuple("day", 98L));
    assertThat(find(ledger, AccountQuery.all(100))).hasSize(7);
  }

  @Test
  protected void accountsThatHoldAndChargeNothingAreNotFound() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 10, 100);
    hold(ledger, hold);
    settle(ledger, hold, 0);
    hold(ledger, enforced("b", account("never"), 101, 100));

    assertThat(find(ledger, AccountQuery.all(100))).isEmpty();
  }

  @Test
  protected void openHoldsAreListedUntilTheyAreSettled() throws Exception {
    Ledger ledger = newLedger();
    Hold first = enforced("a", account("day"), 10, 100);
    hold(ledger, first);
    hold(ledger, enforced("b", account("day"), 20, 100));

    assertThat(openHolds(ledger, account("day")))
        .extracting(OpenHold::id, OpenHold::account, OpenHold::amount, OpenHold::abandoned)
        .containsExactlyInAnyOrder(
            tuple("a", account("day"), 10L, false), tuple("b", account("day"), 20L, false));

    settle(ledger, first, 5);

    assertThat(openHolds(ledger, account("day"))).extracting(OpenHold::id).containsExactly("b");
    assertThat(openHolds(ledger, account("unused"))).isEmpty();
  }

  @Test
  protected void aReleasedHoldThatIsSettledAfterAllIsChargedInFull() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 60, 100);
    hold(ledger, hold);
    OpenHold open = openHolds(ledger, account("day")).get(0);

    Balance released = ledger.release(open).toCompletableFuture().join();
    ledger.release(open).toCompletableFuture().join();

    assertThat(released).isEqualTo(new Balance(account("day"), 0, 0, 0));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 0, 0));
    assertThat(hold(ledger, enforced("b", account("day"), 100, 100))).isInstanceOf(Held.class);

    assertThat(settle(ledger, hold, 45)).containsExactly(new Settled(account("day"), 0, 45));
    settle(ledger, hold, 45);
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 45, 100, 0));
  }

  @Test
  protected void aHoldThatTheStoreHasLostIsChargedInFullAndReported() throws Exception {
    Ledger ledger = newLedger();
    assumeTrue(mayLoseHolds(), "this ledger's memory loses no hold");
    Hold lost = enforced("a", account("day"), 60, 100);
    hold(ledger, enforced("b", account("day"), 10, 100));

    assertThat(settle(ledger, lost, 45)).containsExactly(new Settled(account("day"), 0, 45, true));
    assertThat(settle(ledger, lost, 45)).containsExactly(new Settled(account("day"), 45, 45));

    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 45, 10, 0));
  }

  @Test
  protected void anAccountThatTheStoreHasLostIsChargedAndReported() throws Exception {
    Ledger ledger = newLedger();
    assumeTrue(mayLoseHolds(), "this ledger's memory loses no hold");

    assertThat(settle(ledger, enforced("a", account("day"), 60, 100), 45))
        .containsExactly(new Settled(account("day"), 0, 45, true));

    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 45, 0, 0));
    assertThat(hold(ledger, enforced("b", account("day"), 56, 100))).isInstanceOf(Refused.class);
  }

  @Test
  protected void givingBackAHoldThatWasNeverTakenIsNoLoss() throws Exception {
    Ledger ledger = newLedger();

    assertThat(settle(ledger, enforced("a", account("day"), 60, 100), 0))
        .containsExactly(new Settled(account("day"), 0, 0));

    assertThat(find(ledger, AccountQuery.all(10))).isEmpty();
  }

  @Test
  protected void anAdjustmentCorrectsWhatWasChargedButNotBelowZero() throws Exception {
    Ledger ledger = newLedger();

    assertThat(adjust(ledger, account("day"), 70)).isEqualTo(new Settled(account("day"), 0, 70));
    assertThat(adjust(ledger, account("day"), -20)).isEqualTo(new Settled(account("day"), 70, 50));
    assertThat(hold(ledger, enforced("a", account("day"), 51, 100))).isInstanceOf(Refused.class);
    assertThat(hold(ledger, enforced("a", account("day"), 50, 100))).isInstanceOf(Held.class);
    assertThat(adjust(ledger, account("day"), -99)).isEqualTo(new Settled(account("day"), 50, 0));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 50, 0));
  }

  @Test
  protected void aHoldWhoseProcessIsGoneIsShownAsAbandonedAndStaysHeld() throws Exception {
    Ledger ledger = impatientLedger();
    assumeTrue(ledger != null, "holds in this ledger do not outlive their process");
    hold(ledger, enforced("a", account("day"), 60, 100));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 60, 0));

    for (int i = 0; i < 100 && balance(ledger, account("day")).abandoned() == 0; i++) {
      pass(Duration.ofMillis(50));
    }

    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 60, 60));
    OpenHold open = openHolds(ledger, account("day")).get(0);
    assertThat(open.abandoned()).isTrue();
    assertThat(open.since()).isNotNull();
    assertThat(hold(ledger, enforced("b", account("day"), 41, 100))).isInstanceOf(Refused.class);

    ledger.release(open).toCompletableFuture().join();

    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 0, 0));
  }

  @Test
  protected void anIdleAccountIsForgottenButNotWhileSomethingIsHeld() throws Exception {
    Ledger ledger = newLedger();
    Duration idle = Duration.ofMillis(300);
    Account run = new Account("run", Unit.TOKENS, "run=7", Instant.EPOCH, Instant.MAX, idle);
    Hold first = enforced("a", run, 10, 100);
    Hold second = enforced("b", run, 20, 100);
    hold(ledger, first);
    settle(ledger, first, 10);
    hold(ledger, second);

    pass(idle.multipliedBy(3));
    assertThat(balance(ledger, run)).isEqualTo(new Balance(run, 10, 20, 0));

    settle(ledger, second, 20);
    assertThat(balance(ledger, run)).isEqualTo(new Balance(run, 30, 0, 0));

    for (int i = 0; i < 100 && balance(ledger, run).settled() != 0; i++) {
      pass(Duration.ofMillis(100));
    }
    assertThat(balance(ledger, run)).isEqualTo(new Balance(run, 0, 0, 0));
    assertThat(hold(ledger, enforced("c", run, 100, 100))).isInstanceOf(Held.class);
  }

  @Test
  protected void anAccountIsNamedOnceInOneHold() throws Exception {
    Ledger ledger = newLedger();
    List<Hold> twice =
        List.of(
            enforced("a", account("day"), 60, 100),
            enforced("a", account("other"), 60, 100),
            enforced("b", account("day"), 60, 100));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.hold(twice))
        .withMessageContaining("named twice")
        .withMessageContaining("named twice: day");
    assertThat(find(ledger, AccountQuery.all(10))).isEmpty();
  }

  @Test
  protected void eachHoldIsSettledAtOneAmountThatIsNotNegative() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 60, 100);
    hold(ledger, hold);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.settle(List.of(hold), new long[] {-1}))
        .withMessageContaining("-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.settle(List.of(hold), new long[] {1, 2}))
        .withMessageContaining("2 for 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.settle(List.of(hold), new long[0]));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 60, 0));
  }
}
