// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.sheet;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes sheets as CSV and as JSON. Stateless. */
public final class SheetWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private SheetWriter() {}

  /**
   * One sheet as CSV (RFC 4180, lines end with CR LF). A text that a spreadsheet would take for a
   * formula gets an apostrophe before it.
   */
  public static void csv(Sheet sheet, Writer out) throws IOException {
    line(sheet.columns(), out);
    for (List<@Nullable Object> row : sheet.rows()) {
      line(row, out);
    }
  }

  private static void line(List<? extends @Nullable Object> cells, Writer out) throws IOException {
    String comma = "";
    for (Object cell : cells) {
      out.write(comma);
      out.write(cell(cell));
      comma = ",";
    }
    out.write("\r\n");
  }

  private static String cell(@Nullable Object value) {
    String text = Sheet.text(value);
    if (value instanceof String && !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0) {
      text = "'" + text;
    }
    boolean plain = text.indexOf(',') < 0 && text.indexOf('"') < 0;
    return plain && text.indexOf('\n') < 0 && text.indexOf('\r') < 0
        ? text
        : '"' + text.replace("\"", "\"\"") + '"';
  }

  /**
   * Sheets as one JSON object: an array of objects for each. Dollars and other decimals are texts,
   * so that no reader makes doubles of them; whole numbers are numbers; unknown is null.
   */
  public static void json(List<Sheet> sheets, Writer out) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      for (Sheet sheet : sheets) {
        json.writeArrayFieldStart(sheet.name());
        for (List<@Nullable Object> row : sheet.rows()) {
          json.writeStartObject();
          for (int i = 0; i < row.size(); i++) {
            json.writeFieldName(sheet.columns().get(i));
            value(row.get(i), json);
          }
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    }
    out.write(System.lineSeparator());
  }

  private static void value(@Nullable Object value, JsonGenerator json) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Long whole) {
      json.writeNumber(whole);
    } else if (value instanceof BigInteger whole) {
      json.writeNumber(whole);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof BigDecimal decimal) {
      json.writeString(decimal.toPlainString());
    } else {
      json.writeString(value.toString());
    }
  }
}
