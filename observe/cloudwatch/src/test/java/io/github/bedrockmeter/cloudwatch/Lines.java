// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Lines as CloudWatch reads them: each checked against the specification, then added up. */
record Lines(List<JsonNode> all) {

  static Lines of(Path file) throws IOException {
    return of(Files.readString(file));
  }

  static Lines of(String text) {
    return of(text, Instant.now());
  }

  static Lines of(String text, Instant sentAt) {
    List<JsonNode> all = new ArrayList<>();
    text.lines().forEach(line -> all.add(EmfSpecification.check(line, sentAt)));
    return new Lines(all);
  }

  /** Of very many lines, each is parsed, and one in a hundred checked against the specification. */
  static Lines ofMany(Path file) throws IOException {
    List<JsonNode> all = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      all.add(
          number++ % 100 == 0
              ? EmfSpecification.check(line, Instant.now())
              : EmfSpecification.parse(line));
    }
    return new Lines(all);
  }

  Lines where(Predicate<JsonNode> which) {
    return new Lines(all.stream().filter(which).toList());
  }

  Lines where(String member, String value) {
    return where(line -> value.equals(line.path(member).textValue()));
  }

  /** What CloudWatch's statistic Sum is over all combinations of dimensions. */
  BigDecimal sum(String metric) {
    BigDecimal sum = BigDecimal.ZERO;
    for (JsonNode line : all) {
      if (line.has(metric) && metrics(line).contains(metric)) {
        sum = sum.add(line.path(metric).decimalValue());
      }
    }
    return sum;
  }

  private static Set<String> metrics(JsonNode line) {
    Set<String> names = new TreeSet<>();
    directive(line).path("Metrics").forEach(metric -> names.add(metric.path("Name").textValue()));
    return names;
  }

  private static JsonNode directive(JsonNode line) {
    return line.path("_aws").path("CloudWatchMetrics").path(0);
  }

  /** Each metric with its unit. */
  Map<String, String> units() {
    Map<String, String> units = new LinkedHashMap<>();
    for (JsonNode line : all) {
      directive(line)
          .path("Metrics")
          .forEach(m -> units.put(m.path("Name").textValue(), m.path("Unit").textValue()));
    }
    return units;
  }

  /** Each metric with the names of its dimensions. */
  Map<String, Set<String>> dimensions() {
    Map<String, Set<String>> dimensions = new LinkedHashMap<>();
    for (JsonNode line : all) {
      Set<String> names = new TreeSet<>();
      directive(line).path("Dimensions").path(0).forEach(name -> names.add(name.textValue()));
      metrics(line).forEach(metric -> dimensions.put(metric, names));
    }
    return dimensions;
  }

  /** The combinations of dimensions that CloudWatch keeps metrics for. */
  Set<String> combinations() {
    Set<String> combinations = new TreeSet<>();
    for (JsonNode line : all) {
      StringBuilder combination = new StringBuilder();
      directive(line)
          .path("Dimensions")
          .path(0)
          .forEach(name -> combination.append(line.path(name.textValue())).append('|'));
      combinations.add(combination.toString());
    }
    return combinations;
  }

  /** The names of all members, those of the members of objects after a point, as Insights has. */
  Set<String> fields() {
    Set<String> fields = new TreeSet<>();
    for (JsonNode line : all) {
      for (String name : EmfSpecification.names(line)) {
        fields.add(name);
        EmfSpecification.names(line.path(name)).forEach(inner -> fields.add(name + "." + inner));
      }
    }
    return fields;
  }

  JsonNode only() {
    if (all.size() != 1) {
      throw new AssertionError("expected one line, got " + all);
    }
    return all.get(0);
  }
}
