// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Writes lines in CloudWatch's embedded metric format: one JSON object each, in ASCII. Immutable
 * and thread-safe.
 */
final class EmfLines {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /** Of digits before and behind the point; any sum of money is far below. */
  private static final int MOST_PLAIN_DIGITS = 100;

  private final String namespace;

  EmfLines(String namespace) {
    this.namespace = namespace;
  }

  /** The values of a line's metrics. Mutable, confined to one thread. */
  static final class Values {
    private final Map<Metric, BigDecimal> values = new EnumMap<>(Metric.class);

    Values one(Metric metric) {
      return count(metric, 1);
    }

    Values count(Metric metric, long count) {
      return amount(metric, BigDecimal.valueOf(count));
    }

    /** As {@link #count}, where a zero would only make a metric that is never anything else. */
    Values countIfAny(Metric metric, long count) {
      return count == 0 ? this : count(metric, count);
    }

    Values amount(Metric metric, BigDecimal amount) {
      values.put(metric, amount);
      return this;
    }
  }

  /** Writes a line's other members. */
  interface Properties {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** A line whose metrics have all dimensions. */
  byte[] line(long atMillis, Combination combination, Values values, Properties properties) {
    return line(atMillis, Combination.NAMES, combination.values(), values, properties);
  }

  /** A line whose metrics have no dimensions. */
  byte[] line(long atMillis, Values values) {
    return line(atMillis, List.of(), List.of(), values, json -> {});
  }

  private byte[] line(
      long atMillis,
      List<String> dimensions,
      List<String> dimensionValues,
      Values values,
      Properties properties) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(2_048);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      writeMetadata(json, atMillis, dimensions, values);
      for (int i = 0; i < dimensions.size(); i++) {
        json.writeStringField(dimensions.get(i), dimensionValues.get(i));
      }
      for (Map.Entry<Metric, BigDecimal> value : values.values.entrySet()) {
        json.writeFieldName(value.getKey().key());
        json.writeNumber(digits(value.getValue()));
      }
      properties.writeTo(json);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // memory has no errors
    }
    return line.toByteArray();
  }

  private void writeMetadata(
      JsonGenerator json, long atMillis, List<String> dimensions, Values values)
      throws IOException {
    json.writeObjectFieldStart("_aws");
    json.writeNumberField("Timestamp", atMillis);
    json.writeArrayFieldStart("CloudWatchMetrics");
    json.writeStartObject();
    json.writeStringField("Namespace", namespace);
    json.writeArrayFieldStart("Dimensions");
    json.writeStartArray();
    for (String dimension : dimensions) {
      json.writeString(dimension);
    }
    json.writeEndArray();
    json.writeEndArray();
    json.writeArrayFieldStart("Metrics");
    for (Metric metric : values.values.keySet()) {
      json.writeStartObject();
      json.writeStringField("Name", metric.key());
      json.writeStringField("Unit", metric.unit());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  /** All digits of a number, without an exponent; one that an application made up may have one. */
  private static String digits(BigDecimal number) {
    boolean isSmall =
        Math.abs((long) number.scale()) <= MOST_PLAIN_DIGITS
            && number.precision() <= MOST_PLAIN_DIGITS;
    return isSmall ? number.toPlainString() : number.toString();
  }
}
