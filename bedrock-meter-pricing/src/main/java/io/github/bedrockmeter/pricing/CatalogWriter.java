// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Writes a catalogue file: one line for each model and each row, in a fixed order, so that a change
 * of prices is a diff a person can review.
 */
final class CatalogWriter {
  private static final Comparator<RateRow> ORDER =
      Comparator.comparing(RateRow::model)
          .thenComparing(RateRow::endpoint)
          .thenComparing(RateRow::variant)
          .thenComparing(row -> row.scopes().toString())
          .thenComparing(RateRow::tier)
          .thenComparing(RateRow::above)
          .thenComparing(row -> String.valueOf(row.from()))
          .thenComparing(row -> row.regions().toString())
          .thenComparing(row -> row.usd().keySet().toString())
          .thenComparing(RateRow::status)
          .thenComparing(RateRow::provenance);

  private CatalogWriter() {}

  static String write(CatalogData data) {
    StringBuilder out = new StringBuilder("{\n");
    out.append("  \"schema\": 1,\n  \"currency\": \"USD\",\n");
    out.append("  \"version\": ").append(quoted(data.version())).append(",\n");
    out.append("  \"asOf\": ").append(quoted(data.asOf().toString()));
    section(out, "sources", data.sources(), CatalogWriter::quoted);
    section(out, "grades", data.grades(), CatalogWriter::quoted);
    section(out, "geoPrefixes", data.geoPrefixes(), scope -> quoted(scope.label()));
    section(out, "tierRatios", data.tierRatios(), ratio -> quoted(ratio.toPlainString()));
    section(out, "families", data.families(), CatalogWriter::figures);
    section(out, "models", new TreeMap<>(data.models()), CatalogWriter::model);
    out.append(",\n  \"rates\": [");
    List<RateRow> rows = new ArrayList<>(data.rows());
    rows.sort(ORDER);
    String comma = "\n    ";
    for (RateRow row : rows) {
      out.append(comma).append(line(row));
      comma = ",\n    ";
    }
    return out.append("\n  ]\n}\n").toString();
  }

  private static <T> void section(
      StringBuilder out, String name, Map<String, T> map, Function<T, String> json) {
    if (map.isEmpty()) {
      return;
    }
    out.append(",\n  ").append(quoted(name)).append(": {");
    String comma = "\n    ";
    for (Map.Entry<String, T> entry : map.entrySet()) {
      out.append(comma).append(quoted(entry.getKey())).append(": ");
      out.append(json.apply(entry.getValue()));
      comma = ",\n    ";
    }
    out.append("\n  }");
  }

  private static String model(CatalogModel model) {
    Map<String, String> fields = new LinkedHashMap<>();
    if (model.family() != null) {
      fields.put("family", quoted(model.family()));
    }
    if (!model.aliases().isEmpty()) {
      fields.put("aliases", array(model.aliases()));
    }
    if (model.contextTokens() != null) {
      fields.put("contextTokens", model.contextTokens().toString());
    }
    if (model.maxOutputTokens() != null) {
      fields.put("maxOutputTokens", model.maxOutputTokens().toString());
    }
    if (!model.modalities().isEmpty()) {
      fields.put("modalities", array(model.modalities().stream().sorted().toList()));
    }
    Long longContext = model.longContextAbove();
    if (longContext != null) {
      fields.put("longContextAbove", longContext.toString());
    }
    String unpriced = model.unpriced();
    if (unpriced != null) {
      fields.put("unpriced", quoted(unpriced));
    }
    return object(fields);
  }

  private static String line(RateRow row) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("model", quoted(row.model()));
    if (row.endpoint() != Endpoint.RUNTIME) {
      fields.put("endpoint", quoted(row.endpoint().label()));
    }
    if (!row.variant().isEmpty()) {
      fields.put("variant", quoted(row.variant()));
    }
    fields.put("scopes", array(row.scopes().stream().map(PriceScope::label).toList()));
    fields.put("tier", quoted(row.tier()));
    if (row.above() > 0) {
      fields.put("above", Long.toString(row.above()));
    }
    if (row.from() != null) {
      fields.put("from", quoted(row.from().toString()));
    }
    if (row.to() != null) {
      fields.put("to", quoted(row.to().toString()));
    }
    if (row.status() != RateRow.Status.CONFIRMED) {
      fields.put("status", quoted(row.status().label()));
    }
    fields.put("usd", figures(row.usd()));
    fields.put("unit", quoted(row.unit().label()));
    fields.put("regions", array(row.regions()));
    fields.put("grade", quoted(row.grade()));
    fields.put("asOf", quoted(row.asOf()));
    fields.put("sources", array(row.sources()));
    String note = row.note();
    if (note != null) {
      fields.put("note", quoted(note));
    }
    return object(fields);
  }

  private static String figures(Map<Meter, BigDecimal> figures) {
    Map<String, String> fields = new LinkedHashMap<>();
    figures.forEach((meter, usd) -> fields.put(meter.name(), quoted(usd.toPlainString())));
    return object(fields);
  }

  private static String object(Map<String, String> fields) {
    List<String> parts = new ArrayList<>();
    fields.forEach((name, json) -> parts.add(quoted(name) + ": " + json));
    return "{" + String.join(", ", parts) + "}";
  }

  private static String array(Collection<String> values) {
    return "[" + String.join(", ", values.stream().map(CatalogWriter::quoted).toList()) + "]";
  }

  private static String quoted(String text) {
    return "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
  }
}
