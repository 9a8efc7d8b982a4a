// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.usage.Meter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects and checks what the operator pays instead of list prices. Mutable, confined to one
 * thread.
 */
final class OwnTerms {
  private final List<Terms.OwnRate> rates = new ArrayList<>();
  private final List<Terms.Discount> discounts = new ArrayList<>();
  private final Map<String, String> variants = new HashMap<>();

  void override(
      CatalogNames names,
      String model,
      Meter meter,
      String usd,
      String tier,
      @Nullable PriceScope scope,
      @Nullable String region,
      Days days) {
    Set<String> tiers = names.tiers();
    if (!tiers.contains(tier)) {
      throw new IllegalArgumentException("no tier '" + tier + "'" + NearestName.hint(tier, tiers));
    }
    rates.add(
        new Terms.OwnRate(
            names.model(model),
            meter,
            Terms.amount(usd),
            meter.countsTokens() ? 1_000_000 : 1,
            tier,
            scope,
            region,
            days));
  }

  void discount(CatalogNames names, String subject, String share, Days days) {
    discounts.add(Terms.Discount.of(names.modelOrProvider(subject), share, days));
  }

  void variant(CatalogNames names, String model, String variant) {
    String subject = names.model(model);
    Set<String> known = names.variantsOf(subject);
    if (!known.contains(variant)) {
      throw new IllegalArgumentException(
          "'%s' has no variant '%s'; it has %s".formatted(subject, variant, known));
    }
    variants.put(subject, variant);
  }

  /** Everything in a file except its aliases. */
  void add(CatalogNames names, TermsReader.Contents file) {
    file.variants().forEach((model, variant) -> variant(names, model, variant));
    for (TermsReader.OverrideRow row : file.overrides()) {
      CatalogReader.at(
          row.where(),
          () ->
              override(
                  names,
                  row.model(),
                  row.meter(),
                  row.usd(),
                  row.tier(),
                  row.scope(),
                  row.region(),
                  row.days()));
    }
    for (TermsReader.DiscountRow row : file.discounts()) {
      CatalogReader.at(row.where(), () -> discount(names, row.subject(), row.share(), row.days()));
    }
  }

  /**
   * The rates and discounts collected so far.
   *
   * @throws IllegalArgumentException if two rates hold for one thing at one time
   */
  Terms terms() {
    return new Terms(rates, discounts);
  }

  /** The variant of each model that is not priced as the ordinary one. */
  Map<String, String> variants() {
    return Map.copyOf(variants);
  }
}
