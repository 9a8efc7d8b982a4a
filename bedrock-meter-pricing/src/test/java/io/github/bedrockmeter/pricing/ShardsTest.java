// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The catalogue's text shards are the readable catalogue, whole, and are what is read. */
class ShardsTest {
  private final CatalogData readable =
      CatalogReader.read(
          "the bundled catalogue",
          Objects.requireNonNull(PriceCatalog.class.getResourceAsStream("catalogue.json")));
  private final CatalogLayer shards = ShardedCatalog.bundled();

  @Test
  void theShardsAreTheReadableCatalogue() {
    assertThat(shards).isInstanceOf(ShardedCatalog.class);
    assertThat(shards.version()).isEqualTo(readable.version());
    assertThat(shards.asOf()).isEqualTo(readable.asOf());
    assertThat(shards.geoPrefixes()).isEqualTo(readable.geoPrefixes());
    assertThat(shards.tierRatios()).isEqualTo(readable.tierRatios());
    assertThat(shards.families()).isEqualTo(readable.families());
    assertThat(shards.models()).isEqualTo(readable.models());
    assertThat(shards.variants()).isEqualTo(readable.variants());
    int rows = 0;
    for (String model : readable.models().keySet()) {
      List<RateRow> expected = readable.rowsOf(model);
      assertThat(shards.rowsOf(model)).as(model).isEqualTo(expected);
      rows += expected.size();
    }

    System.out.println(rows + " of " + readable.rows().size() + " rows in shards");
    assertThat(rows).isEqualTo(readable.rows().size());
  }

  @Test
  void theHighestRatesOfTheIndexAreThoseOfTheRows() {
    assertThat(new HashSet<>(shards.highest("anthropic")))
        .isEqualTo(new HashSet<>(readable.highest("anthropic")))
        .isNotEmpty();
    assertThat(shards.highest("no-such-provider")).isEmpty();
    assertThat(shards.highest(null)).hasSizeGreaterThan(shards.highest("anthropic").size());
  }

  @Test
  void noTwoModelsShareAFile() {
    Set<String> files = new HashSet<>();

    readable.models().keySet().forEach(model -> files.add(ShardedCatalog.fileOf(model)));

    assertThat(files).hasSameSizeAs(readable.models().keySet());
    assertThat(ShardWriter.files(readable)).hasSizeGreaterThan(150).containsKey("index.txt");
  }

  @Test
  void aFirstPriceInAFreshJvmNeedsNoParserAndNoCache() throws Exception {
    Process child =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xshare:auto",
                "-Xlog:class+load:stdout",
                "-cp",
                System.getProperty("java.class.path"),
                ColdStart.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(child.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("io.github.bedrockmeter.pricing.ShardedCatalog ")
        .contains("cost 0.8")
        .doesNotContain("com.fasterxml")
        .doesNotContain("com.github.benmanes")
        .doesNotContain("io.github.bedrockmeter.pricing.CatalogReader ");
    System.out.println(
        output.lines().filter(line -> line.startsWith("cold start")).findFirst().orElse("no time"));
  }

  /** What a program does first: a catalogue and one price. */
  static final class ColdStart {
    public static void main(String[] args) {
      PriceKey key =
          new PriceKey(
              "amazon.nova-pro-v1:0",
              "us-east-1",
              "standard",
              Instant.parse("2026-10-08T00:00:00Z"));
      long start = System.nanoTime();
      PriceCatalog prices = PriceCatalog.bundled();
      long loaded = System.nanoTime();
      var cost = prices.costOf(key, Usage.ofTokens(1_000_000, 0)).usd().orElseThrow();
      long priced = System.nanoTime();
      System.out.println("\ncost " + cost.toPlainString());
      System.out.println(
          "cold start: catalogue in %d us, first price in %d us"
              .formatted((loaded - start) / 1_000, (priced - loaded) / 1_000));
    }
  }
}
