// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * What every ledger must do. A ledger's own test class extends this, provides a ledger, and adds
 * tests of what is special about it:
 *
 * <pre>{@code
 * class MyLedgerTest extends LedgerContract {
 *   @Override protected Ledger newLedger() { return new MyLedger(emptyStore()); }
 * }
 * }</pre>
 *
 * <p>A ledger that several processes can open overrides {@link #another} and {@link
 * #impatientLedger} too, and one whose clock a test can move {@link #pass}. A test that does not
 * apply to a ledger can be overridden in its test class.
 */
public abstract class LedgerContract extends LedgerUpkeepContract {
  @Test
  protected void anUnusedAccountIsAllZero() throws Exception {
    assertThat(balance(newLedger(), account("unused")))
        .isEqualTo(new Balance(account("unused"), 0, 0, 0));
  }

  @Test
  protected void aHoldIsSetAsideUntilItIsSettled() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 60, 100);

    assertThat(hold(ledger, hold)).isInstanceOf(Held.class);
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 60, 0));

    assertThat(settle(ledger, hold, 45)).containsExactly(new Settled(account("day"), 0, 45));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 45, 0, 0));
  }

  @Test
  protected void whatDoesNotFitIsRefusedWithWhatIsLeft() throws Exception {
    Ledger ledger = newLedger();
    hold(ledger, enforced("a", account("day"), 60, 100));

    HoldResult refused = hold(ledger, enforced("b", account("day"), 41, 100));

    assertThat(refused)
        .isEqualTo(
            new Refused(
                List.of(new HoldResult.Shortfall(enforced("b", account("day"), 41, 100), 40))));
    assertThat(hold(ledger, enforced("c", account("day"), 40, 100))).isInstanceOf(Held.class);
  }

  @Test
  protected void severalHoldsAreTakenAllOrNone() throws Exception {
    Ledger ledger = newLedger();
    hold(ledger, enforced("a", account("small"), 90, 100));

    HoldResult refused =
        hold(
            ledger,
            enforced("b", account("large"), 20, 1_000),
            enforced("b", account("small"), 20, 100));

    assertThat(refused).isInstanceOf(Refused.class);
    assertThat(((Refused) refused).shortfalls())
        .singleElement()
        .satisfies(s -> assertThat(s.hold().account()).isEqualTo(account("small")));
    assertThat(balance(ledger, account("large")).held()).isZero();
    assertThat(balance(ledger, account("small")).held()).isEqualTo(90);
  }

  @Test
  protected void aReleaseGivesEverythingBack() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 100, 100);
    hold(ledger, hold);

    settle(ledger, hold, 0);

    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 0, 0));
    assertThat(hold(ledger, enforced("b", account("day"), 100, 100))).isInstanceOf(Held.class);
  }

  @Test
  protected void settlingTwiceCountsOnce() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 50, 100);
    hold(ledger, hold);
    settle(ledger, hold, 30);

    List<Settled> again = settle(ledger, hold, 30);

    assertThat(again).singleElement().satisfies(s -> assertThat(s.before()).isEqualTo(s.after()));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 30, 0, 0));
  }

  @Test
  protected void holdingTwiceUnderOneIdHoldsOnce() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 60, 100);

    hold(ledger, hold);
    HoldResult again = hold(ledger, hold);

    assertThat(again).isInstanceOf(Held.class);
    assertThat(balance(ledger, account("day")).held()).isEqualTo(60);
  }

  @Test
  protected void moreThanWasHeldIsChargedInFullAndRefusesTheNextCall() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 50, 100);
    hold(ledger, hold);

    settle(ledger, hold, 130);

    assertThat(balance(ledger, account("day")).settled()).isEqualTo(130);
    HoldResult refused = hold(ledger, enforced("b", account("day"), 1, 100));
    assertThat(refused).isInstanceOf(Refused.class);
    assertThat(((Refused) refused).shortfalls().get(0).available()).isEqualTo(-30);
  }

  @Test
  protected void aHoldThatIsNotEnforcedIsTakenAndItsOverrunReported() throws Exception {
    Ledger ledger = newLedger();
    Hold observed = new Hold("a", account("watched"), 150, 100, false);

    HoldResult result = hold(ledger, observed);

    assertThat(result).isEqualTo(new Held(List.of(new HoldResult.Shortfall(observed, 100))));
    assertThat(balance(ledger, account("watched")).held()).isEqualTo(150);
  }

  @Test
  protected void anotherWindowIsAnotherAccount() throws Exception {
    Ledger ledger = newLedger();
    Account tomorrow = new Account("day", Unit.TOKENS, "", END, END.plusSeconds(86_400));
    hold(ledger, enforced("a", account("day"), 100, 100));

    assertThat(hold(ledger, enforced("b", tomorrow, 100, 100))).isInstanceOf(Held.class);
    assertThat(balance(ledger, account("day")).held()).isEqualTo(100);
  }

  @Test
  protected void scopesAndUnitsAreApart() throws Exception {
    Ledger ledger = newLedger();
    Account search = new Account("day", Unit.TOKENS, "team=search", START, END);
    Account dollars = new Account("day", Unit.NANO_USD, "team=search", START, END);
    hold(ledger, enforced("a", search, 100, 100));

    assertThat(hold(ledger, enforced("b", account("day"), 100, 100))).isInstanceOf(Held.class);
    assertThat(hold(ledger, enforced("c", dollars, 100, 100))).isInstanceOf(Held.class);
  }

  @Test
  protected void aLifetimeNeverEnds() throws Exception {
    Ledger ledger = newLedger();
    Account forever = new Account("all", Unit.REQUESTS, "", Instant.EPOCH, Instant.MAX);
    Hold hold = enforced("a", forever, 1, 2);

    hold(ledger, hold);
    settle(ledger, hold, 1);

    assertThat(balance(ledger, forever).settled()).isEqualTo(1);
  }

  @Test
  protected void exactlyOneOfManySeesAThresholdPassed() throws Exception {
    Ledger ledger = newLedger();
    int calls = 200;
    AtomicInteger crossings = new AtomicInteger();
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      Hold hold = enforced("call-" + i, account("day"), 1, calls);
      hold(ledger, hold);
      work.add(
          () -> {
            Settled step = settle(ledger, hold, 1).get(0);
            if (step.before() < 100 && step.after() >= 100) {
              crossings.incrementAndGet();
            }
            return null;
          });
    }

    inParallel(8, work);

    assertThat(crossings).hasValue(1);
    assertThat(balance(ledger, account("day")).settled()).isEqualTo(calls);
  }

  @Test
  protected void manyThreadsNeverExceedALimit() throws Exception {
    Ledger ledger = newLedger();
    Account shared = account("shared");
    long limit = 500;
    AtomicLong charged = new AtomicLong();
    AtomicInteger violations = new AtomicInteger();
    List<Callable<Void>> work = new ArrayList<>();
    for (int thread = 0; thread < 8; thread++) {
      int seed = thread;
      Account own = account("own-" + thread % 3);
      work.add(
          () -> {
            Random random = new Random(seed);
            for (int i = 0; i < 100; i++) {
              long amount = random.nextLong(1, 21);
              String id = seed + "-" + i;
              Hold first = enforced(id, shared, amount, limit);
              Hold second = enforced(id, own, amount, 300);
              List<Hold> both = new ArrayList<>(List.of(first, second));
              Collections.shuffle(both, random);
              if (ledger.hold(both).toCompletableFuture().join() instanceof Held) {
                long actual = random.nextLong(amount + 1);
                ledger
                    .settle(List.of(first, second), new long[] {actual, actual})
                    .toCompletableFuture()
                    .join();
                charged.addAndGet(actual);
              }
              Balance now = balance(ledger, shared);
              if (now.settled() + now.held() > limit) {
                violations.incrementAndGet();
              }
            }
            return null;
          });
    }

    inParallel(8, work);

    assertThat(violations).hasValue(0);
    Balance end = balance(ledger, shared);
    assertThat(end.held()).isZero();
    assertThat(end.settled()).isEqualTo(charged.get()).isLessThanOrEqualTo(limit);
  }

  @Test
  protected void anotherHandleSeesTheSameBalances() throws Exception {
    Ledger ledger = newLedger();
    Ledger other = another(ledger);
    Hold hold = enforced("a", account("day"), 60, 100);
    hold(ledger, hold);

    assertThat(balance(other, account("day")).held()).isEqualTo(60);
    assertThat(hold(other, enforced("b", account("day"), 41, 100))).isInstanceOf(Refused.class);

    settle(other, hold, 45);

    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 45, 0, 0));
  }

  @Test
  protected void largeAmountsStayExact() throws Exception {
    Ledger ledger = newLedger();
    long limit = 9_007_199_254_740_993L * 3;
    Hold hold = enforced("a", account("day"), 9_007_199_254_740_993L, limit);
    hold(ledger, hold);
    settle(ledger, hold, 9_007_199_254_740_993L);
    hold(ledger, enforced("b", account("day"), 9_007_199_254_740_993L, limit));

    HoldResult refused = hold(ledger, enforced("c", account("day"), limit, limit));

    assertThat(balance(ledger, account("day")))
        .isEqualTo(new Balance(account("day"), 9_007_199_254_740_993L, 9_007_199_254_740_993L, 0));
    assertThat(((Refused) refused).shortfalls().get(0).available())
        .isEqualTo(9_007_199_254_740_993L);
  }

  @Test
  protected void aHoldWhoseSumIsMoreThanALongFailsAndNoneIsTaken() throws Exception {
    Ledger ledger = newLedger();
    hold(ledger, enforced("a", account("watched"), 10, 100));
    Hold strict = enforced("b", account("strict"), 5, 100);
    Hold tooMuch = new Hold("b", account("watched"), Long.MAX_VALUE, 100, false);

    Throwable failure = catchThrowable(() -> hold(ledger, strict, tooMuch));

    assertThat(failure instanceof CompletionException ? failure.getCause() : failure)
        .isInstanceOf(ArithmeticException.class);
    assertThat(balance(ledger, account("strict")).held()).isZero();
    assertThat(balance(ledger, account("watched")).held()).isEqualTo(10);
  }

  @Test
  protected void theArrayOfASettlementIsTheCallersOnceSettleReturns() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 60, 100);
    hold(ledger, hold);
    long[] actuals = {45};

    CompletionStage<List<Settled>> settled = ledger.settle(List.of(hold), actuals);
    assertThat(actuals).containsExactly(45);
    actuals[0] = 99;

    assertThat(settled.toCompletableFuture().join())
        .containsExactly(new Settled(account("day"), 0, 45));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 45, 0, 0));
    assertThat(actuals).containsExactly(99);
  }

  @Test
  protected void namesAreTakenAsTheyAre() throws Exception {
    Ledger ledger = newLedger();
    List<String> odd =
        List.of("a b", "a:b", "a{b}", "a|b", "a\\,b", "ä€😀", "a=1,b=2", "a\nb", "%61", "*");
    List<Account> accounts = new ArrayList<>();
    for (String name : odd) {
      accounts.add(new Account("day", Unit.TOKENS, "team=" + name, START, END));
      accounts.add(new Account(name, Unit.TOKENS, "", START, END));
    }
    for (int i = 0; i < accounts.size(); i++) {
      hold(ledger, enforced("call-" + i, accounts.get(i), i + 1, 100));
    }

    List<Balance> balances = ledger.balances(accounts).toCompletableFuture().join();

    for (int i = 0; i < accounts.size(); i++) {
      assertThat(balances.get(i)).isEqualTo(new Balance(accounts.get(i), 0, i + 1, 0));
    }
    assertThat(find(ledger, AccountQuery.all(100)))
        .extracting(Balance::account)
        .containsExactlyInAnyOrderElementsOf(accounts);
  }
}
