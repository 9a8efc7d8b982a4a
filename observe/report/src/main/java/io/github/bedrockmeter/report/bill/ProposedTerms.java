// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.usage.Meter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * Writes the terms that explain a gap, as the pricing module reads them. Confined to one thread.
 */
final class ProposedTerms {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MILLION_DIGITS = 6;

  private final FactTables tables;

  ProposedTerms(FactTables tables) {
    this.tables = tables;
  }

  /** The file; empty if there is nothing to propose. */
  Optional<String> json() {
    Rows discounts = tables.query("bill/provider-discounts");
    Rows rates = tables.query("bill/price-rows");
    if (discounts.size() + rates.size() == 0) {
      return Optional.empty();
    }
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeArrayFieldStart("overrides");
      for (int i = 0; i < rates.size(); i++) {
        boolean isGlobal = Boolean.TRUE.equals(rates.get(i, "is_global"));
        // AWS bills in-region and geographic calls as one.
        for (String scope : isGlobal ? List.of("global") : List.of("in_region", "geo")) {
          writeRate(json, rates, i, scope);
        }
      }
      json.writeEndArray();
      json.writeArrayFieldStart("discounts");
      for (int i = 0; i < discounts.size(); i++) {
        writeDiscount(json, discounts, i);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return Optional.of(out + "\n");
  }

  private static void writeRate(JsonGenerator json, Rows rates, int row, String scope)
      throws IOException {
    Meter meter = new Meter(text(rates, row, "meter"));
    BigDecimal rate = new BigDecimal(text(rates, row, "rate"));
    json.writeStartObject();
    json.writeStringField("model", text(rates, row, "model"));
    json.writeStringField("tier", text(rates, row, "tier"));
    json.writeStringField("scope", scope);
    if (!text(rates, row, "region").isEmpty()) {
      json.writeStringField("region", text(rates, row, "region"));
    }
    json.writeStringField("from", text(rates, row, "first_day"));
    json.writeObjectFieldStart("usd");
    json.writeStringField(
        meter.name(), plain(meter.countsTokens() ? rate.movePointRight(MILLION_DIGITS) : rate));
    json.writeEndObject();
    json.writeStringField("note", note(rates, row));
    json.writeEndObject();
  }

  private static void writeDiscount(JsonGenerator json, Rows discounts, int row)
      throws IOException {
    BigDecimal percent = new BigDecimal(text(discounts, row, "share")).movePointRight(2);
    json.writeStartObject();
    json.writeStringField(text(discounts, row, "kind"), text(discounts, row, "subject"));
    json.writeStringField("share", plain(percent) + "%");
    json.writeStringField("from", text(discounts, row, "first_day"));
    json.writeStringField("note", note(discounts, row));
    json.writeEndObject();
  }

  private static String note(Rows rows, int row) {
    return "seen on the bill, " + text(rows, row, "cells") + " lines";
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  private static String text(Rows rows, int row, String column) {
    return String.valueOf(rows.get(row, column));
  }
}
