// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every ledger must pass. A ledger's own test class extends this and says how to make one. */
public abstract class LedgerContract {
  private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");

  /** So late that the window is not over by the clock of a server either. */
  private static final Instant END = Instant.parse("2126-11-24T00:00:00Z");

  /** A ledger without accounts. Its clock, if it has one, stands between START and END. */
  protected abstract Ledger newLedger() throws Exception;

  /**
   * Another handle to the same store, as a second process would open it; the ledger itself where a
   * store cannot be shared.
   */
  protected Ledger another(Ledger ledger) throws Exception {
    return ledger;
  }

  /**
   * A ledger to which a hold that is older than a few hundred milliseconds is abandoned; null where
   * holds do not outlive their process.
   */
  protected @Nullable Ledger impatientLedger() throws Exception {
    return null;
  }

  /** Lets time pass: assigned to the ledger's clock where it has one of ours, else really. */
  protected void pass(Duration time) throws Exception {
    Thread.sleep(time.toMillis());
  }

  /** An account of a day's window. */
  protected static Account account(String budget) {
    return new Account(budget, Unit.TOKENS, "", START, END);
  }

  private static HoldResult hold(Ledger ledger, Hold... holds) {
    return ledger.hold(List.of(holds)).toCompletableFuture().join();
  }

  private static List<Settled> settle(Ledger ledger, Hold hold, long actual) {
    return ledger.settle(List.of(hold), new long[] {actual}).toCompletableFuture().join();
  }

  private static Balance balance(Ledger ledger, Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0);
  }

  private static Hold enforced(String id, Account account, long amount, long limit) {
    return new Hold(id, account, amount, limit, true);
  }

  @Test
  void anUnusedAccountIsAllZero() throws Exception {
    assertThat(balance(newLedger(), account("unused")))
        .isEqualTo(new Balance(account("unused"), 0, 0, 0));
  }

  @Test
  void aHoldIsSetAsideUntilItIsSettled() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 60, 100);

    assertThat(hold(ledger, hold)).isInstanceOf(Held.class);
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 60, 0));

    assertThat(settle(ledger, hold, 45)).containsExactly(new Settled(account("day"), 0, 45));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 45, 0, 0));
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatIsLeft() throws Exception {
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
  void severalHoldsAreTakenAllOrNone() throws Exception {
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
  void aReleaseGivesEverythingBack() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 100, 100);
    hold(ledger, hold);

    settle(ledger, hold, 0);

    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 0, 0));
    assertThat(hold(ledger, enforced("b", account("day"), 100, 100))).isInstanceOf(Held.class);
  }

  @Test
  void settlingTwiceCountsOnce() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 50, 100);
    hold(ledger, hold);
    settle(ledger, hold, 30);

    List<Settled> again = settle(ledger, hold, 30);

    assertThat(again).singleElement().satisfies(s -> assertThat(s.before()).isEqualTo(s.after()));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 30, 0, 0));
  }

  @Test
  void holdingTwiceUnderOneIdHoldsOnce() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 60, 100);

    hold(ledger, hold);
    HoldResult again = hold(ledger, hold);

    assertThat(again).isInstanceOf(Held.class);
    assertThat(balance(ledger, account("day")).held()).isEqualTo(60);
  }

  @Test
  void moreThanWasHeldIsChargedInFullAndRefusesTheNextCall() throws Exception {
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
  void aHoldThatIsNotEnforcedIsTakenAndItsOverrunReported() throws Exception {
    Ledger ledger = newLedger();
    Hold observed = new Hold("a", account("watched"), 150, 100, false);

    HoldResult result = hold(ledger, observed);

    assertThat(result).isEqualTo(new Held(List.of(new HoldResult.Shortfall(observed, 100))));
    assertThat(balance(ledger, account("watched")).held()).isEqualTo(150);
  }

  @Test
  void anotherWindowIsAnotherAccount() throws Exception {
    Ledger ledger = newLedger();
    Account tomorrow = new Account("day", Unit.TOKENS, "", END, END.plusSeconds(86_400));
    hold(ledger, enforced("a", account("day"), 100, 100));

    assertThat(hold(ledger, enforced("b", tomorrow, 100, 100))).isInstanceOf(Held.class);
    assertThat(balance(ledger, account("day")).held()).isEqualTo(100);
  }

  @Test
  void scopesAndUnitsAreApart() throws Exception {
    Ledger ledger = newLedger();
    Account search = new Account("day", Unit.TOKENS, "team=search", START, END);
    Account dollars = new Account("day", Unit.NANO_USD, "team=search", START, END);
    hold(ledger, enforced("a", search, 100, 100));

    assertThat(hold(ledger, enforced("b", account("day"), 100, 100))).isInstanceOf(Held.class);
    assertThat(hold(ledger, enforced("c", dollars, 100, 100))).isInstanceOf(Held.class);
  }

  @Test
  void aLifetimeNeverEnds() throws Exception {
    Ledger ledger = newLedger();
    Account forever = new Account("all", Unit.REQUESTS, "", Instant.EPOCH, Instant.MAX);
    Hold hold = enforced("a", forever, 1, 2);

    hold(ledger, hold);
    settle(ledger, hold, 1);

    assertThat(balance(ledger, forever).settled()).isEqualTo(1);
  }

  @Test
  void exactlyOneOfManySeesAThresholdPassed() throws Exception {
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
  void manyThreadsNeverExceedALimit() throws Exception {
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
  void anotherHandleSeesTheSameBalances() throws Exception {
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
  void largeAmountsStayExact() throws Exception {
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
  void namesAreTakenAsTheyAre() throws Exception {
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

  private static List<Balance> find(Ledger ledger, AccountQuery query) {
    return ledger.find(query).toCompletableFuture().join();
  }

  @Test
  void theLargestAccountsAreFoundFirst() throws Exception {
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
  void accountsThatHoldAndChargeNothingAreNotFound() throws Exception {
    Ledger ledger = newLedger();
    Hold hold = enforced("a", account("day"), 10, 100);
    hold(ledger, hold);
    settle(ledger, hold, 0);
    hold(ledger, enforced("b", account("never"), 101, 100));

    assertThat(find(ledger, AccountQuery.all(100))).isEmpty();
  }

  @Test
  void openHoldsAreListedUntilTheyAreSettled() throws Exception {
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

  private static List<OpenHold> openHolds(Ledger ledger, Account account) {
    return ledger.openHolds(account).toCompletableFuture().join();
  }

  @Test
  void aReleasedHoldThatIsSettledAfterAllIsChargedInFull() throws Exception {
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
  void anAdjustmentCorrectsWhatWasChargedButNotBelowZero() throws Exception {
    Ledger ledger = newLedger();

    assertThat(adjust(ledger, account("day"), 70)).isEqualTo(new Settled(account("day"), 0, 70));
    assertThat(adjust(ledger, account("day"), -20)).isEqualTo(new Settled(account("day"), 70, 50));
    assertThat(hold(ledger, enforced("a", account("day"), 51, 100))).isInstanceOf(Refused.class);
    assertThat(hold(ledger, enforced("a", account("day"), 50, 100))).isInstanceOf(Held.class);
    assertThat(adjust(ledger, account("day"), -99)).isEqualTo(new Settled(account("day"), 50, 0));
    assertThat(balance(ledger, account("day"))).isEqualTo(new Balance(account("day"), 0, 50, 0));
  }

  private static Settled adjust(Ledger ledger, Account account, long delta) {
    return ledger.adjust(account, delta).toCompletableFuture().join();
  }

  @Test
  void aHoldWhoseProcessIsGoneIsShownAsAbandonedAndStaysHeld() throws Exception {
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
  void anIdleAccountIsForgottenButNotWhileSomethingIsHeld() throws Exception {
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
  void anAccountIsNamedOnceInOneHold() throws Exception {
    Ledger ledger = newLedger();
    List<Hold> twice =
        List.of(
            enforced("a", account("day"), 60, 100),
            enforced("a", account("other"), 60, 100),
            enforced("b", account("day"), 60, 100));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.hold(twice))
        .withMessageContaining("named twice")
        .withMessageContaining("budget=day");
    assertThat(find(ledger, AccountQuery.all(10))).isEmpty();
  }

  @Test
  void eachHoldIsSettledAtOneAmountThatIsNotNegative() throws Exception {
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

  private static void inParallel(int threads, List<Callable<Void>> work) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (Future<Void> done : executor.invokeAll(work, 60, TimeUnit.SECONDS)) {
        done.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
