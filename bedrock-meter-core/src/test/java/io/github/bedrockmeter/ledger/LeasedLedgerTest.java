// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Full;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What leases add to the contract of a ledger, which LeasedLedgerContractTest runs. */
class LeasedLedgerTest {
  private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");
  private static final Instant END = Instant.parse("2026-11-24T00:00:00Z");

  private final FakeTime time = FakeTime.at("2026-11-23T12:00:00Z");
  private final ManualIntervals intervals = new ManualIntervals();
  private final ScriptedLedger remote = new ScriptedLedger(Ledger.inMemory(time, time, 1_000));
  private final LeasedLedger leased = new LeasedLedger(remote, intervals, Duration.ofSeconds(10));
  private final Account day = account("day");

  private static Account account(String budget) {
    return new Account(budget, Unit.TOKENS, "", START, END);
  }

  /** A remote ledger that does what a test says, and keeps the holds that were requested. */
  private static final class ScriptedLedger extends ForwardingLedger {
    final List<List<Hold>> requested = new ArrayList<>();
    final List<CompletableFuture<HoldResult>> withheld = new ArrayList<>();
    final List<Settled> steps = new ArrayList<>();
    final List<Runnable> settlements = new ArrayList<>();
    boolean withholdsAnswers;
    boolean withholdsSettlements;
    boolean losesAnswers;
    boolean isUnavailable;

    ScriptedLedger(Ledger inner) {
      super(inner);
    }

    @Override
    public CompletionStage<HoldResult> hold(List<Hold> holds) {
      requested.add(holds);
      if (isUnavailable) {
        throw new IllegalStateException("unavailable");
      }
      CompletionStage<HoldResult> answer = inner.hold(holds);
      if (losesAnswers) {
        return CompletableFuture.failedFuture(new IllegalStateException("answer lost"));
      }
      if (withholdsAnswers) {
        CompletableFuture<HoldResult> gate = new CompletableFuture<>();
        withheld.add(gate);
        return gate.thenCompose(go -> answer);
      }
      return answer;
    }

    /** Gives the oldest answer that was withheld. */
    void answer() {
      withheld.remove(0).complete(HoldResult.CLEAN);
    }

    /** Makes the settlements that were withheld. */
    void settleNow() {
      withholdsSettlements = false;
      settlements.forEach(Runnable::run);
    }

    @Override
    public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
      if (withholdsSettlements) {
        CompletableFuture<List<Settled>> later = new CompletableFuture<>();
        settlements.add(() -> inner.settle(holds, actuals).thenAccept(later::complete));
        return later;
      }
      if (isUnavailable) {
        return CompletableFuture.failedFuture(new IllegalStateException("unavailable"));
      }
      CompletionStage<List<Settled>> answer = inner.settle(holds, actuals);
      steps.addAll(answer.toCompletableFuture().join());
      return losesAnswers
          ? CompletableFuture.failedFuture(new IllegalStateException("answer lost"))
          : answer;
    }
  }

  private Hold enforced(String id, long amount, long limit) {
    return new Hold(id, day, amount, limit, true);
  }

  private CompletableFuture<HoldResult> hold(Hold... holds) {
    return leased.hold(List.of(holds)).toCompletableFuture();
  }

  private CompletableFuture<List<Settled>> settle(Hold hold, long actual) {
    return leased.settle(List.of(hold), new long[] {actual}).toCompletableFuture();
  }

  private Balance balance() {
    return remote.balances(List.of(day)).toCompletableFuture().join().get(0);
  }

  /** Calls that make the lease take slices of some size. */
  private void warmUp(int calls, long limit) {
    for (int i = 0; i < calls; i++) {
      Hold hold = enforced("warm-" + i, 10, limit);
      assertThat(hold(hold)).isCompletedWithValue(HoldResult.CLEAN);
      settle(hold, 10);
    }
  }

  @Test
  void mostCallsSendNothingToTheRemoteLedger() {
    warmUp(1_000, 1_000_000);

    assertThat(remote.requested).hasSizeLessThan(15);
    assertThat(balance().settled() + balance().held()).isGreaterThanOrEqualTo(10_000);
  }

  @Test
  void aSliceIsASmallPartOfWhatIsLeft() {
    warmUp(900, 10_000);
    intervals.pass();

    assertThat(balance().settled()).isEqualTo(9_000);
    assertThat(balance().held()).isLessThanOrEqualTo(1_000 / 8);
  }

  @Test
  void everyUnitBelowTheLimitCanBeSpent() {
    warmUp(100, 1_000);

    assertThat(hold(enforced("more", 1, 1_000)).join()).isInstanceOf(Refused.class);
    intervals.passAll(3);
    assertThat(balance()).isEqualTo(new Balance(day, 1_000, 0, 0));
  }

  @Test
  void whatIsUnusedIsGivenBackInTwoIntervals() {
    warmUp(50, 1_000_000);
    assertThat(balance().held()).isPositive();

    intervals.passAll(2);

    assertThat(balance()).isEqualTo(new Balance(day, 500, 0, 0));
    intervals.pass();
    assertThat(intervals.pass()).as("another interval is waited for").isFalse();
  }

  @Test
  void aBusyLeaseIsReplacedWithoutACallerWaiting() {
    warmUp(50, 1_000_000);
    remote.requested.clear();

    intervals.pass();
    assertThat(remote.requested).hasSize(1);
    remote.withholdsAnswers = true;

    assertThat(hold(enforced("next", 10, 1_000_000))).isCompletedWithValue(HoldResult.CLEAN);
    assertThat(balance().settled()).isEqualTo(500);
  }

  @Test
  void whatOpenCallsNeedStaysSetAsideWhenTheRestIsGivenBack() {
    warmUp(50, 1_000_000);
    Hold slow = enforced("slow", 7, 1_000_000);
    hold(slow);

    intervals.passAll(3);

    assertThat(balance()).isEqualTo(new Balance(day, 500, 7, 0));
    settle(slow, 5);
    intervals.passAll(3);
    assertThat(balance()).isEqualTo(new Balance(day, 505, 0, 0));
  }

  @Test
  void callersWaitInTheirOrderForOneSlice() {
    remote.withholdsAnswers = true;
    List<String> served = new ArrayList<>();
    List<CompletableFuture<HoldResult>> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String id = "call-" + i;
      CompletableFuture<HoldResult> answer = hold(enforced(id, 10, 1_000));
      answer.thenRun(() -> served.add(id));
      waiting.add(answer);
    }
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    assertThat(remote.requested).hasSize(1);

    remote.answer();
    remote.answer();

    assertThat(served).containsExactly("call-0", "call-1", "call-2", "call-3", "call-4");
    assertThat(remote.requested).hasSize(2);
  }

  @Test
  void aLargeCallIsNotOvertakenForEver() {
    warmUp(3, 1_000);
    remote.withholdsAnswers = true;
    CompletableFuture<HoldResult> large = hold(enforced("large", 500, 1_000));

    CompletableFuture<HoldResult> small = hold(enforced("small", 1, 1_000));

    assertThat(small).isNotDone();
    remote.answer();
    assertThat(large).isCompletedWithValue(HoldResult.CLEAN);
  }

  @Test
  void severalAccountsAreRequestedAtOnceAndTakenAllOrNone() {
    Hold wide = new Hold("a", account("wide"), 20, 1_000, true);
    Hold narrow = new Hold("a", account("narrow"), 20, 10, true);

    assertThat(hold(wide, narrow).join())
        .isEqualTo(new Refused(List.of(new Shortfall(narrow, 10))));
    assertThat(remote.requested).hasSize(1);
    assertThat(remote.requested.get(0)).hasSize(2);
    assertThat(remote.find(AccountQuery.all(10)).toCompletableFuture().join()).isEmpty();
  }

  @Test
  void aCallTakesNothingLocallyWhileItLacksSomethingElse() {
    warmUp(20, 10_000);
    remote.withholdsAnswers = true;
    CompletableFuture<HoldResult> both =
        hold(enforced("both", 5, 10_000), new Hold("both", account("other"), 5, 10, true));

    assertThat(hold(enforced("one", 5, 10_000))).isCompletedWithValue(HoldResult.CLEAN);
    assertThat(both).isNotDone();
    remote.answer();
    assertThat(both).isCompletedWithValue(HoldResult.CLEAN);
  }

  @Test
  void aSmallCallIsServedWhenTheWantedSliceIsRefused() {
    Ledger other = remote.inner;
    warmUp(40, 1_000);
    other.hold(List.of(enforced("elsewhere", 500, 1_000)));

    int served = 0;
    while (hold(enforced("small-" + served, 10, 1_000)).join() instanceof Held) {
      served++;
    }

    assertThat(served).isEqualTo(10);
    assertThat(balance().settled() + balance().held()).isEqualTo(1_000);
  }

  @Test
  void aLeaseUnderAHigherLimitIsNotSpentUnderALowerOne() {
    warmUp(20, 10_000);
    assertThat(balance().held()).isGreaterThan(20);

    HoldResult lower = hold(enforced("lower", 10, 200)).join();

    assertThat(lower).isInstanceOf(Refused.class);
    intervals.passAll(3);
    assertThat(hold(enforced("again", 10, 210)).join()).isEqualTo(HoldResult.CLEAN);
  }

  @Test
  void aHoldThatIsNotEnforcedReportsWhatWasLeftHereAndThere() {
    Hold first = enforced("first", 60, 100);
    hold(first);
    settle(first, 50);
    Hold observed = new Hold("observed", day, 70, 100, false);

    assertThat(hold(observed).join()).isEqualTo(new Held(List.of(new Shortfall(observed, 50))));
    settle(observed, 70);
    intervals.passAll(3);
    assertThat(balance()).isEqualTo(new Balance(day, 120, 0, 0));
  }

  @Test
  void aHoldOfNothingIsRefusedInDebtAndElseTaken() {
    Hold nothing = enforced("nothing", 0, 100);
    assertThat(hold(nothing).join()).isEqualTo(HoldResult.CLEAN);

    settle(nothing, 130);

    assertThat(balance()).isEqualTo(new Balance(day, 130, 0, 0));
    assertThat(hold(enforced("more", 0, 100)).join())
        .isEqualTo(new Refused(List.of(new Shortfall(enforced("more", 0, 100), -30))));
  }

  @Test
  void whatCallsCostBeyondTheirEstimatesIsKnownToTheRemoteLedgerAtOnce() {
    Hold first = enforced("first", 40, 1_000);
    Hold second = enforced("second", 60, 1_000);
    hold(first);
    hold(second);

    settle(first, 700);

    assertThat(balance().settled() + balance().held()).isEqualTo(760);
    settle(second, 10);
    intervals.passAll(3);
    assertThat(balance()).isEqualTo(new Balance(day, 710, 0, 0));
  }

  @Test
  void holdingAndSettlingAgainChangesNothing() {
    Hold hold = enforced("a", 10, 100);
    hold(hold);
    assertThat(hold(hold)).isCompletedWithValue(HoldResult.CLEAN);

    settle(hold, 8);
    settle(hold, 8);

    intervals.passAll(3);
    assertThat(balance()).isEqualTo(new Balance(day, 8, 0, 0));
  }

  @Test
  void theReportedStepsAreThoseOfTheRemoteLedger() {
    List<CompletableFuture<List<Settled>>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Hold hold = enforced("call-" + i, 10, 100_000);
      hold(hold);
      answers.add(settle(hold, 1 + i % 10));
      if (i % 60 == 0) {
        intervals.pass();
      }
    }
    intervals.passAll(3);

    assertThat(answers).allMatch(CompletableFuture::isDone);
    assertThat(answers.stream().map(answer -> answer.join().get(0)).filter(LeasedLedgerTest::moved))
        .containsExactlyInAnyOrderElementsOf(
            remote.steps.stream().filter(LeasedLedgerTest::moved).toList());
  }

  private static boolean moved(Settled step) {
    return step.before() != step.after();
  }

  @Test
  void aCallerWhoWaitsForAStepGoesOnWaitingWhenAnotherSliceIsTaken() {
    Hold first = enforced("first", 60, 1_000);
    hold(first);
    CompletableFuture<List<Settled>> answer = settle(first, 30);
    hold(enforced("second", 60, 1_000));
    assertThat(answer).isNotDone();

    intervals.pass();

    assertThat(answer).isCompletedWithValue(List.of(new Settled(day, 0, 30)));
  }

  @Test
  void aSettlementWaitsForItsSliceOneIntervalAtMost() {
    warmUp(50, 1_000);
    Hold slow = enforced("slow", 100, 1_000);
    Hold quick = enforced("quick", 10, 1_000);
    hold(slow);
    hold(quick);
    remote.inner.hold(List.of(enforced("elsewhere", 1_000 - sum(balance()), 1_000)));

    CompletableFuture<List<Settled>> answer = settle(quick, 10);
    intervals.pass();

    assertThat(answer).as("while no slice can be replaced").isDone();
  }

  private static long sum(Balance balance) {
    return balance.settled() + balance.held();
  }

  @Test
  void aSliceWhoseAnswerIsLostIsReleasedBeforeAnotherIsRequested() {
    remote.losesAnswers = true;
    assertThat(hold(enforced("a", 10, 100))).isCompletedExceptionally();
    remote.losesAnswers = false;

    assertThat(hold(enforced("b", 10, 100))).isCompletedWithValue(HoldResult.CLEAN);

    Hold lost = remote.requested.get(0).get(0);
    Hold slice = remote.requested.get(1).get(0);
    assertThat(slice.id()).as("what is under way about the first").isNotEqualTo(lost.id());
    assertThat(balance().held()).isEqualTo(slice.amount());
  }

  @Test
  void aCallFailsWhileASliceWhoseAnswerWasLostCannotBeReleased() {
    remote.losesAnswers = true;
    hold(enforced("a", 10, 100));

    assertThat(hold(enforced("b", 10, 100))).isCompletedExceptionally();

    assertThat(remote.requested).as("nothing more is set aside in vain").hasSize(1);
    remote.losesAnswers = false;
    assertThat(hold(enforced("c", 10, 100))).isCompletedWithValue(HoldResult.CLEAN);
  }

  @Test
  void aRequestThatArrivesLateHoldsAndChargesNothing() {
    Lateness late = new Lateness(remote);
    LeasedLedger patient = whoseFirstRequestFailed(late);
    Hold next = enforced("b", 10, 1_000);
    assertThat(patient.hold(List.of(next)).toCompletableFuture().join())
        .isEqualTo(HoldResult.CLEAN);
    patient.settle(List.of(next), new long[] {10});
    intervals.passAll(4);

    late.first.complete(HoldResult.CLEAN);
    intervals.passAll(2);

    assertThat(balance()).isEqualTo(new Balance(day, 10, 0, 0));
  }

  @Test
  void aRequestThatArrivesLateAfterARefusalHoldsNothing() {
    Lateness late = new Lateness(remote);
    LeasedLedger patient = whoseFirstRequestFailed(late);
    List<Hold> everything = List.of(enforced("other", 1_000, 1_000));
    remote.hold(everything).toCompletableFuture().join();
    assertThat(patient.hold(List.of(enforced("b", 10, 1_000))).toCompletableFuture().join())
        .isInstanceOf(Refused.class);
    remote.settle(everything, new long[] {0}).toCompletableFuture().join();

    late.first.complete(HoldResult.CLEAN);
    intervals.passAll(2);

    assertThat(balance()).isEqualTo(new Balance(day, 0, 0, 0));
  }

  private LeasedLedger whoseFirstRequestFailed(Lateness late) {
    LeasedLedger patient = new LeasedLedger(late, intervals, Duration.ofMillis(50));
    assertThat(patient.hold(List.of(enforced("a", 10, 1_000))).toCompletableFuture())
        .failsWithin(10, TimeUnit.SECONDS);
    return patient;
  }

  /** A remote ledger that the first request reaches late. */
  private static final class Lateness extends ForwardingLedger {
    final CompletableFuture<HoldResult> first = new CompletableFuture<>();
    private boolean isFirst = true;

    Lateness(Ledger inner) {
      super(inner);
    }

    @Override
    public CompletionStage<HoldResult> hold(List<Hold> holds) {
      if (isFirst) {
        isFirst = false;
        return first.thenCompose(arrived -> inner.hold(holds));
      }
      return inner.hold(holds);
    }
  }

  @Test
  void anErrorOfTheRemoteLedgerFailsOneCallAndNoMore() {
    boolean[] isFirst = {true};
    LeasedLedger broken =
        new LeasedLedger(
            new ForwardingLedger(remote) {
              @Override
              public CompletionStage<HoldResult> hold(List<Hold> holds) {
                if (isFirst[0]) {
                  isFirst[0] = false;
                  throw new NoClassDefFoundError("once");
                }
                return inner.hold(holds);
              }
            },
            intervals,
            Duration.ofSeconds(10));

    assertThat(broken.hold(List.of(enforced("a", 10, 1_000))).toCompletableFuture())
        .isCompletedExceptionally();
    assertThat(broken.hold(List.of(enforced("b", 10, 1_000))).toCompletableFuture())
        .isCompletedWithValue(HoldResult.CLEAN);
  }

  @Test
  void aSliceWhoseAnswerIsLostIsReleasedIfNoCallerComes() {
    remote.losesAnswers = true;
    hold(enforced("a", 10, 100));
    assertThat(balance().held()).isEqualTo(10);
    remote.losesAnswers = false;

    intervals.passAll(3);

    assertThat(balance()).isEqualTo(new Balance(day, 0, 0, 0));
  }

  @Test
  void aSettlementWhoseAnswerIsLostIsRepeatedAndCountsOnce() {
    Hold hold = enforced("a", 10, 100);
    hold(hold);
    remote.losesAnswers = true;
    CompletableFuture<List<Settled>> answer = settle(hold, 10);
    assertThat(answer).isCompletedWithValue(List.of(new Settled(day, 0, 0)));
    intervals.pass();
    assertThat(settle(hold, 10)).isCompletedWithValue(List.of(new Settled(day, 0, 0)));
    remote.losesAnswers = false;

    intervals.passAll(3);

    assertThat(balance()).isEqualTo(new Balance(day, 10, 0, 0));
  }

  @Test
  void whatIsHeldHereIsServedWhileTheRemoteLedgerIsUnavailable() {
    warmUp(50, 1_000_000);
    remote.isUnavailable = true;

    Hold hold = enforced("a", 10, 1_000_000);
    assertThat(hold(hold)).isCompletedWithValue(HoldResult.CLEAN);
    settle(hold, 10);
    assertThat(hold(enforced("b", 100_000, 1_000_000))).isCompletedExceptionally();
    intervals.passAll(5);
    remote.isUnavailable = false;
    intervals.passAll(5);

    assertThat(balance()).isEqualTo(new Balance(day, 510, 0, 0));
  }

  @Test
  void aFullRemoteLedgerSaysSo() {
    LeasedLedger small =
        new LeasedLedger(Ledger.inMemory(time, time, 1), intervals, Duration.ofSeconds(10));
    small.hold(List.of(new Hold("a", day, 1, 10, true)));
    Account other = new Account("day", Unit.TOKENS, "team=other", START, END);

    assertThat(small.hold(List.of(new Hold("a", other, 1, 10, true))).toCompletableFuture())
        .isCompletedWithValueMatching(Full.class::isInstance);
  }

  @Test
  void callsWhoseSumIsMoreThanALongLeaveTheBalanceUsable() {
    long most = Integer.MAX_VALUE * (long) Integer.MAX_VALUE;
    remote.withholdsAnswers = true;
    CompletableFuture<HoldResult> first = hold(enforced("first", 100, 1_000_000));
    List<CompletableFuture<HoldResult>> huge = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      huge.add(hold(enforced("huge-" + i, most, 1_000_000)));
    }
    remote.withholdsAnswers = false;
    remote.answer();

    assertThat(first).isCompletedWithValue(HoldResult.CLEAN);
    assertThat(huge).allSatisfy(h -> assertThat(h).isCompletedWithValueMatching(isRefused()));
    assertThat(hold(enforced("next", 100, 1_000_000))).isCompletedWithValue(HoldResult.CLEAN);
  }

  @Test
  void waitingCallsWhoseSumIsMoreThanALongAreDecidedToo() {
    long most = Integer.MAX_VALUE * (long) Integer.MAX_VALUE;
    remote.losesAnswers = true;
    hold(enforced("lost", 1, 1_000_000));
    remote.losesAnswers = false;
    remote.withholdsSettlements = true; // the next slice is requested once the lost one is back
    List<CompletableFuture<HoldResult>> all = new ArrayList<>();
    all.add(hold(enforced("small", 100, 1_000_000)));
    for (int i = 0; i < 3; i++) {
      all.add(hold(enforced("huge-" + i, most, 1_000_000)));
    }
    all.add(hold(enforced("other", 100, 1_000_000)));

    remote.settleNow();

    assertThat(all.get(0)).isCompletedWithValue(HoldResult.CLEAN);
    assertThat(all.get(1)).isCompletedWithValueMatching(isRefused());
    assertThat(all.get(4)).isCompletedWithValue(HoldResult.CLEAN);
    assertThat(hold(enforced("next", 100, 1_000_000))).isCompletedWithValue(HoldResult.CLEAN);
  }

  private static Predicate<HoldResult> isRefused() {
    return Refused.class::isInstance;
  }

  @Test
  void anIntervalThatCannotBeWaitedForIsTriedAgainByTheNextCall() {
    AtomicInteger asked = new AtomicInteger();
    LeasedLedger unlucky =
        new LeasedLedger(
            remote,
            task -> {
              if (asked.incrementAndGet() == 1) {
                throw new RejectedExecutionException("no thread");
              }
              intervals.execute(task);
            },
            Duration.ofSeconds(10));
    Hold first = enforced("first", 10, 1_000);
    assertThatThrownBy(() -> unlucky.hold(List.of(first)))
        .isInstanceOf(RejectedExecutionException.class);
    unlucky.settle(List.of(first), new long[] {10});

    unlucky.hold(List.of(enforced("second", 10, 1_000)));
    unlucky.settle(List.of(enforced("second", 10, 1_000)), new long[] {10});
    intervals.passAll(3);

    assertThat(asked.get()).isGreaterThan(1);
    assertThat(balance()).isEqualTo(new Balance(day, 20, 0, 0));
  }

  @Test
  void closingGivesEverythingBackAndTakesNoNewCalls() {
    warmUp(50, 1_000_000);
    Hold slow = enforced("slow", 7, 1_000_000);
    hold(slow);

    leased.close();

    assertThat(balance()).isEqualTo(new Balance(day, 500, 7, 0));
    assertThatThrownBy(() -> hold(enforced("late", 1, 1_000_000)).join())
        .hasRootCauseMessage("the leased ledger is closed");

    assertThat(settle(slow, 9)).isCompletedWithValue(List.of(new Settled(day, 500, 509)));
    assertThat(balance()).isEqualTo(new Balance(day, 509, 0, 0));
  }

  @Test
  void aProcessThatDiesStrandsItsSlices() {
    warmUp(50, 1_000_000);
    long stranded = balance().held();
    long spentThere = balance().settled();

    LeasedLedger survivor = new LeasedLedger(remote, new ManualIntervals(), Duration.ofSeconds(10));
    survivor.close();

    assertThat(balance()).isEqualTo(new Balance(day, spentThere, stranded, 0));
    assertThat(spentThere + stranded).isBetween(500L, 500L + 1_000L);
    for (OpenHold slice : remote.openHolds(day).toCompletableFuture().join()) {
      remote.release(slice).toCompletableFuture().join();
    }
    assertThat(balance().held()).isZero();
  }

  @Test
  void aRemoteLedgerThatDoesNotAnswerIsUnavailable() {
    LeasedLedger impatient =
        new LeasedLedger(
            new ForwardingLedger(remote) {
              @Override
              public CompletionStage<HoldResult> hold(List<Hold> holds) {
                return new CompletableFuture<>();
              }
            },
            intervals,
            Duration.ofMillis(20));

    assertThat(impatient.hold(List.of(enforced("a", 10, 100))).toCompletableFuture())
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(LedgerUnavailableException.class)
        .withMessageContaining("the shared ledger did not answer within PT0.02S");
  }

  @Test
  void closingLeavesTheRemoteLedgerOpen() {
    boolean[] isClosed = {false};
    new LeasedLedger(
            new ForwardingLedger(remote) {
              @Override
              public void close() {
                isClosed[0] = true;
              }
            },
            intervals,
            Duration.ofSeconds(10))
        .close();

    assertThat(isClosed).containsExactly(false);
  }

  @Test
  void anIntervalIsNeitherTooShortNorTooLong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ledger.leased(remote, Duration.ZERO))
        .withMessageContaining("PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ledger.leased(remote, Duration.ofMillis(5_001)))
        .withMessage(
            "interval must be between a millisecond and five seconds, since warnings wait for it,"
                + " for example PT1S: PT5.001S");
  }
}
