// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import io.github.bucket4j.Bucket;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Parts of a call by themselves: the ledger in memory beside bucket4j, prices, model ids. */
final class Parts {
  private static final PriceKey KEY =
      new PriceKey(
          "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1", "standard", Instant.now());
  private static final String ARN =
      "arn:aws:bedrock:us-east-1:123456789012:inference-profile/"
          + "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

  /** Where results go, so that the compiler does not take the work away. */
  private static @Nullable Object seen;

  private Parts() {}

  static void measure(int rounds, PrintStream out) throws Exception {
    Lines lines = new Lines(out);
    prices(rounds, lines);
    Ledger ledger = Ledger.inMemory();
    Account account = new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    AtomicLong calls = new AtomicLong();
    Bucket bucket =
        Bucket.builder()
            .addLimit(
                limit ->
                    limit
                        .capacity(Long.MAX_VALUE / 2)
                        .refillGreedy(1_000_000, Duration.ofSeconds(1)))
            .build();
    Runnable own =
        () -> {
          String id = Long.toString(calls.getAndIncrement());
          List<Hold> holds = List.of(new Hold(id, account, 1_000, Long.MAX_VALUE / 2, true));
          ledger.hold(holds).toCompletableFuture().join();
          ledger.settle(holds, new long[] {1}).toCompletableFuture().join();
        };
    Runnable others =
        () -> {
          bucket.tryConsume(1_000);
          bucket.addTokens(999);
        };
    Turns turns = new Turns().with("own", own).with("bucket4j", others).take(100 * rounds, 10_000);
    lines.add(
        "hold and settle in memory, one account, one thread, beside bucket4j",
        "%.0f ns and %.0f B beside %.0f ns and %.0f B, %.2f times",
        "1.5 times",
        turns.nanos("own"),
        turns.bytes("own"),
        turns.nanos("bucket4j"),
        turns.bytes("bucket4j"),
        turns.times("own", "bucket4j"));
    List<Double> ratios = new ArrayList<>();
    List<Double> ownNanos = new ArrayList<>();
    List<Double> otherNanos = new ArrayList<>();
    for (int round = 0; round < 4 * rounds; round++) {
      double mine = together(own);
      double its = together(others);
      if (round >= rounds) {
        ownNanos.add(mine);
        otherNanos.add(its);
        ratios.add(mine / its);
      }
    }
    lines.add(
        "the same by two threads",
        "%.0f ns beside %.0f, %.2f times",
        "1 time",
        Lines.median(ownNanos),
        Lines.median(otherNanos),
        Lines.median(ratios));
  }

  private static void prices(int rounds, Lines lines) {
    PriceCatalog prices = PriceCatalog.bundled();
    Usage usage =
        Usage.builder(Usage.Source.BODY)
            .count(Meter.INPUT, 1_200)
            .count(Meter.OUTPUT, 340)
            .count(Meter.CACHE_READ, 2_048)
            .count(Meter.CACHE_WRITE_5M, 512)
            .count(Meter.CACHE_WRITE_1H, 256)
            .build();
    Turns turns =
        new Turns()
            .with("price", () -> seen = prices.costOf(KEY, usage))
            .with("id", () -> seen = ModelId.of(KEY.modelId()))
            .with("arn", () -> seen = ModelId.of(ARN))
            .take(20 * rounds, 20_000);
    lines.add(
        "the price of a call with five meters",
        "%.0f ns, %.0f B",
        "50 ns",
        turns.nanos("price"),
        turns.bytes("price"));
    lines.add(
        "a model id, an ARN that was seen before",
        "%.0f ns, %.0f ns",
        "30 ns",
        turns.nanos("id"),
        turns.nanos("arn"));
  }

  /** Nanoseconds of a call where two threads make them. */
  private static double together(Runnable work) throws Exception {
    int calls = 100_000;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      long start = System.nanoTime();
      List<Future<?>> both = new ArrayList<>();
      for (int thread = 0; thread < 2; thread++) {
        both.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < calls; i++) {
                    work.run();
                  }
                }));
      }
      for (Future<?> one : both) {
        one.get();
      }
      return (System.nanoTime() - start) / (2.0 * calls);
    } finally {
      threads.shutdown();
    }
  }
}
