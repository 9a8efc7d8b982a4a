// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A million accounts in memory: how much each takes, and how long a hold in one of them does. */
final class ManyAccounts {
  private static final int ACCOUNTS = 1_000_000;
  private static final int HOLDS = 400_000;
  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant END = Instant.parse("2026-12-01T00:00:00Z");

  private ManyAccounts() {}

  static void measure(PrintStream out) {
    Lines lines = new Lines(out);
    Ledger ledger = Ledger.inMemory(InstantSource.fixed(START), ACCOUNTS);
    long before = used();
    for (int i = 0; i < ACCOUNTS; i++) {
      call(ledger, account(i), "a");
    }
    lines.add(
        "a million accounts in memory: bytes each, of which 96 are the name",
        "%,.0f",
        "150",
        (used() - before) / (double) ACCOUNTS);
    long[] nanos = times(ledger);
    double median = nanos[HOLDS / 2];
    double late = nanos[HOLDS / 100 * 99];
    lines.add(
        "a hold in one of them: median, 99th percentile",
        "%,.0f ns, %,.0f ns, %.1f times",
        "3 times",
        median,
        late,
        late / median);
  }

  /** Nanoseconds of holds in accounts at random, rising. */
  private static long[] times(Ledger ledger) {
    SplittableRandom random = new SplittableRandom(1);
    long[] nanos = new long[HOLDS];
    for (int i = 0; i < HOLDS; i++) {
      List<Hold> holds = hold(account(random.nextInt(ACCOUNTS)), "b");
      long start = System.nanoTime();
      ledger.hold(holds).toCompletableFuture().join();
      nanos[i] = System.nanoTime() - start;
      ledger.settle(holds, new long[] {1}).toCompletableFuture().join();
    }
    Arrays.sort(nanos);
    return nanos;
  }

  /** The name anew each time, as a meter makes it that remembers fewer accounts. */
  private static Account account(int user) {
    return new Account("monthly", Unit.NANO_USD, "user=" + (1_000_000 + user), START, END);
  }

  private static List<Hold> hold(Account account, String id) {
    return List.of(new Hold(id, account, 1_000, Long.MAX_VALUE / 2, true));
  }

  private static void call(Ledger ledger, Account account, String id) {
    List<Hold> holds = hold(account, id);
    ledger.hold(holds).toCompletableFuture().join();
    ledger.settle(holds, new long[] {1}).toCompletableFuture().join();
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
