// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.reconcile.Tolerance;
import io.github.bedrockmeter.report.scene.Bill;
import io.github.bedrockmeter.report.scene.Metered;
import io.github.bedrockmeter.report.sheet.Sheet;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each cause of a gap, planted alone: it is found and named, and nothing else is. */
class BillReconciliationTest {
  private static final String NOVA = "amazon.nova-pro-v1:0";
  private static final String SONNET = "us.anthropic.claude-sonnet-4-6";
  private static final String DAY = "2026-10-05";
  private static final String PROFILE =
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";

  @TempDir Path folder;

  private final Bill bill = new Bill();
  private final List<Metered> calls = new ArrayList<>();
  private PriceCatalog prices = PriceCatalog.bundled();

  /** What a reconciliation found. */
  private record Found(
      Sheet summary,
      Sheet causes,
      Sheet lines,
      Sheet all,
      Sheet apart,
      BillReconciliation.Difference difference,
      Optional<String> proposed) {

    List<String> namedCauses() {
      return causes.rows().stream().map(row -> String.valueOf(row.get(0))).distinct().toList();
    }
  }

  @Test
  void aBillThatAgreesHasNoGap() throws Exception {
    twoModels();

    Found found = reconcile();

    assertThat(found.lines().rows()).isEmpty();
    assertThat(found.causes().rows()).isEmpty();
    assertThat(found.all().rows()).hasSize(6);
    assertThat(found.difference().usd()).isEqualByComparingTo("0");
    assertThat(found.summary().get(0, "our_usd"))
        .isEqualTo(found.summary().get(0, "their_usd"))
        .isEqualTo(new BigDecimal("17.62"));
    assertThat(found.proposed()).isEmpty();
  }

  @Test
  void unmeteredCallsAreNamedWithTheirTokensAndDollars() throws Exception {
    twoModels();
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", DAY, "50", "0.04");

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("unmetered calls");
    assertThat(found.lines().rows()).hasSize(1);
    assertThat(found.lines().get(0, "gap_units")).isEqualTo(new BigDecimal("50000"));
    assertThat(found.lines().get(0, "gap_usd")).isEqualTo(new BigDecimal("0.04"));
    assertThat(found.lines().get(0, "percent")).isEqualTo(new BigDecimal("4.7619"));
    assertThat(found.lines().get(0, "usage_type")).isEqualTo("USE1-NovaPro-input-tokens");
    assertThat(found.difference().isBeyond(Tolerance.parse("0.03usd"))).isTrue();
    assertThat(found.difference().isBeyond(Tolerance.parse("0.04usd"))).isFalse();
    assertThat(found.difference().isBeyond(Tolerance.parse("0.1%"))).isTrue();
  }

  @Test
  void aCallThatIsNotOnTheBillIsNamed() throws Exception {
    twoModels();
    calls.add(Metered.call(NOVA, DAY + "T20:00:00Z").tokens(0, 1_000));

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("not on the bill");
    assertThat(found.lines().get(0, "gap_usd")).isEqualTo(new BigDecimal("-0.0032"));
  }

  @Test
  void aTierThatTheMeterTookForAnotherIsNamed() throws Exception {
    twoModels();
    // 64,500 tokens, metered as standard, billed as flex at half the price.
    calls.add(Metered.call("global.amazon.nova-2-lite-v1:0", DAY + "T09:00:00Z").tokens(0, 64_500));
    bill.aws(
        "AmazonBedrock",
        "USE1-Nova2.0Lite-output-tokens-flex-cross-region-global",
        DAY,
        "64.5",
        "0.080625");

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("tier");
    assertThat(found.lines().rows()).hasSize(2);
    assertThat(sum(found.lines(), "gap_usd")).isEqualByComparingTo("-0.080625");
    assertThat(sum(found.lines(), "gap_units")).isEqualByComparingTo("0");
  }

  @Test
  void aDiscountIsNamedAndProposedAndExplainsTheGap() throws Exception {
    twoModels();
    bill.times("0.88");

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("discount");
    assertThat(found.causes().get(0, "gap_usd")).isEqualTo(new BigDecimal("-2.1144"));
    assertThat(found.proposed()).hasValueSatisfying(json -> assertThat(json).contains("\"12%\""));

    Path terms = Files.writeString(folder.resolve("terms.json"), found.proposed().orElseThrow());
    prices = PriceCatalog.builder().overrides(terms).build();
    Found again = reconcile();

    assertThat(again.lines().rows()).isEmpty();
    assertThat(again.difference().usd()).isEqualByComparingTo("0");
    assertThat(again.proposed()).isEmpty();
  }

  @Test
  void aProvidersDiscountIsProposedForTheProvider() throws Exception {
    calls.add(Metered.call(SONNET, DAY + "T09:00:00Z").tokens(1_000_000, 100_000));
    calls.add(Metered.call("us.anthropic.claude-opus-4-7", DAY + "T09:00:00Z").tokens(500_000, 0));
    bill.marketplace("Claude Sonnet 4.6", "USE1-MP:USE1_InputTokenCount-Units", DAY, "1", "3.3");
    bill.marketplace(
        "Claude Sonnet 4.6", "USE1-MP:USE1_OutputTokenCount-Units", DAY, "0.1", "1.65");
    bill.marketplace(
        "Claude Opus 4.7", "USE1-MP:USE1_input_tokens_standard-Units", DAY, "0.5", "2.75");
    bill.times("0.9");
    laterDay();

    Found found = reconcile();

    assertThat(found.proposed().orElseThrow())
        .contains("\"provider\" : \"anthropic\"")
        .contains("\"10%\"")
        .doesNotContain("sonnet");
  }

  @Test
  void aPriceRowThatDiffersIsNamedAndProposed() throws Exception {
    twoModels();
    // Output alone is billed at 3.50 for a million instead of 3.20.
    bill.aws("AmazonBedrock", "USE1-NovaPro-output-tokens", DAY, "0", "0.03");

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("price row");
    assertThat(found.lines().get(0, "gap_usd")).isEqualTo(new BigDecimal("0.03"));
    Path terms = Files.writeString(folder.resolve("terms.json"), found.proposed().orElseThrow());
    prices = PriceCatalog.builder().overrides(terms).build();
    assertThat(found.proposed().orElseThrow()).contains("\"3.5\"").contains("geo");
    assertThat(reconcile().lines().rows()).isEmpty();
  }

  @Test
  void callsWithoutAPriceAreNamedAsSuch() throws Exception {
    twoModels();
    String custom = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/hidden";
    calls.add(Metered.call(custom, DAY + "T09:00:00Z").tokens(10_000, 0));
    bill.aws("AmazonBedrock", "USE1-NovaLite-input-tokens", DAY, "10", "0.0006")
        .put("line_item_resource_id", custom);

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("unpriced calls");
    assertThat(found.lines().get(0, "our_usd")).isNull();
    assertThat(found.lines().get(0, "profile")).isEqualTo(custom);
    assertThat(found.lines().get(0, "gap_usd")).isEqualTo(new BigDecimal("0.0006"));
  }

  @Test
  void cachedTokensThatAreBilledAsInputTooAreNamed() throws Exception {
    twoModels();
    Metered call = Metered.call("us.openai.gpt-5.6-terra", DAY + "T09:00:00Z").tokens(2, 0);
    calls.add(call.with(Meter.CACHE_WRITE_30M, 4_993));
    bill.marketplace(
        "OpenAI GPT-5.6 Terra",
        "USE1-MP:USE1_input_tokens_standard-Units",
        DAY,
        "0.004995",
        "0.010989");
    bill.marketplace(
        "OpenAI GPT-5.6 Terra",
        "USE1-MP:USE1_cache_write_tokens_30m_standard-Units",
        DAY,
        "0.004993",
        "0.01373075");

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("cached tokens billed as input");
    assertThat(found.lines().get(0, "gap_units")).isEqualTo(new BigDecimal("4993"));
  }

  @Test
  void cancelledStreamsAreNamed() throws Exception {
    twoModels();
    calls.add(Metered.call(NOVA, DAY + "T09:00:00Z").tokens(1_000, 10).outcome("cancelled"));
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", DAY, "1", "0.0008");
    bill.aws("AmazonBedrock", "USE1-NovaPro-output-tokens", DAY, "0.5", "0.0016");

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("cancelled streams");
    assertThat(found.lines().get(0, "gap_units")).isEqualTo(new BigDecimal("490"));
  }

  @Test
  void aProfileIsComparedWhereTheBillShowsIt() throws Exception {
    prices = PriceCatalog.builder().alias(PROFILE, SONNET).build();
    calls.add(Metered.call(PROFILE, DAY + "T09:00:00Z").tokens(2_000_000, 0));
    calls.add(Metered.call(SONNET, DAY + "T09:00:00Z").tokens(1_000_000, 0));
    bill.marketplace("Claude Sonnet 4.6", "USE1-MP:USE1_InputTokenCount-Units", DAY, "2", "6.6")
        .put("line_item_resource_id", PROFILE);
    bill.marketplace("Claude Sonnet 4.6", "USE1-MP:USE1_InputTokenCount-Units", DAY, "1", "3.3");
    laterDay();

    Found found = reconcile();

    assertThat(found.lines().rows()).isEmpty();
    assertThat(found.all().get(1, "profile")).isEqualTo(PROFILE);
    assertThat(found.all().get(1, "our_usd")).isEqualTo(new BigDecimal("6.6"));
  }

  @Test
  void whatIsNoCallStandsApartAndWhatIsUnknownIsListed() throws Exception {
    twoModels();
    bill.other("Credit", DAY, "-1.0278");
    bill.other("Tax", DAY, "0.5139");
    bill.other("EdpDiscount", DAY, "-0.7");
    bill.aws(
        "AmazonBedrock",
        "USE1-Qwen3-32B-ProvisionedThroughput-NoCommit-ModelUnits",
        DAY,
        "1",
        "24");
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens-turbo", DAY, "7", "7.77");

    Found found = reconcile();

    assertThat(found.lines().rows()).isEmpty();
    Map<String, Object> byKind = new HashMap<>();
    found.apart().rows().forEach(row -> byKind.put(String.valueOf(row.get(0)), row.get(6)));
    assertThat(byKind)
        .containsOnly(
            Map.entry("credit", new BigDecimal("-1.0278")),
            Map.entry("tax", new BigDecimal("0.5139")),
            Map.entry("discount", new BigDecimal("-0.7")),
            Map.entry("capacity", new BigDecimal("24")),
            Map.entry("not understood", new BigDecimal("7.77")));
    assertThat(found.apart().rows().toString()).contains("a usage type that is not known");
    assertThat(found.difference().usd()).isEqualByComparingTo("7.77");
  }

  @Test
  void theLastTwoDaysAreNotFinal() throws Exception {
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", "2026-10-05", "1", "0.0008");
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", "2026-10-06", "1", "0.0008");
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", "2026-10-07", "1", "0.0008");

    Found found = reconcile();

    assertThat(found.lines().get(0, "final")).isEqualTo("final");
    assertThat(found.lines().get(1, "final")).isEqualTo("not final");
    assertThat(found.lines().get(2, "final")).isEqualTo("not final");
    assertThat(found.difference().usd()).isEqualByComparingTo("0.0008");
  }

  @Test
  void aDayThatTheBillHasNothingOfIsFinalToo() throws Exception {
    twoModels();
    calls.add(Metered.call(NOVA, "2026-10-02T12:00:00Z").tokens(0, 1_000));

    Found found = reconcile();

    assertThat(found.namedCauses()).containsExactly("not on the bill");
    assertThat(found.lines().get(0, "final")).isEqualTo("final");
    assertThat(found.difference().usd()).isEqualByComparingTo("0.0032");
  }

  @Test
  void gzipAndParquetReadAlike() throws Exception {
    twoModels();
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", DAY, "50", "0.04");
    Found csv = reconcile();
    Path zipped = bill.writeGzip(folder.resolve("bill.gz"));
    Path plain = bill.write(folder.resolve("plain.csv"));
    Path parquet = folder.resolve("bill.parquet");
    try (FactTables tables =
            FactTables.open(FactTables.Options.defaults().withFiles(plain, parquet));
        Connection connection = tables.duplicate();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          COPY (SELECT * REPLACE (
              CAST(line_item_unblended_cost AS DOUBLE) AS line_item_unblended_cost,
              CAST(line_item_usage_amount AS DOUBLE) AS line_item_usage_amount,
              CAST(CAST(line_item_usage_start_date AS TIMESTAMPTZ) AS TIMESTAMP) AS line_item_usage_start_date,
              MAP {'product_name': json_extract_string(product, '$.product_name')} AS product)
            FROM read_csv('%s', header = true, all_varchar = true)) TO '%s'
          """
              .formatted(plain, parquet));
    }

    assertThat(reconcile(zipped).all()).isEqualTo(csv.all());
    assertThat(reconcile(parquet).all()).isEqualTo(csv.all());
  }

  @Test
  void whatIsNoBillIsAnErrorAtOnce() throws Exception {
    Path none = Files.writeString(folder.resolve("none.csv"), "a,b\n1,2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reconcile(none))
        .withMessageContaining("line_item_usage_type")
        .withMessageContaining("SkuMeter");

    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", DAY, "1", "=1+1");
    assertThatIllegalArgumentException()
        .isThrownBy(this::reconcile)
        .withMessageContaining("'=1+1' as its cost");
  }

  /** Two models and two days that agree to the last digit; the later day makes the first final. */
  private void twoModels() {
    calls.add(Metered.call(NOVA, DAY + "T00:00:00Z").tokens(1_000_000, 100_000));
    calls.add(Metered.call(SONNET, DAY + "T23:59:59Z").tokens(2_000_000, 500_000));
    calls.add(Metered.call(SONNET, DAY + "T11:59:59Z").with(Meter.CACHE_READ, 5_000_000));
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", DAY, "1000", "0.8");
    bill.aws("AmazonBedrock", "USE1-NovaPro-output-tokens", DAY, "100", "0.32");
    bill.marketplace("Claude Sonnet 4.6", "USE1-MP:USE1_InputTokenCount-Units", DAY, "1.5", "4.95");
    bill.aws("AmazonBedrockService", "USE1-Claude4.6Sonnet-input-tokens", DAY, "500", "1.65");
    bill.marketplace(
        "Claude Sonnet 4.6", "USE1-MP:USE1_OutputTokenCount-Units", DAY, "0.5", "8.25");
    bill.marketplace(
        "Claude Sonnet 4.6", "USE1-MP:USE1_CacheReadInputTokenCount-Units", DAY, "5", "1.65");
    laterDay();
  }

  private void laterDay() {
    calls.add(Metered.call("amazon.nova-lite-v1:0", "2026-10-08T12:00:00Z").tokens(0, 1_000_000));
    bill.aws("AmazonBedrock", "USE1-NovaLite-output-tokens", "2026-10-08", "1000", "0.24");
  }

  private Found reconcile() throws Exception {
    return reconcile(bill.write(folder.resolve("bill.csv")));
  }

  private Found reconcile(Path file) {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults().withFiles(file))) {
      try (FactWriter writer = tables.writer()) {
        calls.forEach(call -> writer.add(call.facts(prices)));
      }
      BillReconciliation found = BillReconciliation.of(tables, Bill.compared(file, prices, false));
      Sheet all = found.lines(true);
      assertThat(sum(found.everything(), "their_usd"))
          .as("nothing of the bill is dropped")
          .isEqualByComparingTo(bill.total());
      assertThat(sum(all, "gap_usd"))
          .as("the parts add up to the gap")
          .isEqualByComparingTo(sum(all, "their_usd").subtract(sum(all, "our_usd")));
      return new Found(
          found.summary(),
          found.causes(),
          found.lines(false),
          all,
          found.apart(),
          found.difference(),
          found.proposedTerms());
    }
  }

  private static BigDecimal sum(Sheet sheet, String column) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < sheet.rows().size(); i++) {
      @Nullable Object value = sheet.get(i, column);
      sum = value == null ? sum : sum.add((BigDecimal) value);
    }
    return sum;
  }
}
