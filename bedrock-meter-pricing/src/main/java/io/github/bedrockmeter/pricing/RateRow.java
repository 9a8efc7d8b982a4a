// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One line of a catalogue file: figures that share a key and a provenance. Immutable.
 *
 * @param model the canonical model id
 * @param regions source regions; {@code *} is every region of the partition {@code aws}
 * @param above the context band: applies to requests of more than this many input tokens; 0 is the
 *     base band
 * @param variant empty for the ordinary price
 * @param from first day, UTC; null if no earlier price is known
 * @param to first day on which it no longer applies; null if no end is known
 * @param unit what one figure buys, see {@link Unit}
 * @param usd US dollars for one unit, as published
 * @param grade how many sources agree, explained at the head of the file
 * @param asOf the day, month or year in which the sources said so
 */
record RateRow(
    String model,
    Endpoint endpoint,
    Set<PriceScope> scopes,
    List<String> regions,
    String tier,
    long above,
    String variant,
    @Nullable LocalDate from,
    @Nullable LocalDate to,
    Status status,
    Unit unit,
    Map<Meter, BigDecimal> usd,
    String grade,
    String asOf,
    List<String> sources,
    @Nullable String note) {

  /** Whether a row may price a call. Only {@link #CONFIRMED} does; the others are kept as facts. */
  enum Status implements Labels.Labelled {
    CONFIRMED,
    /** Published for a future day and not yet seen in force. */
    ANNOUNCED,
    /** Announced and withdrawn. */
    CANCELLED,
    /** A figure of a source that better evidence contradicts. */
    DISPUTED;

    @Override
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Status named(String label) {
      return Labels.named("status", label, values());
    }
  }

  /** What a figure buys, and how many units of its meter that is. */
  enum Unit implements Labels.Labelled {
    MILLION_TOKENS("1M tokens", 1_000_000),
    THOUSAND_TOKENS("1K tokens", 1_000),
    IMAGE("image", 1),
    THOUSAND_IMAGES("1K images", 1_000),
    SECOND("second", 1),
    QUERY("query", 1),
    REQUEST("request", 1),
    THOUSAND_REQUESTS("1K requests", 1_000),
    THOUSAND_TEXT_UNITS("1K text units", 1_000),
    MODEL_UNIT_HOUR("model-unit hour", 1),
    THOUSAND_TPM_HOUR("1K TPM hour", 1_000),
    CMU_MINUTE("CMU minute", 1),
    MONTH("month", 1),
    HOUR("hour", 1);

    private final String label;
    final long per;

    Unit(String label, long per) {
      this.label = label;
      this.per = per;
    }

    @Override
    public String label() {
      return label;
    }

    /** US dollars for one unit of the meter, given those for one of this unit. */
    BigDecimal perMeterUnit(BigDecimal usd) {
      return usd.movePointLeft(Long.toString(per).length() - 1);
    }

    static Unit named(String label) {
      return Labels.named("unit", label, values());
    }
  }

  /** The provenance a cost line shows. */
  String provenance() {
    // Joined, since the first "+" of a program takes milliseconds.
    return String.join("", String.join("+", sources), " (", grade, ", ", asOf, ")");
  }

  /** Whether a single source that is not AWS is all there is; such a figure is not exact. */
  boolean isThirdPartyAlone() {
    return grade.equals("single");
  }

  RateRow of(String otherModel, List<String> otherSources) {
    return new RateRow(
        otherModel,
        endpoint,
        scopes,
        regions,
        tier,
        above,
        variant,
        from,
        to,
        status,
        unit,
        usd,
        grade,
        asOf,
        otherSources,
        note);
  }

  RateRow with(Map<Meter, BigDecimal> otherUsd) {
    return new RateRow(
        model, endpoint, scopes, regions, tier, above, variant, from, to, status, unit, otherUsd,
        grade, asOf, sources, note);
  }

  RateRow inForce(@Nullable LocalDate first, @Nullable LocalDate end) {
    return new RateRow(
        model, endpoint, scopes, regions, tier, above, variant, first, end, status, unit, usd,
        grade, asOf, sources, note);
  }
}
