// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.pricing.PriceScope;
import io.github.bedrockmeter.pricing.UsageTypes;
import io.github.bedrockmeter.pricing.UsageTypes.NotUnderstood;
import io.github.bedrockmeter.pricing.UsageTypes.Understood;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.sheet.TableFiller;
import io.github.bedrockmeter.usage.ModelId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the usage types of a bill count, and the models behind our ids, in the same words. Confined
 * to one thread.
 */
final class BillTypes {
  private static final String GUARDRAILS = "guardrails";

  private final FactTables tables;
  private final PriceCatalog prices;
  private final UsageTypes types;

  BillTypes(FactTables tables, PriceCatalog prices, UsageTypes types) {
    this.tables = tables;
    this.prices = prices;
    this.types = types;
  }

  /** Fills {@code bill_types}. */
  void fill() {
    Map<String, String> profiles = pairs("bill/our-profiles");
    Rows rows = tables.query("bill/types");
    try (TableFiller filler = TableFiller.of(tables, "bill_types")) {
      for (int i = 0; i < rows.size(); i++) {
        String usageType = text(rows, i, "usage_type");
        String unit = text(rows, i, "unit");
        String product = text(rows, i, "product");
        String resource = text(rows, i, "resource");
        UsageTypes.Reading reading =
            types.read(
                usageType, unit, product.isEmpty() ? null : product, modelOf(resource, profiles));
        if (reading instanceof Understood read) {
          filler.add(
              usageType,
              unit,
              product,
              resource,
              canonical(read.model()),
              read.meter().name(),
              read.tier(),
              read.isGlobal(),
              read.region(),
              read.above(),
              read.unitsEach(),
              read.isCapacity(),
              null);
        } else {
          filler.add(
              usageType,
              unit,
              product,
              resource,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              ((NotUnderstood) reading).reason());
        }
      }
    }
  }

  /** Fills {@code our_models} and {@code model_bands}. */
  void fillOurs() {
    Map<String, String> profiles = pairs("bill/their-profiles");
    Rows rows = tables.query("bill/our-ids");
    try (TableFiller filler = TableFiller.of(tables, "our_models")) {
      for (int i = 0; i < rows.size(); i++) {
        String id = text(rows, i, "model_id");
        String model = prices.modelOf(id).orElse(null);
        if (model == null && rows.get(i, "model") != null) {
          model = canonical(text(rows, i, "model"));
        }
        filler.add(
            id, model == null ? profiles.get(id) : model, prices.scopeOf(id) == PriceScope.GLOBAL);
      }
    }
    Rows models = tables.query("bill/models");
    try (TableFiller filler = TableFiller.of(tables, "model_bands")) {
      for (int i = 0; i < models.size(); i++) {
        String model = text(models, i, "model");
        for (Long above : prices.contextThresholdsOf(model)) {
          filler.add(model, above);
        }
      }
    }
  }

  private Map<String, String> pairs(String file) {
    Map<String, String> pairs = new HashMap<>();
    Rows rows = tables.query(file);
    for (int i = 0; i < rows.size(); i++) {
      pairs.put(text(rows, i, "profile"), text(rows, i, "model"));
    }
    return pairs;
  }

  /** The model that a bill's resource names; null if it names none. */
  private @Nullable String modelOf(String resource, Map<String, String> profiles) {
    if (resource.isEmpty()) {
      return null;
    }
    ModelId id = ModelId.of(resource);
    return switch (id.kind()) {
      case MODEL, CUSTOM_MODEL -> id.baseId();
      case APPLICATION_PROFILE -> prices.modelOf(resource).orElse(profiles.get(resource));
      default -> null;
    };
  }

  private String canonical(String model) {
    return model.equals(GUARDRAILS) ? model : prices.modelOf(model).orElse(model);
  }

  private static String text(Rows rows, int row, String column) {
    return String.valueOf(rows.get(row, column));
  }
}
