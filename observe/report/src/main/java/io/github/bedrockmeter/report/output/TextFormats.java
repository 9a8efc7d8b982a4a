// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.bedrockmeter.report.output.ReportTable.Earlier;
import io.github.bedrockmeter.report.output.ReportTable.Figures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** A report as CSV and as JSON. Stateless; a writer is used by one thread, and is not closed. */
public final class TextFormats {
  private static final String LINE_END = "\r\n";
  private static final JsonFactory JSON = new JsonFactory();

  private TextFormats() {}

  /**
   * Writes RFC 4180's CSV: a heading, then the rows; no total, so that a column can be summed.
   *
   * <p>Dollars and counts are plain numbers, exact; an unknown one is empty. A text that a
   * spreadsheet would take for a formula begins with an apostrophe: one whose first character is
   * {@code = + - @}, a tab or the end of a line.
   *
   * @throws UncheckedIOException if the writer fails
   */
  public static void csv(ReportTable table, Writer out) {
    Grid grid = Grid.of(table);
    try {
      String separator = "";
      for (Grid.Column column : grid.columns()) {
        out.write(separator + csvText(column.name()));
        separator = ",";
      }
      out.write(LINE_END);
      for (ReportTable.Row row : grid.rows()) {
        separator = "";
        for (Grid.Column column : grid.columns()) {
          out.write(separator + csvCell(column.value().apply(row)));
          separator = ",";
        }
        out.write(LINE_END);
      }
      out.flush();
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot write the CSV: " + failure.getMessage(), failure);
    }
  }

  private static String csvCell(@Nullable Object value) {
    if (value == null) {
      return "";
    }
    if (value instanceof BigDecimal amount) {
      return Amounts.exact(amount);
    }
    return value instanceof String text ? csvText(text) : value.toString();
  }

  /** A text of a CSV file, quoted where it must be, which no spreadsheet computes. */
  static String csvText(String text) {
    String harmless =
        !text.isEmpty() && "=+-@\t\r\n".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
    boolean quoted = harmless.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    boolean spaced = !harmless.strip().equals(harmless);
    return quoted || spaced ? '"' + harmless.replace("\"", "\"\"") + '"' : harmless;
  }

  /**
   * Writes a JSON object with the request, the rows and the total. Dollars are strings, since
   * JSON's numbers lose digits where they are read as binary fractions; counts are numbers. Unknown
   * is null: {@code costUsd} where a call has no price, with {@code atLeastUsd} as the part that is
   * certain.
   *
   * @throws UncheckedIOException if the writer fails
   */
  public static void json(ReportTable table, Writer out) {
    ReportRequest request = table.request();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("period", request.period().word());
      json.writeStringField("zone", request.zoneName());
      json.writeStringField("from", request.from() == null ? null : request.from().toString());
      json.writeStringField("to", request.to() == null ? null : request.to().toString());
      json.writeArrayFieldStart("by");
      for (Dimension dimension : request.by()) {
        json.writeString(dimension.name());
      }
      json.writeEndArray();
      json.writeArrayFieldStart("rows");
      for (ReportTable.Row row : table.rows()) {
        json.writeStartObject();
        json.writeStringField("period", row.periodLabel());
        keys(json, request, row);
        figures(json, row.figures());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeObjectFieldStart("total");
      figures(json, table.total());
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot write the JSON: " + failure.getMessage(), failure);
    }
    newLine(out);
  }

  private static void newLine(Writer out) {
    try {
      out.write(System.lineSeparator());
      out.flush();
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot write the JSON: " + failure.getMessage(), failure);
    }
  }

  private static void keys(JsonGenerator json, ReportRequest request, ReportTable.Row row)
      throws IOException {
    if (row.others() > 0) {
      json.writeNumberField("others", row.others());
      return;
    }
    json.writeObjectFieldStart("keys");
    for (int i = 0; i < request.by().size(); i++) {
      json.writeStringField(request.by().get(i).name(), row.keys().get(i));
    }
    json.writeEndObject();
  }

  private static void figures(JsonGenerator json, Figures figures) throws IOException {
    json.writeNumberField("calls", figures.calls());
    count(json, "inputTokens", figures.inputTokens());
    count(json, "outputTokens", figures.outputTokens());
    count(json, "cacheReadTokens", figures.cacheReadTokens());
    count(json, "cacheWriteTokens", figures.cacheWriteTokens());
    BigDecimal cost = figures.costUsd();
    json.writeStringField("costUsd", cost == null ? null : Amounts.exact(cost));
    json.writeStringField("atLeastUsd", Amounts.exact(figures.atLeastUsd()));
    json.writeNumberField("unpricedCalls", figures.unpricedCalls());
    Earlier earlier = figures.earlier();
    if (earlier != null) {
      json.writeObjectFieldStart("earlier");
      json.writeNumberField("calls", earlier.calls());
      json.writeStringField("atLeastUsd", Amounts.exact(earlier.atLeastUsd()));
      json.writeNumberField("unpricedCalls", earlier.unpricedCalls());
      json.writeEndObject();
      json.writeStringField("changeUsd", Amounts.exact(earlier.changeUsd()));
    }
  }

  private static void count(JsonGenerator json, String name, @Nullable Long count)
      throws IOException {
    if (count == null) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, count);
    }
  }
}
