// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Full;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ledger in memory refuses no call for accounts that hold nothing and are over. */
class EndedWindowsMakeRoomTest {
  private final FakeTime time = FakeTime.at("2026-11-28T10:00:00Z");

  private static Account account(String budget, String scope, Instant start, Duration length) {
    return new Account(budget, Unit.REQUESTS, scope, start, start.plus(length));
  }

  private static Hold hold(String id, Account account) {
    return new Hold(id, account, 1, 10, true);
  }

  private static HoldResult take(Ledger ledger, Hold... holds) {
    return ledger.hold(List.of(holds)).toCompletableFuture().join();
  }

  private static Settled settle(Ledger ledger, Hold hold, long actual) {
    return ledger.settle(List.of(hold), new long[] {actual}).toCompletableFuture().join().get(0);
  }

  @Test
  void twoThousandUsersAMinuteForFourHoursAreNeverDenied() {
    Ledger ledger = Ledger.inMemory(time, time, 100_000);
    int denied = 0;
    for (int minute = 0; minute < 240; minute++) {
      Instant start = time.instant();
      for (int user = 0; user < 2_000; user++) {
        Hold hold = hold("call", account("rate", "user=" + user, start, Duration.ofMinutes(1)));
        if (take(ledger, hold) instanceof Held) {
          settle(ledger, hold, 1);
        } else {
          denied++;
        }
      }
      time.advance(Duration.ofMinutes(1));
    }

    assertThat(denied).isZero();
  }

  @Test
  void sixtyThousandTenantsOfADayHaveRoomInTheNextOne() {
    Ledger ledger = Ledger.inMemory(time, time, 100_000);
    for (String day : List.of("2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z")) {
      time.set(day);
      for (int tenant = 0; tenant < 60_000; tenant++) {
        Hold hold =
            hold("call", account("day", "tenant=" + tenant, time.instant(), Duration.ofDays(1)));
        assertThat(take(ledger, hold)).isInstanceOf(Held.class);
        settle(ledger, hold, 1);
      }
    }
  }

  @Test
  void aWindowThatEndsMakesRoomAtOnceThoughRoomWasLookedForJustBefore() {
    Ledger ledger = Ledger.inMemory(time, time, 1);
    Instant start = time.instant();
    Hold first = hold("a", account("rate", "user=1", start, Duration.ofMinutes(1)));
    take(ledger, first);
    settle(ledger, first, 1);
    time.advance(Duration.ofSeconds(59));
    Hold second = hold("b", account("rate", "user=2", start, Duration.ofMinutes(1)));
    assertThat(take(ledger, second)).isInstanceOf(Full.class);

    time.advance(Duration.ofSeconds(1));

    Instant next = time.instant();
    assertThat(take(ledger, hold("c", account("rate", "user=2", next, Duration.ofMinutes(1)))))
        .isInstanceOf(Held.class);
  }

  @Test
  void aCallThatOutlastsItsWindowByADayIsSettledAndThenMakesRoom() {
    Ledger ledger = Ledger.inMemory(time, time, 1);
    Hold slow = hold("slow", account("rate", "user=1", time.instant(), Duration.ofMinutes(1)));
    take(ledger, slow);
    time.advance(Duration.ofDays(1));
    Hold next = hold("next", account("rate", "user=2", time.instant(), Duration.ofMinutes(1)));
    assertThat(take(ledger, next)).isInstanceOf(Full.class);

    assertThat(settle(ledger, slow, 7)).isEqualTo(new Settled(slow.account(), 0, 7));

    assertThat(take(ledger, next)).isInstanceOf(Held.class);
  }

  @Test
  void callsThatFailLeaveNoAccountBehind() {
    Ledger ledger = Ledger.inMemory(time, time, 1_000);
    for (int i = 0; i < 2_000; i++) {
      Account model = new Account("b", Unit.TOKENS, "model=typo-" + i, Instant.EPOCH, Instant.MAX);
      Hold hold = hold("call", model);
      assertThat(take(ledger, hold)).isInstanceOf(Held.class);
      settle(ledger, hold, 0);
    }
  }

  @Test
  void aCallThatFindsNoRoomForOneBudgetLeavesNothingBehindInTheOthers() {
    Ledger ledger = Ledger.inMemory(time, time, 1);
    Duration day = Duration.ofDays(1);
    take(ledger, hold("a", account("full", "user=1", time.instant(), day)));

    assertThat(
            take(
                ledger,
                hold("b", account("other", "user=2", time.instant(), day)),
                hold("b", account("full", "user=2", time.instant(), day))))
        .isInstanceOf(Full.class);

    assertThat(take(ledger, hold("c", account("other", "user=3", time.instant(), day))))
        .isInstanceOf(Held.class);
  }

  @Test
  void theScopesOfOneBudgetTakeNoPlaceOfAnothers() {
    Ledger ledger = Ledger.inMemory(time, time, 1_000);
    Duration day = Duration.ofDays(1);
    HoldResult last = HoldResult.CLEAN;
    for (int i = 0; i < 1_500; i++) {
      last = take(ledger, hold("call", account("session", "s=" + i, time.instant(), day)));
    }

    assertThat(last).isInstanceOf(Full.class);
    assertThat(((Full) last).reason()).contains("1000 accounts of budget 'session'");
    assertThat(take(ledger, hold("call", account("tenant", "t=1", time.instant(), day))))
        .isInstanceOf(Held.class);
  }

  @Test
  void whatIsOverIsStillSeenWhileThereIsRoom() {
    Ledger ledger = Ledger.inMemory(time, time, 10);
    Account minute = account("rate", "", time.instant(), Duration.ofMinutes(1));
    take(ledger, hold("a", minute));
    settle(ledger, hold("a", minute), 3);

    time.advance(Duration.ofMinutes(30));

    assertThat(ledger.balances(List.of(minute)).toCompletableFuture().join())
        .containsExactly(new Balance(minute, 3, 0, 0));
  }
}
