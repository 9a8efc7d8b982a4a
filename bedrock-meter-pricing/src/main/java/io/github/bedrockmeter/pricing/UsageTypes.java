// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.pricing.RateRow.Unit;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the usage types of AWS's bills count, by the same mapping that {@link PriceListImporter}
 * reads price lists with. A type with one unknown word is not understood at all.
 *
 * <pre>{@code
 * new UsageTypes().read("USE1-MP:USE1_InputTokenCount_Global-Units", "Units",
 *     "Claude Sonnet 4.6 (Amazon Bedrock Edition)", null);
 * }</pre>
 *
 * <p>Mutable, confined to one thread.
 */
public final class UsageTypes {

  /** What a usage type counts: {@link Understood}, or {@link NotUnderstood} with the reason. */
  public sealed interface Reading {}

  /**
   * A usage type of which every word is known.
   *
   * @param model the canonical model id, or {@code guardrails}
   * @param tier as the catalogue names it, {@code standard} where the type states none
   * @param isGlobal whether it counts calls of global profiles; all others are billed as one
   * @param region the source region in its prefix; null if the prefix is not known
   * @param above the context band: requests of more than this many input tokens; 0 is the base band
   * @param endpoint the service that was called, as far as the type names it
   * @param variant a price of its own for the same model; empty for the ordinary one
   * @param unitsEach how many units of the meter one billed unit is
   */
  public record Understood(
      String model,
      Meter meter,
      String tier,
      boolean isGlobal,
      @Nullable String region,
      long above,
      Endpoint endpoint,
      String variant,
      long unitsEach)
      implements Reading {

    public Understood {
      Objects.requireNonNull(model, "model");
      Objects.requireNonNull(meter, "meter");
    }

    /** Whether it is paid by the hour or month, whatever is called. */
    public boolean isCapacity() {
      String kind = meter.kind();
      return kind.endsWith("Hours")
          || kind.startsWith("training")
          || kind.equals("cmuMinutes")
          || kind.equals("storageMonths");
    }
  }

  /**
   * A usage type that is not understood.
   *
   * @param reason what is missing, in words an operator can act on
   */
  public record NotUnderstood(String reason) implements Reading {}

  private final ModelNamesOfAws names = new ModelNamesOfAws();

  /** A mapping that knows the names AWS gives the models of the bundled catalogue. */
  public UsageTypes() {}

  /** The model behind a display name of AWS, for models this version does not know. */
  public UsageTypes name(String displayName, String modelId) {
    names.add(displayName, modelId);
    return this;
  }

  /**
   * Reads a usage type.
   *
   * @param unit the row's own unit, as {@code 1K tokens}; empty if the row has none
   * @param product the row's product name, as {@code Claude Sonnet 4.6 (Amazon Bedrock Edition)};
   *     null if it has none
   * @param model the model that another column names, for types that name none; null if none does
   */
  public Reading read(
      String usageType, String unit, @Nullable String product, @Nullable String model) {
    UsageType type = UsageType.read(usageType);
    if (type == null) {
      return new NotUnderstood("a usage type that is not known");
    }
    String name = PriceListAttributes.displayName(product == null ? "" : product, type);
    String found = names.modelOf(type, name);
    if (found == null && type.model() == null && name.isEmpty() && model != null) {
      found = ModelId.of(model).baseId();
    }
    if (found == null) {
      return new NotUnderstood(
          name.isEmpty()
              ? "neither the usage type nor the product names a model"
              : "no model is known by the name '" + name + "'; add it with --name");
    }
    Long threshold = type.longContext() ? names.longContextAbove(found) : Long.valueOf(0);
    if (threshold == null) {
      return new NotUnderstood(
          "a long-context rate of '" + found + "', whose threshold is not known");
    }
    Unit each = PriceListAttributes.unit(type.meter(), unit);
    if (each == null) {
      return new NotUnderstood(
          unit.isEmpty()
              ? "the row has no unit for " + type.meter()
              : "unit '" + unit + "' is not one known for " + type.meter());
    }
    return new Understood(
        found,
        type.meter(),
        type.tier() == null ? "standard" : type.tier(),
        type.scope() == PriceScope.GLOBAL,
        RegionNames.ofPrefix(usageType.substring(0, usageType.indexOf('-'))),
        threshold,
        type.endpoint(),
        type.variant(),
        each.per);
  }
}
