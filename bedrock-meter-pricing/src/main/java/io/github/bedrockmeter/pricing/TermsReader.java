// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.usage.Meter;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the operator's own prices from a file. */
final class TermsReader {
  private static final Set<String> FILE_FIELDS =
      Set.of("overrides", "discounts", "aliases", "variants");
  private static final Set<String> OVERRIDE_FIELDS =
      Set.of("model", "tier", "scope", "region", "from", "to", "usd", "note");
  private static final Set<String> DISCOUNT_FIELDS =
      Set.of("provider", "model", "share", "from", "to", "note");

  /** What a file holds, as it stands there: names and amounts are not checked. */
  record Contents(
      Map<String, String> aliases,
      Map<String, String> variants,
      List<OverrideRow> overrides,
      List<DiscountRow> discounts) {}

  /**
   * One rate of the operator's own.
   *
   * @param where what to call it in messages
   */
  record OverrideRow(
      String where,
      String model,
      Meter meter,
      String usd,
      String tier,
      @Nullable PriceScope scope,
      @Nullable String region,
      Days days) {}

  /**
   * One discount.
   *
   * @param where what to call it in messages
   * @param subject a provider or a model
   */
  record DiscountRow(String where, String subject, String share, Days days) {}

  private TermsReader() {}

  static Contents read(String origin, InputStream in) {
    JsonNode file = CatalogReader.tree(origin, in);
    CatalogReader.checkFields(origin, file, FILE_FIELDS);
    List<OverrideRow> overrides = new ArrayList<>();
    int number = 0;
    for (JsonNode row : file.path("overrides")) {
      number++;
      addOverrides("override " + number + " of " + origin, row, overrides);
    }
    List<DiscountRow> discounts = new ArrayList<>();
    number = 0;
    for (JsonNode row : file.path("discounts")) {
      number++;
      discounts.add(discount("discount " + number + " of " + origin, row));
    }
    return new Contents(
        strings(file.path("aliases")), strings(file.path("variants")), overrides, discounts);
  }

  private static Map<String, String> strings(JsonNode node) {
    Map<String, String> strings = new LinkedHashMap<>();
    node.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
    return strings;
  }

  private static void addOverrides(String where, JsonNode row, List<OverrideRow> overrides) {
    CatalogReader.checkFields(where, row, OVERRIDE_FIELDS);
    String model = CatalogReader.text(where, row, "model");
    if (row.path("usd").isEmpty()) {
      throw CatalogReader.refuse(where, "no figure in \"usd\"");
    }
    for (var figure : row.path("usd").properties()) {
      overrides.add(
          new OverrideRow(
              where,
              model,
              CatalogReader.meter(where, figure.getKey()),
              CatalogReader.decimal(where, figure.getValue()).toPlainString(),
              CatalogReader.optional(row, "tier", "standard"),
              scope(where, row),
              row.hasNonNull("region") ? row.path("region").asText() : null,
              CatalogReader.days(where, row)));
    }
  }

  private static @Nullable PriceScope scope(String where, JsonNode row) {
    return row.hasNonNull("scope")
        ? CatalogReader.named(where, () -> PriceScope.named(row.path("scope").asText()))
        : null;
  }

  private static DiscountRow discount(String where, JsonNode row) {
    CatalogReader.checkFields(where, row, DISCOUNT_FIELDS);
    if (row.hasNonNull("provider") == row.hasNonNull("model")) {
      throw CatalogReader.refuse(where, "name either a \"provider\" or a \"model\"");
    }
    return new DiscountRow(
        where,
        CatalogReader.text(where, row, row.hasNonNull("model") ? "model" : "provider"),
        CatalogReader.text(where, row, "share"),
        CatalogReader.days(where, row));
  }
}
