// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.pricing.RateRow.Status;
import io.github.bedrockmeter.pricing.RateRow.Unit;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes the bundled catalogue from a folder of price data and our own curation, so that an update
 * of prices is a diff of one file that a person reviews. The same input gives the same bytes.
 *
 * <p>docs/pricing.md has the command.
 */
final class CatalogueTool {
  /*
   * The data holds what sources say; the curation, catalogue-curation.json beside this class, holds
   * what we make of it, each entry with its reason: which ids are one model, which figures are
   * contradicted by better evidence, which prices ended. The tool only joins the two. Where two
   * figures still differ, the loader refuses the result, and a person decides in the curation.
   */
  private static final List<String> BASELINE = List.of("us-east-1", "us-east-2", "us-west-2");

  private final JsonNode curation;
  private final List<RateRow> rows = new ArrayList<>();
  private final Map<String, Set<String>> idsOf = new TreeMap<>();
  private final Set<JsonNode> usedDisputes = new HashSet<>();

  private CatalogueTool(JsonNode curation) {
    this.curation = curation;
  }

  /** Writes the catalogue: first argument the data folder, second the file to write. */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("usage: CatalogueTool <data folder> <catalogue file>");
    }
    java.nio.file.Files.writeString(Path.of(args[1]), generate(Path.of(args[0])));
  }

  /** The text of the catalogue that a data folder gives. */
  static String generate(Path folder) {
    CatalogueTool tool = new CatalogueTool(curation());
    return tool.generate(
        folder,
        json(folder.resolve("prices-merged.json")),
        json(folder.resolve("seed-prices.json")),
        json(folder.resolve("seed-models.json")));
  }

  /** What a person decided about the data. */
  static JsonNode curation() {
    InputStream in =
        Objects.requireNonNull(
            CatalogueTool.class.getResourceAsStream("catalogue-curation.json"), "curation");
    return CatalogReader.tree("catalogue-curation.json", in);
  }

  static JsonNode json(Path file) {
    return PriceFile.reading(file, in -> CatalogReader.tree(file.getFileName().toString(), in));
  }

  private String generate(Path folder, JsonNode merged, JsonNode seeds, JsonNode seedModels) {
    merged.path("token").forEach(row -> tokenRow(row, null));
    merged.path("nonToken").forEach(this::otherRow);
    for (JsonNode dated : curation.path("dates")) {
      date(dated);
    }
    merged.path("lateFacts").forEach(this::lateRow);
    seeds(seeds);
    List<Later> later = later(folder);
    Map<String, CatalogModel> models =
        models(seedModels, json(folder.resolve("model-limits.json")));
    String text =
        CatalogWriter.write(
            new CatalogData(
                curation.path("version").asText(),
                LocalDate.parse(curation.path("asOf").asText()),
                strings("sources"),
                strings("grades"),
                Map.of(),
                Map.of(),
                Map.of(),
                models,
                rows));
    return withCurated(text, later);
  }

  /** Sections and rows that are ours alone are copied as the curation has them. */
  private String withCurated(String text, List<Later> later) {
    CatalogData own = curated();
    CatalogData data = CatalogReader.read("the joined data", stream(text));
    List<RateRow> all = new ArrayList<>();
    for (RateRow row : data.rows()) {
      all.addAll(carve(row, own.rows(), CatalogueTool::differs, true));
    }
    all.addAll(own.rows());
    for (JsonNode dispute : curation.path("disputed")) {
      if (!usedDisputes.contains(dispute)) {
        throw new IllegalArgumentException("a dispute matches no figure: " + dispute);
      }
    }
    LaterFigures figures = new LaterFigures(List.copyOf(new LinkedHashSet<>(all)));
    later.forEach(part -> figures.lay(part.figures(), part.day()));
    return CatalogWriter.write(
        new CatalogData(
            data.version(),
            data.asOf(),
            data.sources(),
            data.grades(),
            own.geoPrefixes(),
            own.tierRatios(),
            own.families(),
            data.models(),
            figures.rows()));
  }

  /** Figures of AWS that are later than the table, by canonical model, and when they were read. */
  private record Later(List<RateRow> figures, LocalDate day) {}

  private List<Later> later(Path folder) {
    CatalogData overlay =
        PriceFile.reading(
            folder.resolve("offers-overlay.json"),
            in -> CatalogReader.read("offers-overlay.json", in));
    List<RateRow> overlaid = new ArrayList<>();
    for (RateRow row : overlay.rows()) {
      overlaid.add(row.of(row.model(), List.of("aws-offers-2026-10-08")));
    }
    return List.of(
        new Later(
            canonical(DataFigures.priceList(folder, curation)), LocalDate.parse("2026-09-17")),
        new Later(canonical(overlaid), overlay.asOf()),
        new Later(
            LaterFigures.folded(canonical(DataFigures.offers(folder, curation))),
            LocalDate.parse("2026-10-08")));
  }

  /** The figures under the ids of the catalogue: without a context window, and by its aliases. */
  private List<RateRow> canonical(List<RateRow> figures) {
    List<RateRow> all = new ArrayList<>();
    for (RateRow figure : figures) {
      String id = ModelId.of(figure.model()).baseId();
      String same =
          curation.path("sameModel").path(id).asText(curation.path("aliases").path(id).asText(id));
      String model = idsOf.containsKey(same) ? same : aliased(same);
      idsOf.computeIfAbsent(model, m -> new TreeSet<>()).add(model);
      RateRow known = figure.of(model, figure.sources());
      JsonNode days = curation.path("offerDays").path(model);
      all.add(
          days.isMissingNode() || figure.from() != null || figure.to() != null
              ? known
              : known.inForce(
                  LocalDate.parse(days.path("from").asText()),
                  days.has("to") ? LocalDate.parse(days.path("to").asText()) : null));
    }
    return all;
  }

  private String aliased(String id) {
    Map<String, Set<String>> aliases = Aliases.generate(idsOf, curation.path("aliases"));
    return aliases.entrySet().stream()
        .filter(entry -> entry.getValue().contains(id))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(id);
  }

  private CatalogData curated() {
    com.fasterxml.jackson.databind.node.ObjectNode file =
        com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    for (String part :
        List.of("schema", "currency", "version", "asOf", "geoPrefixes", "tierRatios", "families")) {
      file.set(part, curation.path(part));
    }
    file.set("rates", curation.path("rows"));
    return CatalogReader.read("catalogue-curation.json", stream(file.toString()));
  }

  private static InputStream stream(String text) {
    return new java.io.ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private Map<String, String> strings(String section) {
    Map<String, String> map = new LinkedHashMap<>();
    curation.path(section).properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
    return map;
  }

  private String canonical(JsonNode row) {
    String id = row.path("invocableId").asText(row.path("modelId").asText());
    String same = curation.path("sameModel").path(id).asText(id);
    Set<String> names = idsOf.computeIfAbsent(same, m -> new TreeSet<>());
    names.add(id);
    names.add(row.path("modelId").asText(id));
    return same;
  }

  private void tokenRow(JsonNode row, @Nullable LocalDate from) {
    String model = canonical(row);
    String variant = "";
    long above = band(row.path("context").asText());
    LocalDate start = from;
    for (JsonNode rule : curation.path("variants")) {
      if (rule.path("model").asText().equals(model)
          && rule.path("context").asText().equals(row.path("context").asText())) {
        variant = rule.path("variant").asText();
        start = LocalDate.parse(rule.path("from").asText());
        above = 0;
      }
    }
    for (Map.Entry<String, JsonNode> rate : row.path("rates").properties()) {
      JsonNode figure = rate.getValue();
      if (figure.path("value").isNull()) {
        continue;
      }
      Meter meter = DataNames.meter(rate.getKey(), row);
      JsonNode dispute = dispute(row, model, rate.getKey(), figure.path("value").asText());
      rows.add(
          new RateRow(
              model,
              endpoint(row, model, rate.getKey(), figure),
              scopes(row.path("scope").asText()),
              regions(row, model, above),
              row.path("tier").asText(),
              above,
              variant,
              start,
              null,
              dispute == null ? Status.CONFIRMED : Status.DISPUTED,
              Unit.MILLION_TOKENS,
              Map.of(meter, new BigDecimal(figure.path("value").asText())),
              figure.path("trust").asText(row.path("trust").asText(grade(figure))),
              row.path("asOf").asText(),
              CatalogReader.list(figure.path("sources")),
              dispute == null ? null : dispute.path("why").asText()));
    }
    join();
  }

  private static long band(String context) {
    return switch (context) {
      case "base", "<=272K" -> 0;
      case ">200K" -> 200_000;
      case ">272K" -> 272_000;
      default -> throw new IllegalArgumentException("unknown context '" + context + "'");
    };
  }

  private static Set<PriceScope> scopes(String scope) {
    return switch (scope) {
      case "in_region+geo", "regional", "govcloud" ->
          EnumSet.of(PriceScope.IN_REGION, PriceScope.GEO);
      case "in_region" -> EnumSet.of(PriceScope.IN_REGION);
      case "geo_us" -> EnumSet.of(PriceScope.GEO);
      case "global" -> EnumSet.of(PriceScope.GLOBAL);
      case "" -> EnumSet.allOf(PriceScope.class);
      default -> throw new IllegalArgumentException("unknown scope '" + scope + "'");
    };
  }

  /** A row that names no regions is the United States' baseline, or holds everywhere. */
  private List<String> regions(JsonNode row, String model, long above) {
    List<String> named = CatalogReader.list(row.path("regions"));
    if (!named.isEmpty()) {
      return named;
    }
    if (row.path("regionClass").asText().equals("us-baseline")) {
      return BASELINE;
    }
    if (row.path("scope").asText().equals("govcloud")) {
      return List.of("us-gov-west-1");
    }
    if (!row.has("regionClass")) {
      Set<String> alike = new TreeSet<>();
      Set<PriceScope> scopes = scopes(row.path("scope").asText());
      for (RateRow other : rows) {
        if (other.model().equals(model)
            && other.above() == above
            && other.tier().equals(row.path("tier").asText())
            && scopes.containsAll(other.scopes())
            && other.regions().stream().noneMatch(region -> region.startsWith("us-gov"))) {
          alike.addAll(other.regions());
        }
      }
      if (!alike.isEmpty()) {
        return List.copyOf(alike);
      }
    }
    return List.of(RateTable.ANY_REGION);
  }

  private Endpoint endpoint(JsonNode row, String model, String meter, JsonNode figure) {
    for (JsonNode rule : curation.path("mantle")) {
      if (rule.path("model").asText().equals(model)
          && rule.path("meter").asText().equals(meter)
          && rule.path("tier").asText().equals(row.path("tier").asText())
          && rule.path("value").asText().equals(figure.path("value").asText())) {
        return Endpoint.MANTLE;
      }
    }
    return Endpoint.RUNTIME;
  }

  private @Nullable JsonNode dispute(JsonNode row, String model, String meter, String value) {
    for (JsonNode rule : curation.path("disputed")) {
      JsonNode given = row.path("modelId");
      boolean applies =
          (rule.path("model").asText().equals(model) || rule.path("model").equals(given))
              && matches(rule, "scope", row.path("scope").asText())
              && matches(rule, "tier", row.path("tier").asText("standard"))
              && matches(rule, "context", row.path("context").asText())
              && matches(rule, "steps", row.path("steps").asText())
              && matches(rule, "meter", meter)
              && matches(rule, "value", value)
              && (!rule.has("resolution")
                  || matches(rule, "resolution", row.path("resolution").asText()));
      if (applies) {
        usedDisputes.add(rule);
        return rule;
      }
    }
    return null;
  }

  private static boolean matches(JsonNode rule, String field, String value) {
    return !rule.has(field) || rule.path(field).asText().equals(value);
  }

  private static String grade(JsonNode row) {
    List<String> sources = CatalogReader.list(row.path("sources"));
    long aws = sources.stream().filter(source -> source.startsWith("aws-")).count();
    long others = sources.size() - aws;
    if (aws > 0) {
      return others > 0 ? "A" : "AWS-only";
    }
    return others > 1 ? "B" : "single";
  }

  private void otherRow(JsonNode row) {
    String model = canonical(row);
    String tier = row.path("tier").asText("standard");
    Meter meter = DataNames.meter(row.path("meter").asText(), row);
    String value = row.path("value").asText();
    JsonNode dispute = dispute(row, model, row.path("meter").asText(), value);
    List<String> regions = List.of(RateTable.ANY_REGION);
    if (row.path("regions").isTextual()) {
      regions = List.of(row.path("regions").asText().replace(" and others", "").split(", ", -1));
    }
    Map<Meter, BigDecimal> usd = new LinkedHashMap<>();
    usd.put(meter, new BigDecimal(value));
    if (meter.name().equals("guardrailUnits.wordPolicy")) {
      usd.put(new Meter("guardrailUnits.sensitiveInformationPolicyFree"), BigDecimal.ZERO);
    }
    JsonNode own = curation.path("regionsOf").path(row.path("modelId").asText());
    if (!own.isMissingNode()) {
      regions = CatalogReader.list(own.path("regions"));
    }
    if (meter.name().equals("requests.grounding")) {
      usd.put(Meter.WEB_SEARCH, new BigDecimal(value));
    }
    String unit = row.path("unit").asText();
    rows.add(
        new RateRow(
            model,
            Endpoint.RUNTIME,
            model.indexOf('.') < 0
                ? EnumSet.of(PriceScope.IN_REGION)
                : scopes(row.path("scope").asText()),
            regions,
            tier,
            0,
            curation.path("variantOf").path(row.path("modelId").asText()).asText(""),
            null,
            null,
            dispute == null ? Status.CONFIRMED : Status.DISPUTED,
            unit(unit),
            usd,
            grade(row),
            row.path("asOf").asText(),
            CatalogReader.list(row.path("sources")),
            dispute == null ? null : dispute.path("why").asText()));
    join();
  }

  private static Unit unit(String text) {
    if (text.startsWith("USD/query")) {
      return Unit.QUERY;
    }
    if (text.startsWith("USD/1K text units") || text.equals("USD")) {
      return Unit.THOUSAND_TEXT_UNITS;
    }
    if (text.startsWith("USD/CMU minute")) {
      return Unit.CMU_MINUTE;
    }
    return switch (text.replace("USD/", "").replaceAll(" \\(.*", "")) {
      case "second" -> Unit.SECOND;
      case "image", "image seen" -> Unit.IMAGE;
      case "1K images" -> Unit.THOUSAND_IMAGES;
      case "1K tokens" -> Unit.THOUSAND_TOKENS;
      case "1K requests", "1K node transitions" -> Unit.THOUSAND_REQUESTS;
      case "request" -> Unit.REQUEST;
      case "model-unit hour" -> Unit.MODEL_UNIT_HOUR;
      case "1K TPM hour" -> Unit.THOUSAND_TPM_HOUR;
      case "model month", "CMU month", "custom model month" -> Unit.MONTH;
      case "training hour" -> Unit.HOUR;
      default -> throw new IllegalArgumentException("unknown unit '" + text + "'");
    };
  }

  /** Gives the figures of a model a first day, because another price held before. */
  private void date(JsonNode rule) {
    rows.replaceAll(
        row ->
            row.model().equals(rule.path("model").asText()) && row.from() == null
                ? row.inForce(LocalDate.parse(rule.path("from").asText()), row.to())
                : row);
  }

  private void lateRow(JsonNode row) {
    int before = rows.size();
    tokenRow(row, null);
    for (JsonNode rule : curation.path("lateDates")) {
      if (rule.path("model").asText().equals(row.path("modelId").asText())
          && rule.path("context").asText().equals(row.path("context").asText())) {
        List<RateRow> dated = new ArrayList<>();
        for (RateRow late : rows.subList(before, rows.size())) {
          dated.add(
              late.inForce(
                  LocalDate.parse(rule.path("from").asText()),
                  rule.has("to") ? LocalDate.parse(rule.path("to").asText()) : null));
        }
        replaceOlder(before, dated);
        return;
      }
    }
  }

  private void replaceOlder(int before, List<RateRow> dated) {
    List<RateRow> all = new ArrayList<>();
    for (RateRow row : rows.subList(0, before)) {
      all.addAll(carve(row, dated, CatalogueTool::sameSlot, true));
    }
    all.addAll(dated);
    rows.clear();
    rows.addAll(all);
  }

  private void seeds(JsonNode seeds) {
    List<RateRow> old = new ArrayList<>();
    LocalDate from = LocalDate.parse(curation.path("article").path("from").asText());
    LocalDate to = LocalDate.parse(curation.path("article").path("to").asText());
    for (JsonNode row : seeds.path("prices")) {
      if (row.path("value").isNull()) {
        continue;
      }
      boolean custom = row.path("model").asText().contains("custom models");
      for (String id : CatalogReader.list(row.path("modelIds"))) {
        idsOf.computeIfAbsent(id, m -> new TreeSet<>()).add(id);
        String unit = row.path("unit").asText();
        Meter meter =
            row.path("meter").asText().equals("fine_tune_training")
                ? new Meter(unit.contains("image") ? "trainingImages" : "trainingTokens")
                : DataNames.meter(row.path("meter").asText(), row);
        old.add(
            new RateRow(
                id,
                Endpoint.RUNTIME,
                EnumSet.of(PriceScope.IN_REGION),
                List.of("us-east-1"),
                seedTier(meter),
                0,
                custom ? "custom-model" : "",
                from,
                null,
                Status.CONFIRMED,
                unit(unit),
                Map.of(meter, new BigDecimal(row.path("value").asText())),
                "single",
                "2024-07",
                List.of("article-2024"),
                null));
      }
    }
    List<RateRow> all = new ArrayList<>();
    List<RateRow> ended = new ArrayList<>();
    for (RateRow seed : old) {
      boolean replaced = rows.stream().anyMatch(row -> differs(row, seed));
      ended.add(replaced ? seed.inForce(from, to) : seed);
    }
    for (RateRow row : rows) {
      all.addAll(carve(row, ended, CatalogueTool::differs, false));
    }
    all.addAll(ended);
    rows.clear();
    rows.addAll(all);
    join();
  }

  private static String seedTier(Meter meter) {
    return switch (meter.kind()) {
      case "modelUnitHours" -> "provisioned";
      case "trainingTokens", "trainingImages", "storageMonths" -> "customization";
      default -> "standard";
    };
  }

  private static boolean sameSlot(RateRow row, RateRow dated) {
    return row.status() == Status.CONFIRMED
        && dated.status() == Status.CONFIRMED
        && row.model().equals(dated.model())
        && row.endpoint() == dated.endpoint()
        && row.tier().equals(dated.tier())
        && row.above() == dated.above()
        && row.variant().equals(dated.variant())
        && row.scopes().stream().anyMatch(dated.scopes()::contains)
        && row.regions().stream()
            .anyMatch(r -> dated.regions().contains(r) || r.equals(RateTable.ANY_REGION));
  }

  private static boolean differs(RateRow row, RateRow dated) {
    return sameSlot(row, dated)
        && dated.usd().entrySet().stream()
            .anyMatch(
                e -> {
                  BigDecimal mine = row.usd().get(e.getKey());
                  return mine != null
                      && perUnit(mine, row.unit()).compareTo(perUnit(e.getValue(), dated.unit()))
                          != 0;
                });
  }

  private static BigDecimal perUnit(BigDecimal usd, Unit unit) {
    return usd.movePointLeft(Long.toString(unit.per).length() - 1);
  }

  /** What is left of a row in time once dated rows with another price have their days. */
  private static List<RateRow> carve(
      RateRow row,
      List<RateRow> dated,
      BiPredicate<RateRow, RateRow> replaces,
      boolean keepBefore) {
    List<RateRow> left = new ArrayList<>(List.of(row));
    for (RateRow other : dated) {
      List<RateRow> next = new ArrayList<>();
      for (RateRow part : left) {
        if (!replaces.test(part, other) || !overlap(part, other)) {
          next.add(part);
          continue;
        }
        if (keepBefore
            && other.from() != null
            && (part.from() == null || part.from().isBefore(other.from()))) {
          next.add(part.inForce(part.from(), other.from()));
        }
        if (other.to() != null && (part.to() == null || other.to().isBefore(part.to()))) {
          next.add(part.inForce(other.to(), part.to()));
        }
      }
      left = next;
    }
    return left;
  }

  /** What is left of a row in time beside another of the same key. */
  static List<RateRow> without(RateRow row, RateRow other) {
    List<RateRow> left = new ArrayList<>();
    if (other.from() != null && (row.from() == null || row.from().isBefore(other.from()))) {
      left.add(
          row.inForce(
              row.from(),
              row.to() != null && row.to().isBefore(other.from()) ? row.to() : other.from()));
    }
    if (other.to() != null && (row.to() == null || other.to().isBefore(row.to()))) {
      left.add(
          row.inForce(
              row.from() != null && row.from().isAfter(other.to()) ? row.from() : other.to(),
              row.to()));
    }
    return left;
  }

  private static boolean overlap(RateRow a, RateRow b) {
    return new Days(a.from(), a.to()).overlap(new Days(b.from(), b.to()));
  }

  /** Puts figures that share everything but the meter on one line. */
  private void join() {
    Map<RateRow, Map<Meter, BigDecimal>> joined = new LinkedHashMap<>();
    for (RateRow row : rows) {
      joined.computeIfAbsent(row.with(Map.of()), r -> new TreeMap<>(BY_ORDER)).putAll(row.usd());
    }
    rows.clear();
    joined.forEach((row, usd) -> rows.add(row.with(new LinkedHashMap<>(usd))));
  }

  private static final java.util.Comparator<Meter> BY_ORDER =
      java.util.Comparator.<Meter>comparingInt(
              meter ->
                  Meter.TOKENS.contains(meter) ? Meter.TOKENS.indexOf(meter) : Meter.TOKENS.size())
          .thenComparing(Meter::name);

  private Map<String, CatalogModel> models(JsonNode seedModels, JsonNode limitsFile) {
    Map<String, JsonNode> article = new TreeMap<>();
    seedModels.path("models").forEach(model -> article.put(model.path("modelId").asText(), model));
    for (RateRow row : curated().rows()) {
      idsOf.computeIfAbsent(row.model(), m -> new TreeSet<>()).add(row.model());
    }
    curation
        .path("unpriced")
        .properties()
        .forEach(e -> idsOf.computeIfAbsent(e.getKey(), m -> new TreeSet<>()).add(e.getKey()));
    Map<String, Set<String>> aliases = Aliases.generate(idsOf, curation.path("aliases"));
    Map<String, JsonNode> published = new TreeMap<>();
    limitsFile
        .path("models")
        .properties()
        .forEach(e -> published.put(canonicalLimit(e.getKey(), aliases), e.getValue()));
    Map<String, CatalogModel> models = new TreeMap<>();
    for (String id : idsOf.keySet()) {
      JsonNode own = curation.path("limits").path(id);
      JsonNode of = published.getOrDefault(id, curation.path("limits").path("none"));
      String modality = article.getOrDefault(id, own).path("modality").asText();
      models.put(
          id,
          new CatalogModel(
              family(id),
              List.copyOf(Objects.requireNonNull(aliases.get(id))),
              limit("contextTokens", own, of, article.get(id)),
              limit("maxOutputTokens", own, of, null),
              modality.isEmpty() ? Set.of() : Set.of(modality.toLowerCase(java.util.Locale.ROOT)),
              curation.path("longContext").has(id)
                  ? curation.path("longContext").path(id).asLong()
                  : null,
              curation.path("unpriced").has(id)
                  ? curation.path("unpriced").path(id).asText()
                  : null));
    }
    return models;
  }

  private String canonicalLimit(String id, Map<String, Set<String>> aliases) {
    String same = curation.path("sameModel").path(id).asText(id);
    return idsOf.containsKey(same)
        ? same
        : aliases.entrySet().stream()
            .filter(entry -> entry.getValue().contains(same))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(same);
  }

  /** Our own figure, else the largest that sources give: a bound takes the larger. */
  private static @Nullable Long limit(
      String name, JsonNode own, JsonNode published, @Nullable JsonNode article) {
    if (own.has(name)) {
      return own.path(name).asLong();
    }
    Long largest = null;
    for (JsonNode value : published.path(name)) {
      largest =
          largest == null || value.asLong() > largest ? Long.valueOf(value.asLong()) : largest;
    }
    return largest != null || article == null || !article.has("maxTokens")
        ? largest
        : Long.valueOf(article.path("maxTokens").asLong());
  }

  private @Nullable String family(String id) {
    for (JsonNode rule : curation.path("familyOf")) {
      if (id.matches(rule.path("id").asText())) {
        return rule.path("family").asText();
      }
    }
    return null;
  }
}
