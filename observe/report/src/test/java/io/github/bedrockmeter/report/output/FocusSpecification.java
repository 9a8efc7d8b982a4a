// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rules of FOCUS 1.2 for the columns that a meter's file has, written from the specification's
 * text and from nothing of ours: presence, type, format, allowed values and nulls. Stateless.
 */
final class FocusSpecification {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Columns whose feature level is Mandatory, or whose presence is required. */
  private static final List<String> MANDATORY =
      List.of(
          "BilledCost",
          "BillingAccountId",
          "BillingAccountName",
          "BillingCurrency",
          "BillingPeriodEnd",
          "BillingPeriodStart",
          "ChargeCategory",
          "ChargeClass",
          "ChargeDescription",
          "ChargePeriodEnd",
          "ChargePeriodStart",
          "ContractedCost",
          "EffectiveCost",
          "InvoiceIssuerName",
          "ListCost",
          "PricingQuantity",
          "PricingUnit",
          "ProviderName",
          "PublisherName",
          "ServiceCategory",
          "ServiceName");

  private static final Set<String> NEVER_NULL =
      Set.of(
          "BilledCost",
          "BillingAccountId",
          "BillingCurrency",
          "BillingPeriodEnd",
          "BillingPeriodStart",
          "ChargeCategory",
          "ChargeFrequency",
          "ChargePeriodEnd",
          "ChargePeriodStart",
          "ContractedCost",
          "EffectiveCost",
          "InvoiceIssuerName",
          "ListCost",
          "ProviderName",
          "PublisherName",
          "ServiceCategory",
          "ServiceName",
          "ServiceSubcategory");

  /** "Where SkuPriceId is null": the price and what it is measured in are null too. */
  private static final List<String> NULL_WITHOUT_SKU_PRICE =
      List.of(
          "ConsumedQuantity",
          "ConsumedUnit",
          "ContractedUnitPrice",
          "ListUnitPrice",
          "PricingCategory",
          "PricingQuantity",
          "PricingUnit",
          "SkuPriceDetails");

  private static final Set<String> DECIMALS =
      Set.of(
          "BilledCost",
          "ConsumedQuantity",
          "ContractedCost",
          "ContractedUnitPrice",
          "EffectiveCost",
          "ListCost",
          "ListUnitPrice",
          "PricingQuantity");

  private static final Set<String> TIMES =
      Set.of("BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart");

  private static final Map<String, Set<String>> ALLOWED =
      Map.of(
          "ChargeCategory", Set.of("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
          "ChargeClass", Set.of("Correction"),
          "ChargeFrequency", Set.of("One-Time", "Recurring", "Usage-Based"),
          "PricingCategory", Set.of("Standard", "Dynamic", "Committed", "Other"),
          "ServiceCategory",
              Set.of(
                  "AI and Machine Learning",
                  "Analytics",
                  "Business Applications",
                  "Compute",
                  "Databases",
                  "Developer Tools",
                  "Multicloud",
                  "Identity",
                  "Integration",
                  "Internet of Things",
                  "Management and Governance",
                  "Media",
                  "Migration",
                  "Mobile",
                  "Networking",
                  "Security",
                  "Storage",
                  "Web",
                  "Other"));

  private static final Set<String> SUBCATEGORIES_OF_AI =
      Set.of(
          "Bots",
          "Generative AI",
          "Machine Learning",
          "Natural Language Processing",
          "Other (AI and Machine Learning)");

  private FocusSpecification() {}

  /** What a file breaks, in words; empty if nothing. */
  static List<String> broken(List<Map<String, String>> rows) {
    List<String> broken = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Row row = new Row(i, rows.get(i), broken);
      presence(row);
      formats(row);
      nulls(row);
      sums(row);
      periods(row);
    }
    return broken;
  }

  private record Row(int number, Map<String, String> values, List<String> broken) {
    String get(String column) {
      return values.getOrDefault(column, "");
    }

    boolean isNull(String column) {
      return get(column).isEmpty();
    }

    BigDecimal decimal(String column) {
      return new BigDecimal(get(column));
    }

    void require(boolean holds, String rule) {
      if (!holds) {
        broken.add("row " + number + ": " + rule);
      }
    }
  }

  private static void presence(Row row) {
    Set<String> missing = new TreeSet<>(MANDATORY);
    missing.removeAll(row.values().keySet());
    row.require(missing.isEmpty(), "mandatory columns are missing: " + missing);
    for (String column : row.values().keySet()) {
      row.require(
          column.startsWith("x_") || column.matches("([A-Z][a-z]*)+"),
          column + " is neither in PascalCase nor a custom column");
    }
  }

  private static void formats(Row row) {
    for (String column : row.values().keySet()) {
      String value = row.get(column);
      if (value.isEmpty()) {
        row.require(!NEVER_NULL.contains(column), column + " must not be null");
        continue;
      }
      if (DECIMALS.contains(column)) {
        row.require(value.matches("-?[0-9]+(\\.[0-9]+)?"), column + " is no decimal: " + value);
      }
      if (TIMES.contains(column)) {
        row.require(
            value.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"),
            column + " is no time of UTC: " + value);
      }
      Set<String> allowed = ALLOWED.get(column);
      row.require(allowed == null || allowed.contains(value), column + " may not be " + value);
      if (column.equals("Tags") || column.equals("SkuPriceDetails")) {
        row.require(isKeyValue(value), column + " is no object of plain values: " + value);
      }
      if (column.endsWith("Currency")) {
        row.require(value.matches("[A-Z]{3}"), column + " is no code of ISO 4217: " + value);
      }
      if (column.equals("PricingUnit") || column.equals("ConsumedUnit")) {
        row.require(
            value.matches("([1-9][0-9]* )?[A-Z][a-z]+s"), column + " is no simple unit: " + value);
      }
    }
    if (row.get("ServiceCategory").equals("AI and Machine Learning")) {
      row.require(
          SUBCATEGORIES_OF_AI.contains(row.get("ServiceSubcategory")),
          "ServiceSubcategory is not of its category: " + row.get("ServiceSubcategory"));
    }
  }

  private static boolean isKeyValue(String text) {
    try {
      JsonNode object = JSON.readTree(text);
      for (JsonNode value : object) {
        if (value.isContainerNode()) {
          return false;
        }
      }
      return object.isObject();
    } catch (IOException malformed) {
      return false;
    }
  }

  private static void nulls(Row row) {
    boolean usage = row.get("ChargeCategory").equals("Usage");
    if (row.isNull("SkuPriceId")) {
      for (String column : NULL_WITHOUT_SKU_PRICE) {
        row.require(row.isNull(column), column + " must be null where SkuPriceId is");
      }
    } else if (usage && row.isNull("ChargeClass")) {
      for (String column : NULL_WITHOUT_SKU_PRICE) {
        row.require(
            column.equals("SkuPriceDetails") || !row.isNull(column),
            column + " must not be null for usage that has a SKU price");
      }
      row.require(!row.isNull("SkuId"), "SkuId must not be null for usage that has a SKU price");
    }
    row.require(!row.isNull("SkuId") || row.isNull("SkuMeter"), "SkuMeter without SkuId");
    row.require(row.isNull("RegionId") == row.isNull("RegionName"), "RegionId and RegionName");
    row.require(row.isNull("ResourceId") == row.isNull("ResourceType"), "ResourceId and its type");
    row.require(
        row.isNull("ConsumedQuantity") == row.isNull("ConsumedUnit"), "a quantity has a unit");
    row.require(
        row.isNull("PricingQuantity") == row.isNull("PricingUnit"), "a quantity has a unit");
    // A meter knows no invoice, so none may be named: its BilledCost would have to match it.
    row.require(row.isNull("InvoiceId"), "InvoiceId of a charge without an invoice must be null");
  }

  private static void sums(Row row) {
    if (row.isNull("PricingQuantity")) {
      row.require(row.decimal("ListCost").compareTo(row.decimal("BilledCost")) == 0, "ListCost");
      return;
    }
    product(row, "ListUnitPrice", "ListCost");
    product(row, "ContractedUnitPrice", "ContractedCost");
  }

  private static void product(Row row, String price, String cost) {
    if (!row.isNull(price)) {
      BigDecimal product = row.decimal(price).multiply(row.decimal("PricingQuantity"));
      row.require(
          product.compareTo(row.decimal(cost)) == 0,
          cost + " is not " + price + " x PricingQuantity: " + row.get(cost) + ", " + product);
      row.require(row.decimal(price).signum() >= 0, price + " must not be negative");
    }
  }

  private static void periods(Row row) {
    try {
      OffsetDateTime billingStart = OffsetDateTime.parse(row.get("BillingPeriodStart"));
      OffsetDateTime billingEnd = OffsetDateTime.parse(row.get("BillingPeriodEnd"));
      OffsetDateTime start = OffsetDateTime.parse(row.get("ChargePeriodStart"));
      OffsetDateTime end = OffsetDateTime.parse(row.get("ChargePeriodEnd"));
      row.require(start.isBefore(end), "a charge period ends after it starts");
      row.require(
          !start.isBefore(billingStart) && !end.isAfter(billingEnd),
          "the charge period is not within its billing period");
      row.require(
          billingStart.getOffset().equals(ZoneOffset.UTC)
              && billingStart.getDayOfMonth() == 1
              && billingStart.plusMonths(1).equals(billingEnd),
          "the billing period is a month");
    } catch (DateTimeParseException malformed) {
      row.require(false, "a period is no time: " + malformed.getParsedString());
    }
  }
}
