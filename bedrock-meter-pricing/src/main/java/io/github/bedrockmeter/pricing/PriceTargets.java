// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.pricing.ProfileResolver.Answer;
import io.github.bedrockmeter.pricing.ProfileResolver.ResolvedModel;
import io.github.bedrockmeter.usage.ModelAliases;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.ModelId.Kind;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Works out once what each id is priced as, and remembers it. Thread-safe. */
final class PriceTargets {
  private static final int MOST_STEPS = 8;

  private final CatalogLayers layers;
  private final Terms terms;
  private final ModelAliases aliases;
  private final Map<String, String> variants;
  private final CatalogIds ids;
  private final ResolvedProfiles profiles;
  private final RateFinder rates;
  private final InstantSource clock;
  private final Recent<PriceTarget> targets;

  /**
   * @param variants the variant of each model that is not priced as the ordinary one
   * @param remembered how many ids are remembered at most, a power of two
   */
  PriceTargets(
      CatalogLayers layers,
      Terms terms,
      ModelAliases aliases,
      Map<String, String> variants,
      ResolvedProfiles profiles,
      RateFinder rates,
      InstantSource clock,
      int remembered) {
    this.layers = layers;
    this.terms = terms;
    this.aliases = aliases;
    this.variants = Map.copyOf(variants);
    this.ids = new CatalogIds(layers.geographies(), layers.names().providers());
    this.profiles = profiles;
    this.rates = rates;
    this.clock = clock;
    this.targets = new Recent<>(remembered);
  }

  /** How an id is read once the operator's aliases are applied. */
  ModelId identify(String id) {
    return ids.read(aliases.modelOf(id));
  }

  PriceScope scopeOf(String id) {
    return ids.scopeOf(identify(id));
  }

  /** What an id is priced as; one without an answer is worked out again each time. */
  PriceTarget of(String id) {
    PriceTarget known = targets.get(id);
    if (known != null) {
      return known;
    }
    PriceTarget found = find(id, 0);
    if (found.missing() == null) {
      targets.put(id, found);
    }
    return found;
  }

  /** How many ids are remembered, for tests of the bound. */
  long remembered() {
    return targets.size();
  }

  private PriceTarget find(String alias, int steps) {
    if (steps > MOST_STEPS) {
      return PriceTarget.missing(alias, "alias '" + alias + "' leads in a circle");
    }
    String id = aliases.modelOf(alias);
    ModelId read = ids.read(id);
    String base = aliases.modelOf(read.baseId());
    if (!read.baseId().equals(id) && !base.equals(read.baseId())) {
      PriceTarget target = find(base, steps + 1);
      PriceScope scope = ids.scopeOf(read);
      return scope == PriceScope.IN_REGION ? target : target.as(scope, null, "");
    }
    if (read.kind() != Kind.MODEL && terms.prices(read.baseId())) {
      return new PriceTarget(
          read.baseId(), null, ids.scopeOf(read), read.region(), tierOf(read.kind()), "", null);
    }
    return switch (read.kind()) {
      case MODEL -> model(read, "");
      case CUSTOM_MODEL -> model(read, "custom-model");
      case GUARDRAIL ->
          new PriceTarget(
              CatalogLayers.GUARDRAILS,
              layers.table(CatalogLayers.GUARDRAILS),
              PriceScope.IN_REGION,
              read.region(),
              null,
              "",
              null);
      case PROVISIONED -> provisioned(read, steps);
      case IMPORTED -> PriceTarget.capacity(id, read.region());
      case APPLICATION_PROFILE, CUSTOM_DEPLOYMENT, PROMPT, PROMPT_ROUTER -> resolved(read, steps);
      case MARKETPLACE_ENDPOINT ->
          PriceTarget.missing(
              id,
              "'" + id + "' is a SageMaker endpoint, which is billed by the hour outside Bedrock");
      case OTHER -> PriceTarget.missing(id, "'" + id + "' is not an id that Bedrock invokes");
    };
  }

  private static @Nullable String tierOf(Kind kind) {
    return kind == Kind.PROVISIONED || kind == Kind.IMPORTED ? "provisioned" : null;
  }

  private PriceTarget model(ModelId read, String variant) {
    String name = layers.names().canonical(read.baseId());
    RateTable table = layers.table(name);
    if (table == null && !terms.prices(name)) {
      return PriceTarget.missing(
          name,
          "catalogue %s does not know model '%s'%s"
              .formatted(layers.version(), name, layers.names().remedy(name)));
    }
    String chosen = variant.isEmpty() ? variants.getOrDefault(name, "") : variant;
    return new PriceTarget(name, table, ids.scopeOf(read), read.region(), null, chosen, null);
  }

  /** A call costs nothing more, whatever the model; a resolver can still find its limits. */
  private PriceTarget provisioned(ModelId read, int steps) {
    PriceTarget capacity = PriceTarget.capacity(read.text(), read.region());
    PriceTarget known = profiles.canAsk() ? resolved(read, steps) : capacity;
    return known.missing() == null ? known : capacity;
  }

  private PriceTarget resolved(ModelId read, int steps) {
    Answer answer = profiles.resolve(read.text());
    if (answer instanceof Answer.Missing missing) {
      return PriceTarget.missing(read.text(), missing.reason());
    }
    List<PriceTarget> found = new ArrayList<>();
    for (ResolvedModel candidate : ((Answer.Found) answer).models()) {
      PriceTarget target = find(candidate.modelId(), steps + 1);
      if (target.missing() != null) {
        return target;
      }
      String tier = candidate.tier() == null ? target.tier() : candidate.tier();
      String variant = candidate.variant().isEmpty() ? target.variant() : candidate.variant();
      found.add(target.as(candidate.scope(), tier, variant).in(read.region()));
    }
    // A router may pick any of its models, and only the response shows which.
    return rates.highestPriced(found, clock.instant());
  }
}
