// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a price map in LiteLLM's format: an object of entries by model id, with {@code
 * bedrock/<region>/<id>} for a price of one region. Figures there are JSON numbers per token; they
 * are read as decimals and never become doubles.
 *
 * <p>Entries that are not Bedrock's, and those priced by the second of provisioned throughput, are
 * left out.
 */
final class LiteLlmReader {
  private static final Pattern REGIONAL =
      Pattern.compile("bedrock/(?:[a-z]+(?:-[a-z]+)+-[0-9]+/)?(?:invoke/|converse/)?(.+)");
  private static final Pattern REGION = Pattern.compile("bedrock/([a-z]+(?:-[a-z]+)+-[0-9]+)/.+");
  private static final Pattern BAND =
      Pattern.compile("(.+)_above_([0-9]+)k_tokens(_above_(?:1hr|30m|30min|5min))?");

  private static final Map<String, Meter> TOKEN_FIELDS =
      Map.ofEntries(
          Map.entry("input_cost_per_token", Meter.INPUT),
          Map.entry("output_cost_per_token", Meter.OUTPUT),
          Map.entry("cache_read_input_token_cost", Meter.CACHE_READ),
          Map.entry("cache_creation_input_token_cost", Meter.CACHE_WRITE_5M),
          Map.entry("cache_creation_input_token_cost_above_5min", Meter.CACHE_WRITE_5M),
          Map.entry("cache_creation_input_token_cost_above_30min", Meter.CACHE_WRITE_30M),
          Map.entry("cache_creation_input_token_cost_above_30m", Meter.CACHE_WRITE_30M),
          Map.entry("cache_creation_input_token_cost_30m", Meter.CACHE_WRITE_30M),
          Map.entry("cache_creation_input_token_cost_above_1hr", Meter.CACHE_WRITE_1H),
          Map.entry("input_cost_per_audio_token", new Meter("inputAudioTokens")),
          Map.entry("output_cost_per_audio_token", new Meter("outputAudioTokens")),
          Map.entry("input_cost_per_image_token", new Meter("inputImageTokens")),
          Map.entry("output_cost_per_image_token", new Meter("outputImageTokens")));
  private static final Map<String, Meter> UNIT_FIELDS =
      Map.of(
          "output_cost_per_image", new Meter("outputImages"),
          "input_cost_per_image", new Meter("inputImages"),
          "input_cost_per_query", Meter.SEARCH_UNITS,
          "input_cost_per_video_per_second", new Meter("inputVideoSeconds"),
          "input_cost_per_audio_per_second", new Meter("inputAudioSeconds"));

  /** Tier and band of a group of figures that make one row. */
  private record Group(String tier, long above) {}

  private LiteLlmReader() {}

  static CatalogData read(String origin, InputStream in, Map<String, PriceScope> prefixes) {
    JsonNode file = CatalogReader.tree(origin, in);
    List<RateRow> rows = new ArrayList<>();
    Map<String, CatalogModel> models = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : file.properties()) {
      if (entry.getValue().path("litellm_provider").asText().startsWith("bedrock")) {
        entry(origin, entry.getKey(), entry.getValue(), prefixes, rows, models);
      }
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          origin + " holds no entry with a \"litellm_provider\" of bedrock");
    }
    return CatalogData.overlay(origin, LocalDate.EPOCH, models, rows);
  }

  private static void entry(
      String origin,
      String name,
      JsonNode entry,
      Map<String, PriceScope> prefixes,
      List<RateRow> rows,
      Map<String, CatalogModel> models) {
    Matcher regional = REGIONAL.matcher(name);
    String id = regional.matches() ? regional.group(1) : name;
    Matcher inRegion = REGION.matcher(name);
    String region = inRegion.matches() ? inRegion.group(1) : RateTable.ANY_REGION;
    if (id.indexOf('/') >= 0) {
      return;
    }
    PriceScope scope = PriceScope.IN_REGION;
    ModelId read = ModelId.of(id);
    PriceScope profile = read.geography() == null ? null : prefixes.get(read.geography());
    if (profile != null) {
      scope = profile;
      id = read.baseId();
    }
    for (Map.Entry<Group, Map<Meter, BigDecimal>> group : figures(origin + ": " + name, entry)) {
      addRows(origin, id, scope, region, group, rows);
    }
    if (entry.hasNonNull("max_input_tokens") || entry.hasNonNull("max_output_tokens")) {
      models.put(
          id,
          new CatalogModel(
              null,
              List.of(),
              entry.hasNonNull("max_input_tokens") ? entry.path("max_input_tokens").asLong() : null,
              entry.hasNonNull("max_output_tokens")
                  ? entry.path("max_output_tokens").asLong()
                  : null,
              Set.of(),
              null,
              null));
    }
  }

  private static void addRows(
      String origin,
      String id,
      PriceScope scope,
      String region,
      Map.Entry<Group, Map<Meter, BigDecimal>> group,
      List<RateRow> rows) {
    for (RateRow.Unit unit : List.of(RateRow.Unit.MILLION_TOKENS, RateRow.Unit.REQUEST)) {
      Map<Meter, BigDecimal> some = new LinkedHashMap<>();
      group
          .getValue()
          .forEach(
              (meter, usd) -> {
                if (meter.countsTokens() == (unit == RateRow.Unit.MILLION_TOKENS)) {
                  some.put(meter, usd.multiply(BigDecimal.valueOf(unit.per)));
                }
              });
      if (!some.isEmpty()) {
        rows.add(
            new RateRow(
                id,
                Endpoint.RUNTIME,
                Set.of(scope),
                List.of(region),
                group.getKey().tier(),
                group.getKey().above(),
                "",
                null,
                null,
                RateRow.Status.CONFIRMED,
                unit,
                some,
                "operator",
                "overlay",
                List.of(origin),
                null));
      }
    }
  }

  private static Set<Map.Entry<Group, Map<Meter, BigDecimal>>> figures(
      String where, JsonNode entry) {
    Map<Group, Map<Meter, BigDecimal>> groups = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : entry.properties()) {
      String name = field.getKey();
      String tier = "standard";
      for (String other : List.of("batches", "flex", "priority")) {
        if (name.endsWith("_" + other)) {
          tier = other.equals("batches") ? "batch" : other;
          name = name.substring(0, name.length() - other.length() - 1);
        }
      }
      long above = 0;
      Matcher band = BAND.matcher(name);
      if (band.matches()) {
        above = Long.parseLong(band.group(2)) * 1_000;
        name = band.group(1) + (band.group(3) == null ? "" : band.group(3));
      }
      Meter meter = TOKEN_FIELDS.getOrDefault(name, UNIT_FIELDS.get(name));
      if (meter != null && !field.getValue().isNull()) {
        if (!field.getValue().isNumber()) {
          throw CatalogReader.refuse(where, "\"" + field.getKey() + "\" is not a number");
        }
        groups
            .computeIfAbsent(new Group(tier, above), g -> new LinkedHashMap<>())
            .put(meter, field.getValue().decimalValue());
      }
    }
    return groups.entrySet();
  }
}
