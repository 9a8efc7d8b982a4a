// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What must hold for every model, tried on generated calls; the seed is fixed, so runs repeat. */
class InvariantsTest {
  private static final int CALLS = 4_000;
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final List<String> REGIONS =
      List.of(
          "us-east-1",
          "us-west-2",
          "eu-west-1",
          "eu-central-1",
          "eu-west-2",
          "ap-northeast-1",
          "ap-southeast-2",
          "sa-east-1",
          "us-gov-west-1");
  private static final List<String> TIERS =
      List.of("standard", "flex", "priority", "batch", "latency");

  private final PriceCatalog prices = PriceCatalog.bundled();
  private final List<String> models =
      prices.models().stream().filter(model -> model.indexOf('.') > 0).toList();
  private final Random random = new Random(20261122);

  @Test
  void aCostNeverFallsWhenAnyCountRises() {
    for (int i = 0; i < CALLS; i++) {
      PriceKey key = call("");
      Usage usage = usage();
      Usage more =
          usage.plus(Usage.builder(Source.BODY).count(token(), random.nextInt(500)).build());
      Optional<BigDecimal> less = prices.costOf(key, usage).usd();
      Optional<BigDecimal> greater = prices.costOf(key, more).usd();
      if (less.isPresent() && greater.isPresent()) {
        assertThat(greater.get()).as(key + " " + more).isGreaterThanOrEqualTo(less.get());
      }
    }
  }

  @Test
  void aTokenReadFromTheCacheNeverCostsMoreThanOneThatWasNot() {
    for (int i = 0; i < CALLS; i++) {
      PriceKey key = call("");
      BigDecimal input = rate(key, Meter.INPUT);
      BigDecimal cached = rate(key, Meter.CACHE_READ);
      if (input != null && cached != null) {
        assertThat(cached).as(key.toString()).isLessThanOrEqualTo(input);
      }
    }
  }

  @Test
  void batchCostsNoMoreThanStandardAndPriorityNoLess() {
    for (int i = 0; i < CALLS; i++) {
      PriceKey key = call("").withTier("standard");
      for (Meter meter : List.of(Meter.INPUT, Meter.OUTPUT)) {
        BigDecimal standard = rate(key, meter);
        BigDecimal batch = rate(key.withTier("batch"), meter);
        BigDecimal priority = rate(key.withTier("priority"), meter);
        if (standard != null && batch != null && priority != null) {
          assertThat(batch).as(key + " " + meter).isLessThanOrEqualTo(standard);
          assertThat(priority).as(key + " " + meter).isGreaterThanOrEqualTo(standard);
        }
      }
    }
  }

  @Test
  void aGlobalProfileCostsNoMoreThanAGeographicOne() {
    for (int i = 0; i < CALLS; i++) {
      PriceKey geo = call("us.");
      PriceKey global = geo.withModelId("global." + geo.modelId().substring(3));
      for (Meter meter : Meter.TOKENS) {
        Rate higher = found(geo, meter);
        Rate lower = found(global, meter);
        // A price borrowed from another region says nothing about this one.
        if (higher != null && lower != null && !higher.basis().contains(Basis.REGION_FALLBACK)) {
          assertThat(lower.usdPerUnit())
              .as(geo + " " + meter)
              .isLessThanOrEqualTo(higher.usdPerUnit());
        }
      }
    }
  }

  @Test
  void aCostIsTheSumOfItsLinesToTheLastDigit() {
    int priced = 0;
    for (int i = 0; i < CALLS; i++) {
      PriceKey key = call("");
      if (prices.costOf(key, usage()) instanceof Cost.Known known) {
        BigDecimal sum =
            known.lines().stream()
                .map(line -> line.rate().usdPerUnit().multiply(BigDecimal.valueOf(line.count())))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(known.amountUsd()).as(key.toString()).isEqualByComparingTo(sum);
        priced++;
      }
    }
    assertThat(priced).isGreaterThan(CALLS / 4);
  }

  @Test
  void whatIsUnknownSaysWhyAndIsNeverZero() {
    for (int i = 0; i < CALLS; i++) {
      Cost cost = prices.costOf(call(""), usage());
      if (cost instanceof Cost.Unknown unknown) {
        assertThat(unknown.usd()).isEmpty();
        assertThat(unknown.reason()).containsAnyOf("overlay", "alias(..)");
      }
    }
  }

  @Test
  void manyThreadsGetTheSameAnswers() throws InterruptedException, ExecutionException {
    List<PriceKey> keys = new ArrayList<>();
    List<Usage> usages = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      keys.add(call(""));
      usages.add(usage());
    }
    List<String> alone = pricedBy(PriceCatalog.builder().build(), keys, usages);
    PriceCatalog shared = PriceCatalog.builder().build();
    ExecutorService threads = Executors.newFixedThreadPool(4);

    List<Future<List<String>>> together = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      together.add(threads.submit(() -> pricedBy(shared, keys, usages)));
    }

    for (Future<List<String>> answers : together) {
      assertThat(answers.get()).isEqualTo(alone);
    }
    threads.shutdownNow();
  }

  @Test
  void theCachesDoNotGrowWithInventedNames() {
    PriceCatalog shared = PriceCatalog.builder().build();

    for (int i = 0; i < 12_000; i++) {
      shared.costOf(
          new PriceKey("us.acme.model-" + i, "us-east-" + i, "standard", NOW),
          Usage.ofTokens(1, 1));
    }

    assertThat(shared.rememberedIds()).isLessThanOrEqualTo(10_000);
  }

  @Test
  void pricingAKnownCallAllocatesLittleBesideTheCost() {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    PriceKey key = new PriceKey("us.anthropic.claude-sonnet-4-6", "us-east-1", "standard", NOW);
    Usage usage = Usage.ofTokens(1_000, 500);
    for (int i = 0; i < 20_000; i++) {
      prices.costOf(key, usage);
    }

    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10_000; i++) {
      prices.costOf(key, usage);
    }
    long bytes = (threads.getCurrentThreadAllocatedBytes() - before) / 10_000;

    System.out.println(bytes + " bytes allocated for each priced call");
    assertThat(bytes).isLessThan(400);
  }

  private static List<String> pricedBy(
      PriceCatalog catalog, List<PriceKey> keys, List<Usage> usages) {
    List<String> costs = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      costs.add(catalog.costOf(keys.get(i), usages.get(i)).toString());
    }
    return costs;
  }

  private @org.jspecify.annotations.Nullable BigDecimal rate(PriceKey key, Meter meter) {
    Rate rate = found(key, meter);
    return rate == null ? null : rate.usdPerUnit();
  }

  private @org.jspecify.annotations.Nullable Rate found(PriceKey key, Meter meter) {
    return prices.ratesOf(PriceQuery.of(key, 1_000)) instanceof RateAnswer.Found found
        ? found.rates().rate(meter)
        : null;
  }

  private PriceKey call(String prefix) {
    return new PriceKey(
        prefix + models.get(random.nextInt(models.size())),
        REGIONS.get(random.nextInt(REGIONS.size())),
        TIERS.get(random.nextInt(TIERS.size())),
        NOW);
  }

  private Usage usage() {
    Usage.Builder usage = Usage.builder(Source.BODY);
    usage.count(Meter.INPUT, random.nextInt(10_000));
    usage.count(Meter.OUTPUT, random.nextInt(4_000));
    if (random.nextBoolean()) {
      usage.count(token(), random.nextInt(400_000));
    }
    return usage.build();
  }

  private Meter token() {
    return Meter.TOKENS.get(random.nextInt(Meter.TOKENS.size()));
  }
}
