// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelAliases;
import io.github.bedrockmeter.usage.ModelId;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The prices of Amazon Bedrock: a dated catalogue with its sources, and what you pay instead where
 * that differs.
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
 * started. Where the catalogue has no row for exactly that, the nearest safe one is used and the
 * {@linkplain Rate#basis() basis} of the rate says so; where there is none, the cost is {@link
 * Cost.Unknown}. Immutable and thread-safe; starts no thread.
 */
public final class PriceCatalog implements PriceBook {
  /*
   * A price takes two steps, each remembered. PriceTargets works out what an id is priced as:
   * aliases, geographies, ARNs. RateFinder finds the rates of that target: the catalogue's rows, what
   * stands in for a missing one, and the operator's own terms.
   */
  private static final int REMEMBERED_IDS = 8_192;

  private final CatalogLayers layers;
  private final PriceTargets targets;
  private final Rating rating;

  private PriceCatalog(Builder builder) {
    this.layers = new CatalogLayers(builder.layers);
    Terms terms = builder.terms.terms();
    RateFinder rates = new RateFinder(layers, terms);
    this.targets =
        new PriceTargets(
            layers,
            terms,
            builder.aliases,
            builder.terms.variants(),
            new ResolvedProfiles(
                builder.resolver, builder.clock, builder.forgetMissingAfter, REMEMBERED_IDS),
            rates,
            builder.clock,
            REMEMBERED_IDS);
    CatalogAge age =
        new CatalogAge(layers.version(), layers.asOf(), builder.clock, builder.warnAfter);
    this.rating = new Rating(targets, rates, layers.names(), age);
    age.warnIfOld();
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
    static final CatalogLayer DATA = ShardedCatalog.bundled();
    static final PriceCatalog CATALOG = builder().build();
  }

  @Override
  public Cost costOf(PriceKey key, Usage usage) {
    return rating.costOf(key, usage);
  }

  /** The rates of one call, each with the way it was found; for quotes and comparisons. */
  public RateAnswer ratesOf(PriceQuery query) {
    return rating.ratesOf(query);
  }

  /**
   * The cost by the highest rates of the call's provider, of any model, region and tier; of all
   * providers if the id does not name one that the catalogue knows.
   */
  @Override
  public Cost conservativeCostOf(PriceKey key, Usage usage) {
    return rating.conservativeCostOf(key, usage);
  }

  /** How the catalogue reads an id once the operator's aliases are applied. */
  public ModelId identify(String id) {
    return targets.identify(id);
  }

  /** How far a call with this id may travel, as far as the id shows it. */
  public PriceScope scopeOf(String id) {
    return targets.scopeOf(id);
  }

  /** The canonical id of the model an id is priced as; empty if the catalogue knows none. */
  @Override
  public Optional<String> modelOf(String id) {
    PriceTarget target = targets.of(id);
    return target.missing() == null ? Optional.of(target.model()) : Optional.empty();
  }

  /** Every model the catalogue knows, by canonical id, sorted; a few of them have no price. */
  public List<String> models() {
    return List.copyOf(layers.models());
  }

  /** Every tier the catalogue knows, by the words of {@link PriceKey}, sorted. */
  public List<String> tiers() {
    return layers.names().tiers().stream().sorted().toList();
  }

  /** The catalogue's version, as every cost states it; overlays are named in it. */
  public String version() {
    return layers.version();
  }

  @Override
  public Instant asOf() {
    return layers.asOf().atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  @Override
  public ModelLimits limitsOf(String modelId) {
    RateTable table = targets.of(modelId).table();
    if (table == null) {
      return ModelLimits.UNKNOWN;
    }
    CatalogModel facts = table.facts();
    return new ModelLimits(facts.contextTokens(), facts.maxOutputTokens(), facts.modalities());
  }

  /**
   * The counts of input tokens above which a model's requests have another price, ascending; empty
   * if it has one price for all, or is not known.
   */
  public List<Long> contextThresholdsOf(String modelId) {
    RateTable table = targets.of(modelId).table();
    return table == null ? List.of() : table.thresholds();
  }

  /** How many ids are remembered, for tests of the bound. */
  long rememberedIds() {
    return targets.remembered();
  }

  /**
   * Collects what differs from the bundled catalogue. Mutable, confined to one thread. Each method
   * checks its own argument: a name that is not known fails here, with the nearest one that is.
   */
  public static final class Builder {
    private final List<CatalogLayer> layers = new ArrayList<>();
    private final OwnTerms terms = new OwnTerms();
    private ModelAliases aliases = ModelAliases.none();
    private @Nullable CatalogNames names;
    private @Nullable ProfileResolver resolver;
    private InstantSource clock = InstantSource.system();
    private Duration warnAfter = Duration.ofDays(180);
    private Duration forgetMissingAfter = Duration.ofMinutes(10);

    private Builder(CatalogLayer base) {
      layers.add(base);
    }

    /** Lays a catalogue file of our own format over what is known so far; its rows win. */
    public Builder overlay(Path file) {
      return PriceFile.reading(file, in -> overlay(file.getFileName().toString(), in));
    }

    /**
     * Lays a catalogue in our own format over what is known so far; its rows win.
     *
     * @param name what to call it in messages and as the source of its rows
     * @param in read to its end and not closed
     */
    public Builder overlay(String name, InputStream in) {
      return add(CatalogReader.read(name, in));
    }

    /** Lays a price map in LiteLLM's format over what is known so far; Bedrock's entries win. */
    public Builder overlayLiteLlm(Path file) {
      return PriceFile.reading(file, in -> overlayLiteLlm(file.getFileName().toString(), in));
    }

    /**
     * Lays a price map in LiteLLM's format over what is known so far; Bedrock's entries win.
     *
     * @param name what to call it in messages and as the source of its rows
     * @param in read to its end and not closed
     */
    public Builder overlayLiteLlm(String name, InputStream in) {
      return add(LiteLlmReader.read(name, in, layers.get(0).geoPrefixes()));
    }

    private Builder add(CatalogLayer layer) {
      layers.add(layer);
      names = null;
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
        @Nullable PriceScope scope,
        @Nullable String region,
        @Nullable LocalDate from,
        @Nullable LocalDate to) {
      terms.override(names(), model, meter, usd, tier, scope, region, new Days(from, to));
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
      terms.discount(names(), subject, share, new Days(from, to));
      return this;
    }

    /** Reads overrides, discounts, aliases and variants from a JSON file; see docs/pricing.md. */
    public Builder overrides(Path file) {
      TermsReader.Contents contents =
          PriceFile.reading(file, in -> TermsReader.read(file.getFileName().toString(), in));
      contents.aliases().forEach(this::alias);
      terms.add(names(), contents);
      return this;
    }

    /**
     * A name of your own for a model, a profile or an ARN: a cost centre, or the ARN of an
     * application inference profile and the model behind it.
     */
    public Builder alias(String name, String modelOrArn) {
      aliases = aliases.with(name, modelOrArn);
      return this;
    }

    /** More aliases; the meter and the service quotas take the same value. */
    public Builder aliases(ModelAliases more) {
      aliases = aliases.plus(more);
      return this;
    }

    /** Prices every call of a model by a variant, as {@code extended-access}. */
    public Builder variant(String model, String variant) {
      terms.variant(names(), model, variant);
      return this;
    }

    /** Finds the models behind ARNs that do not show them and have no alias. */
    public Builder resolver(ProfileResolver resolver) {
      this.resolver = Objects.requireNonNull(resolver, "resolver");
      return this;
    }

    /** How long an ARN that could not be resolved is not asked about again; default 10 minutes. */
    public Builder forgetMissingAfter(Duration age) {
      this.forgetMissingAfter = positive("forgetMissingAfter", age);
      return this;
    }

    /** The age of the catalogue after which one warning is logged; default 180 days. */
    public Builder warnAfter(Duration age) {
      this.warnAfter = positive("warnAfter", age);
      return this;
    }

    /** The clock that measures the catalogue's age. */
    public Builder clock(InstantSource source) {
      this.clock = Objects.requireNonNull(source, "source");
      return this;
    }

    /**
     * The catalogue.
     *
     * @throws IllegalArgumentException if an alias stands for a model that the catalogue does not
     *     know, or two prices contradict each other
     */
    public PriceCatalog build() {
      PriceCatalog catalog = new PriceCatalog(this);
      for (Map.Entry<String, String> alias : aliases.asMap().entrySet()) {
        if (catalog.identify(alias.getValue()).kind() == ModelId.Kind.MODEL) {
          String missing = catalog.targets.of(alias.getKey()).missing();
          if (missing != null) {
            throw new IllegalArgumentException("alias '" + alias.getKey() + "': " + missing);
          }
        }
      }
      return catalog;
    }

    private CatalogNames names() {
      if (names == null) {
        names = new CatalogNames(layers);
      }
      return names;
    }

    private static Duration positive(String setting, Duration age) {
      if (age.isNegative() || age.isZero()) {
        throw new IllegalArgumentException(
            setting + " must be positive: " + age + "; such as Duration.ofDays(30)");
      }
      return age;
    }
  }
}
