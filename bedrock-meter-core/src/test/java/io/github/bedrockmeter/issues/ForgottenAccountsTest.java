// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.ledger.*;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The ledger in memory keeps an account until its window is over, and a run until it is idle. */
class ForgottenAccountsTest {
  private final FakeTime wall = FakeTime.at("2026-11-23T12:00:00Z");
  private final AtomicLong nanos = new AtomicLong(1);
  private final Ledger ledger = Ledger.inMemory(wall, nanos::get, 10);
  private final Account day =
      new Account(
          "day",
          Unit.TOKENS,
          "",
          Instant.parse("2026-11-23T00:00:00Z"),
          Instant.parse("2026-11-24T00:00:00Z"));

  private void pass(Duration time) {
    wall.advance(time);
    nanos.addAndGet(time.toNanos());
  }

  private long settled(Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0).settled();
  }

  private void spend(Account account, long amount) {
    Hold hold = new Hold("h" + nanos + wall.instant(), account, amount, 100, true);
    ledger.hold(List.of(hold)).toCompletableFuture().join();
    ledger.settle(List.of(hold), new long[] {amount}).toCompletableFuture().join();
  }

  @Test
  void aDayIsKeptThoughACallInItEndsWhileTheClockIsFarAhead() {
    Hold hold = new Hold("slow", day, 60, 100, true);
    ledger.hold(List.of(hold)).toCompletableFuture().join();
    wall.set("2027-11-23T12:00:00Z");
    ledger.settle(List.of(hold), new long[] {60}).toCompletableFuture().join();
    wall.set("2026-11-23T12:00:01Z");

    pass(Duration.ofHours(2)); // it is two o'clock on the same day

    assertThat(settled(day)).isEqualTo(60);
  }

  @Test
  void aDayIsKeptThoughTheClockIsSetBackByHours() {
    wall.set("2026-11-23T20:00:00Z");
    spend(day, 60);
    wall.set("2026-11-23T08:00:00Z"); // it was wrong

    pass(Duration.ofHours(6)); // it is two o'clock on the same day

    assertThat(settled(day)).isEqualTo(60);
  }

  @Test
  void aCorrectionKeepsARunNoLongerThanACallDoes() {
    Account run =
        new Account("run", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX, Duration.ofMinutes(10));
    spend(run, 5);
    ledger.adjust(run, 20).toCompletableFuture().join();

    pass(Duration.ofMinutes(11));

    assertThat(settled(run)).isZero();
  }
}
