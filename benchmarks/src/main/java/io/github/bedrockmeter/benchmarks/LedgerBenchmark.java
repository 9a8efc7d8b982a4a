// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A hold and its settlement on one account of the in-memory ledger; contend it with {@code -t}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LedgerBenchmark {
  private final Ledger ledger = Ledger.inMemory();
  private final Account account = new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  private final AtomicLong calls = new AtomicLong();

  /** Takes a hold and settles it. */
  @Benchmark
  public List<Settled> holdAndSettle() {
    Hold hold =
        new Hold(Long.toString(calls.getAndIncrement()), account, 1_000, Long.MAX_VALUE, true);
    ledger.hold(List.of(hold)).toCompletableFuture().join();
    return ledger.settle(List.of(hold), new long[] {1}).toCompletableFuture().join();
  }
}
