// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceBook.ModelLimits;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.pricing.ModelId.Kind;
import io.github.bedrockmeter.pricing.ProfileResolver.Answer;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The prices of Amazon Bedrock: a dated, sourced catalogue, with what you pay instead where that
 * differs.
 *
 * <pre>{@code
 * PriceCatalog prices = PriceCatalog.builder()
 *     .discount("anthropic", "12%")
 *     .override("amazon.nova-pro-v1:0", Meter.INPUT, "0.70")
 *     .alias("support", "eu.anthropic.claude-sonnet-4-6")
 *     .build();
 * }</pre>
 *
 * <p>A price is looked up by model, scope, source region, tier, context band and the time the call
 * started. Where the catalogue has no row for that exactly, the nearest safe one is used and the
 * {@linkplain Rate#basis() basis} of the rate says so; where there is none, the cost is {@link
 * Cost.Unknown}. Immutable and thread-safe; starts no thread.
 */
public final class PriceCatalog implements PriceBook {
  private static final Logger LOG = LoggerFactory.getLogger(PriceCatalog.class);
  private static final int REMEMBERED_IDS = 10_000;
  private static final int REMEMBERED_RATES = 20_000;
  private static final int MOST_ALIAS_STEPS = 8;
  private static final Set<String> CAPACITY_TIERS = Set.of("reserved", "provisioned");

  /** Prices that any model's call may incur: the text units of a guardrail. */
  private static final String GUARDRAILS = "guardrails";

  private final String version;
  private final LocalDate asOf;
  private final Map<String, BigDecimal> tierRatios;
  private final Map<String, Map<Meter, BigDecimal>> families;
  private final Map<String, RateTable> tables;
  private final Map<String, String> aliases;
  private final Map<String, String> ownAliases;
  private final Map<String, String> variants;
  private final Set<String> tiers;
  private final Terms terms;
  private final IdGrammar grammar;
  private final Profiles profiles;
  private final InstantSource clock;
  private final Duration warnAfter;
  private final AtomicBoolean warned = new AtomicBoolean();
  private final long[] turningPoints;

  private final Map<String, Rates> conservative = new ConcurrentHashMap<>();
  private final Cache<String, Target> targets = remembering(REMEMBERED_IDS);
  private final Cache<RatesKey, RateAnswer> answers = remembering(REMEMBERED_RATES);

  /** What an id stands for, worked out once. A reason means that it stands for nothing priced. */
  private record Target(
      String model,
      @Nullable RateTable table,
      Scope scope,
      @Nullable String region,
      @Nullable String tier,
      String variant,
      @Nullable String missing) {

    static Target missing(String id, String reason) {
      return new Target(id, null, Scope.IN_REGION, null, null, "", reason);
    }

    Target as(@Nullable Scope otherScope, @Nullable String otherTier, String otherVariant) {
      return new Target(
          model,
          table,
          otherScope == null ? scope : otherScope,
          region,
          otherTier,
          otherVariant,
          missing);
    }
  }

  private record RatesKey(
      String model,
      Scope scope,
      @Nullable String region,
      String tier,
      long above,
      String variant,
      Endpoint endpoint,
      int period) {}

  private PriceCatalog(Builder builder) {
    CatalogData base = builder.layers.get(0);
    this.version = builder.versionWithLayers();
    this.asOf = base.asOf();
    this.tierRatios = base.tierRatios();
    this.families = merged(builder.layers, CatalogData::families);
    this.tables = tables(builder.layers);
    this.aliases = aliases(builder.layers, tables.keySet());
    this.ownAliases = Map.copyOf(builder.aliases);
    this.variants = Map.copyOf(builder.variants);
    this.tiers = tiers(builder.layers);
    this.terms = builder.terms();
    this.grammar =
        new IdGrammar(merged(builder.layers, CatalogData::geoPrefixes), providers(tables.keySet()));
    this.clock = builder.clock;
    this.warnAfter = builder.warnAfter;
    this.profiles =
        new Profiles(builder.resolver, clock, builder.forgetMissingAfter, REMEMBERED_IDS);
    Set<Long> points = new TreeSet<>(terms.turningPoints());
    tables.values().forEach(table -> points.addAll(table.turningPoints()));
    this.turningPoints = points.stream().mapToLong(Long::longValue).toArray();
    warnIfOld();
  }

  /** The catalogue as it ships, with list prices. */
  public static PriceCatalog bundled() {
    return Bundled.CATALOG;
  }

  /** A builder that starts from the catalogue as it ships. */
  public static Builder builder() {
    return new Builder(Bundled.DATA);
  }

  private static final class Bundled {
    static final CatalogData DATA =
        CatalogReader.read(
            "the bundled catalogue",
            Objects.requireNonNull(
                PriceCatalog.class.getResourceAsStream("catalogue.json"),
                "catalogue.json is missing from the jar"));
    static final PriceCatalog CATALOG = builder().build();
  }

  @Override
  public Cost costOf(PriceKey key, Usage usage) {
    RateAnswer answer =
        answer(
            key.modelId(),
            key.region(),
            key.tier(),
            key.at(),
            Endpoint.RUNTIME,
            "",
            usage.totalInputTokens());
    if (answer instanceof RateAnswer.Missing missing) {
      return new Cost.Unknown(missing.reason());
    }
    Rates rates = ((RateAnswer.Found) answer).rates();
    if (!usage.other().isEmpty()) {
      rates = MeterClasses.covering(rates, usage);
    }
    Cost cost = rates.costOf(usage);
    return cost instanceof Cost.Unknown unknown ? explained(key, unknown) : cost;
  }

  private static Cost explained(PriceKey key, Cost.Unknown unknown) {
    return new Cost.Unknown(
        "%s for '%s' (%s, %s); add an overlay, or a rate with override(..)"
            .formatted(unknown.reason(), key.modelId(), key.tier(), key.region()),
        unknown.atLeastUsd());
  }

  /** The rates of one call, each with the way it was found; for quotes and comparisons. */
  public RateAnswer ratesOf(PriceQuery query) {
    return answer(
        query.modelId(),
        query.region(),
        query.tier(),
        query.at(),
        query.endpoint(),
        query.variant(),
        query.totalInputTokens());
  }

  private RateAnswer answer(
      String modelId,
      @Nullable String callRegion,
      String callTier,
      Instant at,
      Endpoint endpoint,
      String callVariant,
      long totalInputTokens) {
    Target target = target(modelId);
    if (target.missing() != null) {
      return new RateAnswer.Missing(target.missing());
    }
    String tier = target.tier() != null ? target.tier() : canonicalTier(callTier);
    String variant = callVariant.isEmpty() ? target.variant() : callVariant;
    String region = callRegion != null ? callRegion : target.region();
    long above = target.table() == null ? 0 : target.table().band(totalInputTokens);
    RatesKey key =
        new RatesKey(
            target.model(), target.scope(), region, tier, above, variant, endpoint, period(at));
    RateAnswer known = answers.getIfPresent(key);
    if (known != null) {
      return known;
    }
    warnIfOld();
    RateAnswer made = make(target, key, at);
    answers.put(key, made);
    return made;
  }

  /**
   * The dearest rates of the call's provider, of any model, region and tier; of all providers where
   * the id does not name one that the catalogue knows.
   */
  @Override
  public Cost conservativeCostOf(PriceKey key, Usage usage) {
    String name = grammar.read(key.modelId()).name();
    int dot = name.indexOf('.');
    String provider = dot < 0 ? "" : name.substring(0, dot + 1);
    boolean known = tables.keySet().stream().anyMatch(model -> model.startsWith(provider));
    Rates rates =
        conservative.computeIfAbsent(known ? provider : "", prefix -> dearest(prefix, key.at()));
    return MeterClasses.covering(rates, usage).costOf(usage);
  }

  private Rates dearest(String provider, Instant at) {
    Map<Meter, RateTable.Figure> dearest = new HashMap<>();
    tables.forEach(
        (model, table) -> {
          if (model.startsWith(provider)) {
            table.dearest(at, dearest);
          }
        });
    Rates.Builder rates = Rates.builder(version);
    dearest.forEach(
        (meter, figure) ->
            rates.rate(
                new Rate(
                    meter,
                    figure.usd(),
                    figure.row().unit().per,
                    Set.of(Basis.CONSERVATIVE),
                    figure.row().provenance())));
    return rates.build();
  }

  /** Bedrock says {@code default} and {@code optimized} where price lists say otherwise. */
  private static String canonicalTier(String tier) {
    return switch (tier) {
      case "default", "on_demand", "on-demand" -> "standard";
      case "optimized" -> "latency";
      default -> tier;
    };
  }

  /** Which stretch of time without a price change an instant lies in. */
  private int period(Instant at) {
    long millis = at.toEpochMilli();
    int found = java.util.Arrays.binarySearch(turningPoints, millis);
    return found >= 0 ? found : -found - 2;
  }

  private RateAnswer make(Target target, RatesKey key, Instant at) {
    if (!tiers.contains(key.tier())) {
      return new RateAnswer.Missing(
          "tier '%s' is not one this catalogue knows%s"
              .formatted(key.tier(), NearestName.hint(key.tier(), tiers)));
    }
    RateTable table = target.table();
    Set<Meter> meters = new TreeSet<>(Comparator.comparing(Meter::name));
    meters.addAll(Meter.TOKENS);
    meters.addAll(terms.meters(target.model()));
    RateLadder ladder = null;
    if (table != null) {
      meters.addAll(table.meters());
      ladder = ladder(table, key, at);
    }
    Rates.Builder rates = Rates.builder(version);
    boolean any = false;
    for (Meter meter : meters) {
      Rate listed = ladder == null ? null : ladder.rate(meter);
      if (listed == null && CAPACITY_TIERS.contains(key.tier()) && isPaidByCapacity(meter)) {
        listed = new Rate(meter, BigDecimal.ZERO, 1, Set.of(Basis.CAPACITY), "paid by capacity");
      }
      Rate rate =
          terms.apply(target.model(), meter, listed, key.tier(), key.scope(), key.region(), at);
      if (rate != null) {
        rates.rate(rate);
        any = true;
      }
    }
    if (!any) {
      return new RateAnswer.Missing(nothing(target, key, at));
    }
    addGuardrails(rates, target, key, at);
    return new RateAnswer.Found(rates.build());
  }

  /** Capacity meters are what such a tier is paid by; they are never free by default. */
  private static boolean isPaidByCapacity(Meter meter) {
    return !(meter.kind().endsWith("Hours")
        || meter.kind().startsWith("training")
        || meter.kind().equals("cmuMinutes")
        || meter.kind().equals("storageMonths"));
  }

  private RateLadder ladder(RateTable table, RatesKey key, Instant at) {
    String family = table.facts().family();
    return new RateLadder(
        table,
        tierRatios,
        family == null ? Map.of() : families.getOrDefault(family, Map.of()),
        key.endpoint(),
        key.scope(),
        key.region(),
        key.tier(),
        key.above(),
        key.variant(),
        at);
  }

  private void addGuardrails(Rates.Builder rates, Target target, RatesKey key, Instant at) {
    RateTable guardrails = tables.get(GUARDRAILS);
    if (guardrails == null || target.table() == guardrails) {
      return;
    }
    RatesKey plain =
        new RatesKey(
            GUARDRAILS, Scope.IN_REGION, key.region(), "standard", 0, "", Endpoint.RUNTIME, 0);
    RateLadder ladder = ladder(guardrails, plain, at);
    for (Meter meter : guardrails.meters()) {
      Rate rate =
          terms.apply(
              GUARDRAILS, meter, ladder.rate(meter), "standard", Scope.IN_REGION, key.region(), at);
      if (rate != null) {
        rates.rate(rate);
      }
    }
  }

  private String nothing(Target target, RatesKey key, Instant at) {
    String band = key.above() > 0 ? ", more than " + key.above() + " input tokens" : "";
    String variant = key.variant().isEmpty() ? "" : ", variant '" + key.variant() + "'";
    return "catalogue %s has no price of '%s' (%s, %s, %s%s%s) on %s; add an overlay, or a rate with"
            .formatted(
                version,
                target.model(),
                key.scope().label(),
                key.region(),
                key.tier(),
                band,
                variant,
                at.atZone(ZoneOffset.UTC).toLocalDate())
        + " override(..)";
  }

  private Target target(String id) {
    Target known = targets.getIfPresent(id);
    if (known != null) {
      return known;
    }
    Target found = find(id, 0);
    if (found.missing() == null || !identify(id).isOpaque()) {
      targets.put(id, found);
    }
    return found;
  }

  private Target find(String id, int steps) {
    if (steps > MOST_ALIAS_STEPS) {
      return Target.missing(id, "alias '" + id + "' leads in a circle");
    }
    String mapped = ownAliases.get(id);
    if (mapped != null) {
      return find(mapped, steps + 1);
    }
    ModelId read = grammar.read(id);
    String aliased = read.name().equals(id) ? null : ownAliases.get(read.name());
    if (aliased != null) {
      Target target = find(aliased, steps + 1);
      return read.scope() == Scope.IN_REGION ? target : target.as(read.scope(), null, "");
    }
    if (terms.prices(read.name()) && read.kind() != Kind.MODEL) {
      return new Target(
          read.name(), null, read.scope(), read.region(), tierOf(read.kind()), "", null);
    }
    return switch (read.kind()) {
      case MODEL -> model(read, "");
      case CUSTOM_MODEL -> model(read, "custom-model");
      case GUARDRAIL ->
          new Target(
              GUARDRAILS, tables.get(GUARDRAILS), Scope.IN_REGION, read.region(), null, "", null);
      case PROVISIONED -> provisioned(read, steps);
      case IMPORTED -> capacity(read);
      case APPLICATION_PROFILE, CUSTOM_DEPLOYMENT, PROMPT, PROMPT_ROUTER -> resolved(read, steps);
      case MARKETPLACE_ENDPOINT ->
          Target.missing(
              id,
              "'" + id + "' is a SageMaker endpoint, which is billed by the hour outside Bedrock");
      case OTHER -> Target.missing(id, "'" + id + "' is not an id that Bedrock invokes");
    };
  }

  /** Costs nothing more to call, whatever the model; who can ask learns its limits. */
  private Target provisioned(ModelId read, int steps) {
    Target known = profiles.canAsk() ? resolved(read, steps) : capacity(read);
    return known.missing() == null ? known : capacity(read);
  }

  private static Target capacity(ModelId read) {
    return new Target(read.name(), null, Scope.IN_REGION, read.region(), "provisioned", "", null);
  }

  private static @Nullable String tierOf(Kind kind) {
    return kind == Kind.PROVISIONED || kind == Kind.IMPORTED ? "provisioned" : null;
  }

  private Target model(ModelId read, String variant) {
    String name = aliases.getOrDefault(read.name(), read.name());
    RateTable table = tables.get(name);
    if (table == null && !terms.prices(name)) {
      return Target.missing(
          name,
          "catalogue %s does not know model '%s'%s; map it with alias(..) or add an overlay"
              .formatted(version, name, NearestName.hint(name, tables.keySet())));
    }
    String chosen = variant.isEmpty() ? variants.getOrDefault(name, "") : variant;
    return new Target(name, table, read.scope(), read.region(), null, chosen, null);
  }

  private Target resolved(ModelId read, int steps) {
    Answer answer = profiles.resolve(read.name());
    if (answer instanceof Answer.Missing missing) {
      return Target.missing(read.name(), missing.reason());
    }
    List<Target> found = new ArrayList<>();
    for (ProfileResolver.Target candidate : ((Answer.Found) answer).models()) {
      Target target = find(candidate.modelId(), steps + 1);
      String tier = candidate.tier() == null ? target.tier() : candidate.tier();
      String variant = candidate.variant().isEmpty() ? target.variant() : candidate.variant();
      Target whole = target.as(candidate.scope(), tier, variant);
      found.add(
          new Target(
              whole.model(),
              whole.table(),
              whole.scope(),
              read.region(),
              whole.tier(),
              whole.variant(),
              whole.missing()));
    }
    return found.stream()
        .filter(target -> target.missing() != null)
        .findFirst()
        .orElseGet(() -> dearest(found));
  }

  /** A router may pick any of its models; before the response tells, the dearest is assumed. */
  private Target dearest(List<Target> found) {
    Target dearest = found.get(0);
    for (Target candidate : found) {
      if (inputAndOutput(candidate).compareTo(inputAndOutput(dearest)) > 0) {
        dearest = candidate;
      }
    }
    return dearest;
  }

  private BigDecimal inputAndOutput(Target target) {
    if (target.table() == null || target.tier() != null) {
      return BigDecimal.ZERO;
    }
    RatesKey key =
        new RatesKey(
            target.model(),
            target.scope(),
            target.region(),
            "standard",
            0,
            target.variant(),
            Endpoint.RUNTIME,
            0);
    RateLadder ladder = ladder(target.table(), key, clock.instant());
    BigDecimal sum = BigDecimal.ZERO;
    for (Meter meter : List.of(Meter.INPUT, Meter.OUTPUT)) {
      Rate rate = ladder.rate(meter);
      sum = rate == null ? sum : sum.add(rate.usdPerUnit());
    }
    return sum;
  }

  /** How the catalogue reads an id, aliases of the operator's own applied. */
  public ModelId identify(String id) {
    String mapped = id;
    for (int step = 0; step < MOST_ALIAS_STEPS && ownAliases.containsKey(mapped); step++) {
      mapped = Objects.requireNonNull(ownAliases.get(mapped));
    }
    return grammar.read(mapped);
  }

  /** The canonical id of the model an id is priced as; empty if the catalogue knows none. */
  @Override
  public Optional<String> modelOf(String id) {
    Target target = target(id);
    return target.missing() == null ? Optional.of(target.model()) : Optional.empty();
  }

  /** Every model the catalogue has a row for, by canonical id, sorted. */
  public List<String> models() {
    return List.copyOf(tables.keySet());
  }

  /** The catalogue's version, as every cost states it; overlays are named in it. */
  public String version() {
    return version;
  }

  @Override
  public Instant asOf() {
    return asOf.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  @Override
  public ModelLimits limitsOf(String modelId) {
    RateTable table = target(modelId).table();
    if (table == null) {
      return ModelLimits.UNKNOWN;
    }
    CatalogData.Model facts = table.facts();
    return new ModelLimits(facts.contextTokens(), facts.maxOutputTokens(), facts.modalities());
  }

  /** How many ids are remembered, for tests of the bound. */
  long rememberedIds() {
    targets.cleanUp();
    return targets.estimatedSize();
  }

  private void warnIfOld() {
    Duration age = Duration.between(asOf(), clock.instant());
    if (age.compareTo(warnAfter) > 0 && warned.compareAndSet(false, true)) {
      LOG.warn(
          "Price catalogue {} was last compared with AWS on {}, {} days ago. Update bedrock-meter,"
              + " or add an overlay; builder().warnAfter(..) sets the age.",
          version,
          asOf,
          age.toDays());
    }
  }

  private static <K, V> Cache<K, V> remembering(int most) {
    return Caffeine.newBuilder().maximumSize(most).executor(Runnable::run).build();
  }

  private static <V> Map<String, V> merged(
      List<CatalogData> layers, java.util.function.Function<CatalogData, Map<String, V>> part) {
    Map<String, V> all = new HashMap<>();
    layers.forEach(layer -> all.putAll(part.apply(layer)));
    return Map.copyOf(all);
  }

  private static Map<String, RateTable> tables(List<CatalogData> layers) {
    Map<String, CatalogData.Model> facts = new HashMap<>();
    layers.forEach(layer -> facts.putAll(layer.models()));
    Map<String, RateTable> tables = new TreeMap<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      for (RateRow row : layers.get(layer).rows()) {
        tables
            .computeIfAbsent(
                row.model(),
                model -> new RateTable(model, facts.getOrDefault(model, CatalogData.Model.PLAIN)))
            .add(layer, row);
      }
    }
    return tables;
  }

  private static Map<String, String> aliases(List<CatalogData> layers, Set<String> models) {
    Map<String, String> aliases = new HashMap<>();
    for (CatalogData layer : layers) {
      layer
          .models()
          .forEach(
              (model, facts) -> {
                for (String alias : facts.aliases()) {
                  String other = aliases.putIfAbsent(alias, model);
                  if (models.contains(alias) || (other != null && !other.equals(model))) {
                    throw new IllegalArgumentException(
                        "alias '%s' of '%s' already names '%s'"
                            .formatted(alias, model, other == null ? alias : other));
                  }
                }
              });
    }
    return Map.copyOf(aliases);
  }

  private static Set<String> providers(Set<String> models) {
    Set<String> providers = new HashSet<>();
    for (String model : models) {
      int dot = model.indexOf('.');
      if (dot > 0) {
        providers.add(model.substring(0, dot));
      }
    }
    return providers;
  }

  private static Set<String> tiers(List<CatalogData> layers) {
    Set<String> tiers = new TreeSet<>(layers.get(0).tierRatios().keySet());
    tiers.addAll(Set.of("standard", "customization"));
    tiers.addAll(CAPACITY_TIERS);
    return tiers;
  }

  /**
   * Collects what differs from the bundled catalogue. Mutable, confined to one thread. Each method
   * checks its own argument: a name nobody knows fails here, with the nearest one that is known.
   */
  public static final class Builder {
    private final List<CatalogData> layers = new ArrayList<>();
    private final Map<String, String> aliases = new HashMap<>();
    private final Map<String, String> variants = new HashMap<>();
    private final List<Terms.OwnRate> rates = new ArrayList<>();
    private final List<Terms.Discount> discounts = new ArrayList<>();
    private @Nullable ProfileResolver resolver;
    private InstantSource clock = InstantSource.system();
    private Duration warnAfter = Duration.ofDays(180);
    private Duration forgetMissingAfter = Duration.ofMinutes(10);

    private Builder(CatalogData base) {
      layers.add(base);
    }

    /** Lays a catalogue file of our own format over what is known so far; its rows win. */
    public Builder overlay(Path file) {
      return Files.reading(file, in -> overlay(file.getFileName().toString(), in));
    }

    /**
     * Lays a catalogue in our own format over what is known so far; its rows win.
     *
     * @param name what to call it in messages and as the source of its rows
     * @param in read to its end and not closed
     */
    public Builder overlay(String name, InputStream in) {
      layers.add(CatalogReader.read(name, in));
      return this;
    }

    /** Lays a price map in LiteLLM's format over what is known so far; Bedrock's entries win. */
    public Builder overlayLiteLlm(Path file) {
      return Files.reading(file, in -> overlayLiteLlm(file.getFileName().toString(), in));
    }

    /**
     * Lays a price map in LiteLLM's format over what is known so far; Bedrock's entries win.
     *
     * @param name what to call it in messages and as the source of its rows
     * @param in read to its end and not closed
     */
    public Builder overlayLiteLlm(String name, InputStream in) {
      layers.add(LiteLlmReader.read(name, in, layers.get(0).geoPrefixes()));
      return this;
    }

    /**
     * A standard-tier rate of your own, in every scope and region: for a million tokens, or for a
     * single unit of a meter that does not count tokens.
     *
     * @param model a model the catalogue knows, or an ARN
     * @param usd a decimal such as {@code 3.10}
     */
    public Builder override(String model, Meter meter, String usd) {
      return override(model, meter, usd, null, null);
    }

    /**
     * Like {@link #override(String, Meter, String)}, for a time.
     *
     * @param from first day, UTC; null for always
     * @param to first day it no longer holds; null for never
     */
    public Builder override(
        String model, Meter meter, String usd, @Nullable LocalDate from, @Nullable LocalDate to) {
      return override(model, meter, usd, "standard", null, null, from, to);
    }

    /**
     * Like {@link #override(String, Meter, String)}, for one tier and, if they are given, one
     * scope, one source region and a time. The narrower of two rates wins.
     */
    public Builder override(
        String model,
        Meter meter,
        String usd,
        String tier,
        @Nullable Scope scope,
        @Nullable String region,
        @Nullable LocalDate from,
        @Nullable LocalDate to) {
      Set<String> known = tiers(layers);
      if (!known.contains(tier)) {
        throw new IllegalArgumentException(
            "no tier '" + tier + "'" + NearestName.hint(tier, known));
      }
      rates.add(
          new Terms.OwnRate(
              subject(model, false),
              meter,
              amount(usd),
              meter.countsTokens() ? 1_000_000 : 1,
              tier,
              scope,
              region,
              from,
              to));
      return this;
    }

    /** Takes a share, as {@code 12%} or {@code 0.12}, off a provider's or a model's list prices. */
    public Builder discount(String subject, String share) {
      return discount(subject, share, null, null);
    }

    /** Takes a share, as 0.12, off a provider's or a model's list prices. */
    public Builder discount(String subject, BigDecimal share) {
      return discount(subject, share.toPlainString());
    }

    /**
     * Like {@link #discount(String, String)}, for a time.
     *
     * @param from first day, UTC; null for always
     * @param to first day it no longer holds; null for never
     */
    public Builder discount(
        String subject, String share, @Nullable LocalDate from, @Nullable LocalDate to) {
      BigDecimal value =
          share.endsWith("%")
              ? amount(share.substring(0, share.length() - 1).strip()).movePointLeft(2)
              : amount(share);
      if (value.signum() <= 0 || value.compareTo(BigDecimal.ONE) > 0) {
        throw new IllegalArgumentException(
            "a discount is a share between 0 and 1, or a percentage; got '" + share + "'");
      }
      discounts.add(new Terms.Discount(subject(subject, true), value, from, to));
      return this;
    }

    /** Reads overrides, discounts, aliases and variants from a JSON file; see docs/pricing.md. */
    public Builder overrides(Path file) {
      return Files.reading(
          file,
          in -> {
            TermsReader.read(file.getFileName().toString(), in, this);
            return this;
          });
    }

    /**
     * A name of your own for a model, a profile or an ARN: a cost centre, or the ARN of an
     * application inference profile and the model behind it.
     */
    public Builder alias(String name, String modelOrArn) {
      if (modelOrArn.isBlank()) {
        throw new IllegalArgumentException("alias '" + name + "' stands for nothing");
      }
      if (aliases.containsKey(name) && !modelOrArn.equals(aliases.get(name))) {
        throw new IllegalArgumentException(
            "alias '%s' stands for both '%s' and '%s'"
                .formatted(name, aliases.get(name), modelOrArn));
      }
      aliases.put(name, modelOrArn);
      return this;
    }

    /** Prices every call of a model by a variant, as {@code extended-access}. */
    public Builder variant(String model, String variant) {
      String subject = subject(model, false);
      Set<String> known = new TreeSet<>();
      for (CatalogData layer : layers) {
        layer.rows().stream()
            .filter(row -> row.model().equals(subject) && !row.variant().isEmpty())
            .forEach(row -> known.add(row.variant()));
      }
      if (!known.contains(variant)) {
        throw new IllegalArgumentException(
            "'%s' has no variant '%s'; it has %s".formatted(subject, variant, known));
      }
      variants.put(subject, variant);
      return this;
    }

    /** Who to ask about ARNs that do not tell their model, after the aliases. */
    public Builder resolver(ProfileResolver asked) {
      this.resolver = asked;
      return this;
    }

    /** How long an ARN nobody could resolve is not asked about again; 10 minutes unless told. */
    public Builder forgetMissingAfter(Duration age) {
      this.forgetMissingAfter = positive(age);
      return this;
    }

    /** The age of the catalogue past which one warning is logged; 180 days unless told. */
    public Builder warnAfter(Duration age) {
      this.warnAfter = positive(age);
      return this;
    }

    /** The clock the catalogue's age is measured by. */
    public Builder clock(InstantSource source) {
      this.clock = Objects.requireNonNull(source, "source");
      return this;
    }

    /** The catalogue. */
    public PriceCatalog build() {
      PriceCatalog catalog = new PriceCatalog(this);
      for (Map.Entry<String, String> alias : aliases.entrySet()) {
        ModelId read = catalog.identify(alias.getValue());
        if (read.kind() == Kind.MODEL) {
          Target target = catalog.find(alias.getKey(), 0);
          if (target.missing() != null) {
            throw new IllegalArgumentException(
                "alias '" + alias.getKey() + "': " + target.missing());
          }
        }
      }
      return catalog;
    }

    Terms terms() {
      return new Terms(rates, discounts);
    }

    private String versionWithLayers() {
      StringBuilder text = new StringBuilder(layers.get(0).version());
      layers.subList(1, layers.size()).forEach(layer -> text.append('+').append(layer.version()));
      return text.toString();
    }

    /** The canonical id of a model, a provider if one is allowed, or an ARN as it is. */
    private String subject(String name, boolean providerToo) {
      if (name.startsWith("arn:")) {
        return name;
      }
      Set<String> models = new TreeSet<>();
      layers.forEach(layer -> layer.rows().forEach(row -> models.add(row.model())));
      Map<String, String> known = aliases(layers, models);
      if (models.contains(name)) {
        return name;
      }
      if (known.containsKey(name)) {
        return Objects.requireNonNull(known.get(name));
      }
      Set<String> names = new TreeSet<>(models);
      names.addAll(known.keySet());
      if (providerToo) {
        Set<String> providers = providers(models);
        if (providers.contains(name)) {
          return name;
        }
        names.addAll(providers);
      }
      throw new IllegalArgumentException(
          "no %s '%s' in the catalogue%s"
              .formatted(
                  providerToo ? "provider or model" : "model",
                  name,
                  NearestName.hint(name, names)));
    }

    private static BigDecimal amount(String text) {
      try {
        BigDecimal value = new BigDecimal(text);
        if (value.signum() < 0) {
          throw new IllegalArgumentException("negative amount: " + text);
        }
        return value;
      } catch (NumberFormatException notNumber) {
        throw new IllegalArgumentException(
            "'" + text + "' is not a decimal such as 3.30", notNumber);
      }
    }

    private static Duration positive(Duration age) {
      if (age.isNegative() || age.isZero()) {
        throw new IllegalArgumentException("not a positive duration: " + age);
      }
      return age;
    }
  }
}
