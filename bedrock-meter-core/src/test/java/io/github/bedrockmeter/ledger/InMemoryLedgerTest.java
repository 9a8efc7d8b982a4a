// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Full;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InMemoryLedgerTest {
  private final FakeTime time = FakeTime.at("2026-11-23T12:00:00Z");

  @Test
  void aFullLedgerRefusesANewAccountAndSaysWhatToDo() {
    Ledger ledger = Ledger.inMemory(time, time, 2);
    take(ledger, "one");
    take(ledger, "two");

    HoldResult third = take(ledger, "three");

    assertThat(third).isInstanceOf(Full.class);
    assertThat(((Full) third).reason())
        .isEqualTo(
            "the in-memory ledger already keeps 2 accounts of budget 'day' whose windows are not over;"
                + " raise its maximum, or let the budget count per a tag with fewer values");
    assertThat(take(ledger, "one")).isInstanceOf(Held.class);
  }

  @Test
  void anAccountThatIsNeverForgottenNeedsNoTime() {
    AtomicInteger readings = new AtomicInteger();
    Ledger ledger = Ledger.inMemory(time, readings::incrementAndGet, 2);
    Account lifetime = new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    List<Hold> holds = List.of(new Hold("call", lifetime, 1, 10, true));
    ledger.hold(holds);
    int whenItWasMade = readings.get();

    ledger.settle(holds, new long[] {1});
    ledger.hold(holds);

    assertThat(readings).hasValue(whenItWasMade);
    take(ledger, "today");
    assertThat(readings).hasValueGreaterThan(whenItWasMade);
  }

  @Test
  void accountsGoWhenTheirWindowHasPassedAndMakeRoom() {
    Ledger ledger = Ledger.inMemory(time, time, 2);
    take(ledger, "one");
    take(ledger, "two");
    for (String scope : List.of("one", "two")) {
      ledger.settle(List.of(new Hold("call", today(scope), 1, 10, true)), new long[] {1});
    }

    time.advance(Duration.ofHours(14));

    Account tomorrow =
        new Account(
            "day",
            Unit.TOKENS,
            "three",
            Instant.parse("2026-11-24T00:00:00Z"),
            Instant.parse("2026-11-25T00:00:00Z"));
    assertThat(
            ledger
                .hold(List.of(new Hold("late", tomorrow, 1, 10, true)))
                .toCompletableFuture()
                .join())
        .isInstanceOf(Held.class);
  }

  @Test
  void aCallThatOutlastsItsWindowIsStillSettledInIt() {
    Ledger ledger = Ledger.inMemory(time, time, 2);
    Hold hold = new Hold("slow", today("day"), 10, 100, true);
    ledger.hold(List.of(hold)).toCompletableFuture().join();

    time.set("2026-11-24T00:30:00Z");

    assertThat(ledger.settle(List.of(hold), new long[] {7}).toCompletableFuture().join())
        .containsExactly(new Settled(today("day"), 0, 7));
  }

  @Test
  void aLedgerNeedsRoomForAnAccount() {
    assertThatIllegalArgumentException().isThrownBy(() -> Ledger.inMemory(time, time, 0));
  }

  private static Account today(String scope) {
    return new Account(
        "day",
        Unit.TOKENS,
        scope,
        Instant.parse("2026-11-23T00:00:00Z"),
        Instant.parse("2026-11-24T00:00:00Z"));
  }

  private static HoldResult take(Ledger ledger, String scope) {
    return ledger
        .hold(List.of(new Hold("call", today(scope), 1, 10, true)))
        .toCompletableFuture()
        .join();
  }
}
