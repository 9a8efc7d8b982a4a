// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.usage.Meter;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a catalogue file and refuses what could be wrong, naming the row: an unknown field or
 * meter, a number in place of a decimal string, an invalid date.
 */
final class CatalogReader {
  private static final Set<String> FILE_FIELDS =
      Set.of(
          "schema",
          "currency",
          "version",
          "asOf",
          "about",
          "sources",
          "grades",
          "geoPrefixes",
          "tierRatios",
          "families",
          "models",
          "rates");
  private static final Set<String> MODEL_FIELDS =
      Set.of(
          "family",
          "aliases",
          "contextTokens",
          "maxOutputTokens",
          "modalities",
          "longContextAbove",
          "unpriced");
  private static final Set<String> ROW_FIELDS =
      Set.of(
          "model",
          "endpoint",
          "scopes",
          "regions",
          "tier",
          "above",
          "variant",
          "from",
          "to",
          "status",
          "unit",
          "usd",
          "grade",
          "asOf",
          "sources",
          "note");
  private static final Set<String> TIERS =
      Set.of(
          "standard",
          "flex",
          "priority",
          "batch",
          "latency",
          "reserved",
          "provisioned",
          "customization");
  private static final Pattern DECIMAL = Pattern.compile("[0-9]+(\\.[0-9]+)?");
  private static final Pattern DAY = Pattern.compile("[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?");

  private final String origin;

  private CatalogReader(String origin) {
    this.origin = origin;
  }

  /**
   * Reads one file.
   *
   * @param origin what to call the file in messages, and as the source of rows that name none
   */
  static CatalogData read(String origin, InputStream in) {
    return new CatalogReader(origin).data(tree(origin, in));
  }

  /** Parses JSON without letting a figure become a double or a key occur twice. */
  static JsonNode tree(String origin, InputStream in) {
    JsonMapper mapper =
        JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    try {
      JsonNode node = mapper.readTree(in);
      if (node == null || !node.isObject()) {
        throw new IllegalArgumentException(origin + " does not hold a JSON object");
      }
      return node;
    } catch (JsonProcessingException broken) {
      throw new IllegalArgumentException(
          origin
              + " is not valid JSON"
              + (broken.getLocation() == null ? "" : ", line " + broken.getLocation().getLineNr())
              + ": "
              + broken.getOriginalMessage(),
          broken);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(origin + " cannot be read", unreadable);
    }
  }

  private CatalogData data(JsonNode file) {
    checkFields(origin, file, FILE_FIELDS);
    if (file.path("schema").asInt() != 1) {
      throw refuse(origin, "\"schema\" must be 1, not " + file.path("schema"));
    }
    if (!file.path("currency").asText().equals("USD")) {
      throw refuse(origin, "\"currency\" must be \"USD\", not " + file.path("currency"));
    }
    String version = text(origin, file, "version");
    LocalDate asOf = date(origin, text(origin, file, "asOf"));
    List<RateRow> rows = new ArrayList<>();
    int number = 0;
    for (JsonNode row : file.path("rates")) {
      number++;
      rows.add(row("row " + number + " of " + origin, row, asOf));
    }
    return new CatalogData(
        version,
        asOf,
        strings(file.path("sources"), origin + " sources"),
        strings(file.path("grades"), origin + " grades"),
        entries(
            file.path("geoPrefixes"), origin + " geoPrefixes", v -> PriceScope.named(v.asText())),
        entries(file.path("tierRatios"), origin + " tierRatios", this::ratio),
        entries(file.path("families"), origin + " families", this::ratios),
        models(file.path("models")),
        List.copyOf(rows));
  }

  private Map<String, CatalogModel> models(JsonNode node) {
    return entries(
        node,
        origin + " models",
        model -> {
          checkFields("a model", model, MODEL_FIELDS);
          return new CatalogModel(
              model.hasNonNull("family") ? model.path("family").asText() : null,
              list(model.path("aliases")),
              count(model, "contextTokens"),
              count(model, "maxOutputTokens"),
              Set.copyOf(list(model.path("modalities"))),
              count(model, "longContextAbove"),
              model.hasNonNull("unpriced") ? model.path("unpriced").asText() : null);
        });
  }

  private static @Nullable Long count(JsonNode model, String field) {
    JsonNode value = model.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isIntegralNumber() || value.asLong() <= 0) {
      throw refuse("a model", "\"" + field + "\" is a count of tokens, as 200000, not " + value);
    }
    return value.asLong();
  }

  private RateRow row(String at, JsonNode row, LocalDate fileDate) {
    String model = row.path("model").asText();
    String where = model.isEmpty() ? at : at + " (" + model + ")";
    checkFields(where, row, ROW_FIELDS);
    text(where, row, "model");
    String tier = optional(row, "tier", "standard");
    if (!TIERS.contains(tier)) {
      throw refuse(
          where, "unknown tier '" + tier + "'" + NearestName.hint(tier, new TreeSet<>(TIERS)));
    }
    JsonNode above = row.path("above");
    if (!above.isMissingNode() && (!above.isIntegralNumber() || above.asLong() <= 0)) {
      throw refuse(where, "\"above\" is a count of input tokens, not " + above);
    }
    Days days = days(where, row);
    if (days.fromMillis() >= days.toMillis()) {
      throw refuse(where, "\"from\" " + days.from() + " is not before \"to\" " + days.to());
    }
    Set<PriceScope> scopes = EnumSet.noneOf(PriceScope.class);
    for (String label : required(where, row, "scopes")) {
      scopes.add(named(where, () -> PriceScope.named(label)));
    }
    String asOf = optional(row, "asOf", fileDate.toString());
    if (!DAY.matcher(asOf).matches()) {
      throw refuse(where, "\"asOf\" is a year, month or day, not '" + asOf + "'");
    }
    List<String> sources = list(row.path("sources"));
    String endpoint = optional(row, "endpoint", "runtime");
    return new RateRow(
        model,
        named(where, () -> Endpoint.named(endpoint)),
        scopes,
        List.copyOf(required(where, row, "regions")),
        tier,
        above.asLong(0),
        optional(row, "variant", ""),
        days.from(),
        days.to(),
        named(where, () -> RateRow.Status.named(optional(row, "status", "confirmed"))),
        named(where, () -> RateRow.Unit.named(text(where, row, "unit"))),
        figures(where, row.path("usd")),
        optional(row, "grade", "operator"),
        asOf,
        sources.isEmpty() ? List.of(origin) : sources,
        row.hasNonNull("note") ? row.path("note").asText() : null);
  }

  private static Map<Meter, BigDecimal> figures(String where, JsonNode node) {
    Map<Meter, BigDecimal> figures =
        entries(node, where + " usd", value -> value).entrySet().stream()
            .collect(
                LinkedHashMap::new,
                (map, e) -> map.put(meter(where, e.getKey()), decimal(where, e.getValue())),
                Map::putAll);
    if (figures.isEmpty()) {
      throw refuse(where, "no figure in \"usd\"");
    }
    return figures;
  }

  static Meter meter(String where, String name) {
    return named(where, () -> new Meter(name));
  }

  static BigDecimal decimal(String where, JsonNode value) {
    if (!value.isTextual()) {
      throw refuse(
          where,
          "a price is a decimal string, so that it never becomes a double: write \""
              + value
              + "\", not "
              + value);
    }
    if (!DECIMAL.matcher(value.asText()).matches()) {
      throw refuse(where, "'" + value.asText() + "' is not a decimal such as 3.30");
    }
    return new BigDecimal(value.asText());
  }

  private BigDecimal ratio(JsonNode value) {
    return decimal(origin, value);
  }

  private Map<Meter, BigDecimal> ratios(JsonNode node) {
    Map<Meter, BigDecimal> ratios = new LinkedHashMap<>();
    entries(node, origin + " families", this::ratio)
        .forEach((name, ratio) -> ratios.put(meter(origin, name), ratio));
    return Collections.unmodifiableMap(ratios);
  }

  private static Map<String, String> strings(JsonNode node, String where) {
    return entries(node, where, JsonNode::asText);
  }

  private static <T> Map<String, T> entries(
      JsonNode node, String where, Function<JsonNode, T> read) {
    if (!node.isObject() && !(node instanceof MissingNode)) {
      throw refuse(where, "must be a JSON object, not " + node);
    }
    Map<String, T> map = new LinkedHashMap<>();
    node.properties().forEach(entry -> map.put(entry.getKey(), read.apply(entry.getValue())));
    return map;
  }

  private static Set<String> required(String where, JsonNode row, String field) {
    Set<String> values = new LinkedHashSet<>(list(row.path(field)));
    if (values.isEmpty()) {
      throw refuse(where, "\"" + field + "\" is missing or empty");
    }
    return values;
  }

  static List<String> list(JsonNode node) {
    List<String> values = new ArrayList<>();
    node.forEach(value -> values.add(value.asText()));
    return List.copyOf(values);
  }

  static String text(String where, JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (!value.isTextual() || value.asText().isBlank()) {
      throw refuse(where, "\"" + field + "\" is missing or not a string");
    }
    return value.asText();
  }

  static String optional(JsonNode node, String field, String otherwise) {
    return node.hasNonNull(field) ? node.path(field).asText() : otherwise;
  }

  /** The days between the fields {@code from} and {@code to}, each of which may be absent. */
  static Days days(String where, JsonNode row) {
    return new Days(optionalDate(where, row, "from"), optionalDate(where, row, "to"));
  }

  private static @Nullable LocalDate optionalDate(String where, JsonNode row, String field) {
    return row.hasNonNull(field) ? date(where, row.path(field).asText()) : null;
  }

  static LocalDate date(String where, String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException none) {
      throw refuse(where, "'" + text + "' is not a date such as 2026-08-31");
    }
  }

  static void checkFields(String where, JsonNode node, Set<String> known) {
    if (!node.isObject()) {
      throw refuse(where, "must be a JSON object, not " + node);
    }
    node.fieldNames()
        .forEachRemaining(
            field -> {
              if (!known.contains(field)) {
                throw refuse(
                    where,
                    "unknown field \""
                        + field
                        + "\""
                        + NearestName.hint(field, new TreeSet<>(known)));
              }
            });
  }

  static IllegalArgumentException refuse(String where, String why) {
    return new IllegalArgumentException(where + ": " + why);
  }

  /** Runs a check, and adds to its exception where the value is. */
  static void at(String where, Runnable check) {
    named(
        where,
        () -> {
          check.run();
          return where;
        });
  }

  /** A value; an exception of its own gets the place where the value is. */
  static <T> T named(String where, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException unknown) {
      String message = unknown.getMessage();
      throw message != null && message.startsWith(where)
          ? unknown
          : refuse(where, String.valueOf((@Nullable Object) message));
    }
  }
}
