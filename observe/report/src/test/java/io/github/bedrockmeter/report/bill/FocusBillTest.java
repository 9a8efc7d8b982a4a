// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.scene.Bill;
import io.github.bedrockmeter.report.scene.Metered;
import io.github.bedrockmeter.report.sheet.Sheet;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A FOCUS export, whose Marketplace rows name neither service nor product. */
class FocusBillTest {
  private static final String PROFILE =
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
  private static final String HEADER =
      "ChargeCategory,x_ServiceCode,ServiceName,SkuMeter,ChargePeriodStart,ChargePeriodEnd,"
          + "ConsumedQuantity,ConsumedUnit,PricingQuantity,PricingUnit,BilledCost,x_Discounts,"
          + "ResourceId,SubAccountId,RegionId,BillingCurrency\n";

  @TempDir Path folder;

  private final StringBuilder rows = new StringBuilder(HEADER);
  private final List<Metered> calls = new ArrayList<>();

  @Test
  void itsShapesAreReadAndDiscountsPutBack() throws Exception {
    PriceCatalog prices =
        PriceCatalog.builder().alias(PROFILE, "us.anthropic.claude-sonnet-4-6").build();
    calls.add(Metered.call("amazon.nova-pro-v1:0", "2026-10-05T12:00:00Z").tokens(2_000_000, 0));
    calls.add(
        Metered.call("anthropic.claude-sonnet-4-6", "2026-10-05T12:00:00Z").tokens(0, 100_000));
    calls.add(Metered.call(PROFILE, "2026-10-05T12:00:00Z").tokens(1_000_000, 0));
    row(
        "Usage",
        "AmazonBedrock",
        "Amazon Bedrock",
        "USE1-NovaPro-input-tokens",
        "2000,1K tokens",
        "1.44",
        "\"{\"\"edp_discount\"\":\"\"-0.16\"\"}\"",
        "");
    row(
        "Usage",
        "",
        "",
        "USE1-MP:USE1_OutputTokenCount-Units",
        "0.1,Units",
        "1.65",
        "{}",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6");
    row("Usage", "", "", "USE1-MP:USE1_InputTokenCount-Units", "1,Units", "3.3", "{}", PROFILE);
    row("Usage", "", "", "USE1-MP:USE1_OutputTokenCount-Units", "0.2,Units", "3.3", "{}", "");
    row("Usage", "", "", "USE1-MP:USE1_SomethingElse-Units", "1,Units", "99", "{}", "");
    row("Usage", "AmazonEC2", "Amazon EC2", "USE1-BoxUsage:t3.micro", "1,Hrs", "5", "{}", "");
    row("Credit", "AmazonBedrock", "Amazon Bedrock", "", ",", "-1.0278", "{}", "");
    row("Tax", "AmazonBedrock", "Amazon Bedrock", "", ",", "0.5139", "{}", "");
    Path file = Files.writeString(folder.resolve("focus.csv"), rows);

    try (FactTables tables = FactTables.open(FactTables.Options.defaults().withFiles(file))) {
      try (FactWriter writer = tables.writer()) {
        calls.forEach(call -> writer.add(call.facts(prices)));
      }
      BillReconciliation found = BillReconciliation.of(tables, Bill.compared(file, prices, false));

      assertThat(found.lines(false).rows()).isEmpty();
      Sheet apart = found.apart();
      assertThat(apart.rows().stream().map(row -> row.get(0)))
          .containsExactly("credit", "discount", "not understood", "tax", "unnamed");
      assertThat(apart.get(2, "usd")).isEqualTo(new BigDecimal("3.3"));
      assertThat(apart.get(2, "reason"))
          .isEqualTo("neither the usage type nor the product names a model");
      assertThat(apart.get(4, "usd")).isEqualTo(new BigDecimal("99"));
      assertThat(found.difference().usd()).isEqualByComparingTo("3.3");
    }
  }

  private void row(
      String category,
      String code,
      String service,
      String meter,
      String quantityAndUnit,
      String usd,
      String discounts,
      String resource) {
    rows.append(
        "%s,%s,%s,%s,2026-10-05T14:00:00.000Z,2026-10-05T15:00:00.000Z,%s,%s,%s,%s,%s,123456789012,us-east-1,USD%n"
            .formatted(
                category,
                code,
                service,
                meter,
                quantityAndUnit,
                quantityAndUnit,
                usd,
                discounts,
                resource));
  }
}
