// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SteadyLedgerTest {
  private static final Account ALL =
      new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  private static final AtomicInteger CALLS = new AtomicInteger();
  private static final List<Hold> CALL = List.of(new Hold("call", ALL, 10, 100, true));

  /** A ledger whose answers are lost, or never come. */
  private static final class Remote extends ForwardingLedger {
    final AtomicInteger settlements = new AtomicInteger();
    String losesHoldsOn = "none";
    boolean refusesInput;
    boolean losesHolds;
    boolean isSilent;
    boolean refusesArguments;

    Remote() {
      super(Ledger.inMemory());
    }

    @Override
    public CompletionStage<HoldResult> hold(List<Hold> holds) {
      CompletionStage<HoldResult> answer = inner.hold(holds);
      if (refusesInput) {
        return CompletableFuture.failedFuture(new IllegalArgumentException("too long"));
      }
      return losesHolds || holds.stream().anyMatch(h -> h.account().scope().equals(losesHoldsOn))
          ? CompletableFuture.failedFuture(new LedgerUnavailableException("lost", null))
          : answer;
    }

    @Override
    public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
      settlements.incrementAndGet();
      if (refusesArguments) {
        throw new ArithmeticException("more than a long");
      }
      return isSilent ? new CompletableFuture<>() : inner.settle(holds, actuals);
    }
  }

  private final Remote remote = new Remote();
  private final AtomicLong nanos = new AtomicLong();

  private Ledger steady(Duration settlementTime) {
    return new SteadyLedger(remote, Duration.ofSeconds(1), settlementTime, nanos::get);
  }

  private Balance balance() {
    return remote.balances(List.of(ALL)).toCompletableFuture().join().get(0);
  }

  @Test
  void afterFiveFailuresAHoldFailsAtOnceUntilAProbeSucceeds() {
    Ledger steady = steady(Duration.ofSeconds(1));
    remote.losesHolds = true;
    for (int i = 0; i < 5; i++) {
      assertThat(steady.hold(CALL).toCompletableFuture()).isCompletedExceptionally();
    }

    assertThatThrownBy(() -> steady.hold(CALL))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessage(
            "the ledger failed 5 times in a row for budget 'all' and is tried again within PT1S;"
                + " check that its store is reachable and that nothing locks this account");

    remote.losesHolds = false;
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(steady.hold(CALL)).isCompletedWithValue(HoldResult.CLEAN);
    assertThat(steady.hold(CALL)).isCompletedWithValue(HoldResult.CLEAN);
  }

  @Test
  void oneAccountThatFailsStopsNoOther() {
    Ledger steady = steady(Duration.ofSeconds(1));
    remote.losesHoldsOn = "tenant=hot";
    for (int i = 0; i < 20; i++) {
      if (i < 5) {
        assertThat(steady.hold(call("all", "tenant=hot")).toCompletableFuture())
            .isCompletedExceptionally();
      } else {
        assertThatThrownBy(() -> steady.hold(call("all", "tenant=hot")))
            .isInstanceOf(LedgerUnavailableException.class)
            .hasMessageContaining("(tenant=hot)");
      }
      assertThat(steady.hold(call("all", "tenant=good"))).isCompletedWithValue(HoldResult.CLEAN);
    }
  }

  @Test
  void anAccountThatOnlyTheFailingTenantUsedIsNotTakenForTheReason() {
    Ledger steady = steady(Duration.ofSeconds(1));
    remote.losesHoldsOn = "tenant=hot";
    for (int i = 0; i < 5; i++) {
      steady.hold(call("all", "tenant=hot"));
    }

    assertThat(steady.hold(call("all", "tenant=good"))).isCompletedWithValue(HoldResult.CLEAN);
    assertThatThrownBy(() -> steady.hold(call("all", "tenant=hot")))
        .isInstanceOf(LedgerUnavailableException.class);
  }

  @Test
  void failuresOfSeveralAccountsStopAllOfThem() {
    Ledger steady = steady(Duration.ofSeconds(1));
    remote.losesHolds = true;
    for (int i = 0; i < 5; i++) {
      assertThat(steady.hold(call("tenant=" + i)).toCompletableFuture()).isCompletedExceptionally();
    }

    assertThatThrownBy(() -> steady.hold(call("tenant=new")))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessage(
            "the ledger failed 5 times in a row and is tried again within PT1S; check that its"
                + " store is reachable");
    remote.losesHolds = false;
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(steady.hold(call("tenant=new"))).isCompletedWithValue(HoldResult.CLEAN);
    assertThat(steady.hold(call("tenant=newer"))).isCompletedWithValue(HoldResult.CLEAN);
  }

  @Test
  void inputThatTheLedgerRefusesIsNoFailureOfItsStore() {
    Ledger steady = steady(Duration.ofSeconds(1));
    remote.refusesInput = true;
    for (int i = 0; i < 20; i++) {
      assertThat(steady.hold(call("tenant=" + i)).toCompletableFuture()).isCompletedExceptionally();
    }
    remote.refusesInput = false;

    assertThat(steady.hold(call("tenant=0"))).isCompletedWithValue(HoldResult.CLEAN);
    assertThat(remote.settlements).as("nothing is given back").hasValue(0);
  }

  private static List<Hold> call(String... scopes) {
    List<Hold> holds = new ArrayList<>();
    for (String scope : scopes) {
      Account account = new Account("b", Unit.TOKENS, scope, Instant.EPOCH, Instant.MAX);
      holds.add(new Hold("call-" + CALLS.incrementAndGet(), account, 1, 1_000, true));
    }
    return holds;
  }

  @Test
  void aHoldWhoseAnswerIsLostIsGivenBack() {
    remote.losesHolds = true;

    assertThat(steady(Duration.ofSeconds(1)).hold(CALL).toCompletableFuture())
        .isCompletedExceptionally();

    assertThat(balance()).isEqualTo(new Balance(ALL, 0, 0, 0));
    assertThat(remote.settlements).hasValue(1);
  }

  @Test
  void aSettlementThatIsNotAnsweredFailsAsUnavailable() {
    remote.hold(CALL);
    remote.isSilent = true;

    assertThat(steady(Duration.ofMillis(50)).settle(CALL, new long[] {7}).toCompletableFuture())
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(LedgerUnavailableException.class)
        .withMessageContaining("did not answer within PT0.05S");
  }

  @Test
  void aSettlementThatCanNeverSucceedIsNotRepeated() {
    remote.refusesArguments = true;

    assertThat(steady(Duration.ofMinutes(1)).settle(CALL, new long[] {7}).toCompletableFuture())
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(ArithmeticException.class);
    assertThat(remote.settlements).hasValue(1);
  }
}
