// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.usage.Meter;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the operator's own prices from a file and tells them to a builder. */
final class TermsReader {
  private static final Set<String> FILE_FIELDS =
      Set.of("overrides", "discounts", "aliases", "variants");
  private static final Set<String> OVERRIDE_FIELDS =
      Set.of("model", "tier", "scope", "region", "from", "to", "usd", "note");
  private static final Set<String> DISCOUNT_FIELDS =
      Set.of("provider", "model", "share", "from", "to", "note");

  private TermsReader() {}

  static void read(String origin, InputStream in, PriceCatalog.Builder builder) {
    JsonNode file = CatalogReader.tree(origin, in);
    CatalogReader.checkFields(origin, file, FILE_FIELDS);
    file.path("aliases")
        .properties()
        .forEach(entry -> builder.alias(entry.getKey(), entry.getValue().asText()));
    file.path("variants")
        .properties()
        .forEach(entry -> builder.variant(entry.getKey(), entry.getValue().asText()));
    int number = 0;
    for (JsonNode row : file.path("overrides")) {
      number++;
      override("override " + number + " of " + origin, row, builder);
    }
    number = 0;
    for (JsonNode row : file.path("discounts")) {
      number++;
      discount("discount " + number + " of " + origin, row, builder);
    }
  }

  private static void override(String where, JsonNode row, PriceCatalog.Builder builder) {
    CatalogReader.checkFields(where, row, OVERRIDE_FIELDS);
    String model = CatalogReader.text(where, row, "model");
    if (row.path("usd").isEmpty()) {
      throw CatalogReader.refuse(where, "no figure in \"usd\"");
    }
    for (var figure : row.path("usd").properties()) {
      Meter meter = CatalogReader.meter(where, figure.getKey());
      String usd = CatalogReader.decimal(where, figure.getValue()).toPlainString();
      try {
        builder.override(
            model,
            meter,
            usd,
            CatalogReader.optional(row, "tier", "standard"),
            row.hasNonNull("scope") ? Scope.named(row.path("scope").asText()) : null,
            row.hasNonNull("region") ? row.path("region").asText() : null,
            day(where, row, "from"),
            day(where, row, "to"));
      } catch (IllegalArgumentException refused) {
        throw named(where, refused);
      }
    }
  }

  private static void discount(String where, JsonNode row, PriceCatalog.Builder builder) {
    CatalogReader.checkFields(where, row, DISCOUNT_FIELDS);
    if (row.hasNonNull("provider") == row.hasNonNull("model")) {
      throw CatalogReader.refuse(where, "name either a \"provider\" or a \"model\"");
    }
    String subject = CatalogReader.text(where, row, row.hasNonNull("model") ? "model" : "provider");
    try {
      builder.discount(
          subject,
          CatalogReader.text(where, row, "share"),
          day(where, row, "from"),
          day(where, row, "to"));
    } catch (IllegalArgumentException refused) {
      throw named(where, refused);
    }
  }

  private static IllegalArgumentException named(String where, IllegalArgumentException refused) {
    return new IllegalArgumentException(where + ": " + refused.getMessage(), refused);
  }

  private static @Nullable LocalDate day(String where, JsonNode row, String field) {
    return row.hasNonNull(field) ? CatalogReader.date(where, row.path(field).asText()) : null;
  }
}
