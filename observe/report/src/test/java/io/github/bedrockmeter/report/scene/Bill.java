// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.scene;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.pricing.UsageTypes;
import io.github.bedrockmeter.report.bill.BillReconciliation;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** A bill of a test: rows in the shapes that AWS's exports have. Confined to one thread. */
public final class Bill {
  private static final List<String> CUR =
      List.of(
          "bill_billing_entity",
          "bill_billing_period_start_date",
          "bill_billing_period_end_date",
          "bill_invoice_id",
          "line_item_currency_code",
          "line_item_line_item_description",
          "line_item_line_item_type",
          "line_item_net_unblended_cost",
          "line_item_product_code",
          "line_item_resource_id",
          "line_item_unblended_cost",
          "line_item_usage_account_id",
          "line_item_usage_amount",
          "line_item_usage_end_date",
          "line_item_usage_start_date",
          "line_item_usage_type",
          "pricing_unit",
          "product",
          "product_region_code");

  private final List<Map<String, String>> rows = new ArrayList<>();

  /** Row of AWS's own: shape B or, with {@code AmazonBedrockService}, shape C. */
  public Map<String, String> aws(
      String code, String usageType, String day, String thousands, String usd) {
    Map<String, String> row = row(day, usd);
    row.put("bill_billing_entity", "AWS");
    row.put("line_item_product_code", code);
    row.put("line_item_usage_type", usageType);
    row.put("line_item_usage_amount", thousands);
    row.put("pricing_unit", "1K tokens");
    row.put("product", "{\"product_name\":\"Amazon Bedrock\",\"region\":\"us-east-1\"}");
    return row;
  }

  /** Row of the Marketplace: shape A. */
  public Map<String, String> marketplace(
      String product, String usageType, String day, String millions, String usd) {
    Map<String, String> row = row(day, usd);
    row.put("bill_billing_entity", "AWS Marketplace");
    row.put("line_item_product_code", "4a524th30q694o538qndh9ucht");
    row.put("line_item_usage_type", usageType);
    row.put("line_item_usage_amount", millions);
    row.put("pricing_unit", "Units");
    row.put("product", "{\"product_name\":\"" + product + " (Amazon Bedrock Edition)\"}");
    return row;
  }

  /** A row that is no usage, as Credit. */
  public Map<String, String> other(String type, String day, String usd) {
    Map<String, String> row = row(day, usd);
    row.put("line_item_line_item_type", type);
    row.put("line_item_product_code", "AmazonBedrock");
    return row;
  }

  private Map<String, String> row(String day, String usd) {
    Map<String, String> row = new LinkedHashMap<>();
    CUR.forEach(column -> row.put(column, ""));
    row.put("bill_billing_period_start_date", day.substring(0, 7) + "-01T00:00:00.000Z");
    row.put("line_item_currency_code", "USD");
    row.put("line_item_line_item_description", "first \"line\",\nsecond line");
    row.put("line_item_line_item_type", "Usage");
    row.put("line_item_unblended_cost", usd);
    row.put("line_item_usage_account_id", "123456789012");
    row.put("line_item_usage_start_date", day + "T14:00:00.000Z");
    row.put("line_item_usage_end_date", day + "T15:00:00.000Z");
    row.put("product_region_code", "us-east-1");
    rows.add(row);
    return row;
  }

  /** Multiplies the cost of every row so far, as a discount does. */
  public Bill times(String factor) {
    rows.forEach(
        row ->
            row.merge(
                "line_item_unblended_cost",
                "",
                (usd, none) ->
                    new BigDecimal(usd).multiply(new BigDecimal(factor)).toPlainString()));
    return this;
  }

  /** What its rows cost together. */
  public BigDecimal total() {
    return rows.stream()
        .map(row -> new BigDecimal(row.getOrDefault("line_item_unblended_cost", "0")))
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  public String csv() {
    return rows.stream()
        .map(row -> row.values().stream().map(Bill::quoted).collect(Collectors.joining(",")))
        .collect(Collectors.joining("\n", String.join(",", CUR) + "\n", "\n"));
  }

  private static String quoted(String cell) {
    return cell.isEmpty() ? "" : '"' + cell.replace("\"", "\"\"") + '"';
  }

  /** Writes it as CSV with a byte order mark. */
  public Path write(Path file) throws IOException {
    return Files.writeString(file, "\ufeff" + csv());
  }

  public Path writeGzip(Path file) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(csv().getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  /**
   * How a test compares a bill: on a day that makes October final.
   *
   * @param prices of our calls
   */
  public static BillReconciliation.Options compared(
      Path file, PriceCatalog prices, boolean withNetCosts) {
    return new BillReconciliation.Options(
        List.of(file),
        prices,
        PriceCatalog.bundled(),
        new UsageTypes(),
        LocalDate.parse("2026-11-29"),
        null,
        null,
        null,
        withNetCosts);
  }
}
