// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OnceFor;
import io.github.bedrockmeter.usage.ModelId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.LoggerFactory;

/**
 * How many tokens of its quota each output token of a model takes. AWS applies this rate to the
 * quota, not to the bill, and publishes the rates by model, in prose; they are data here, with
 * their source and month. Immutable and thread-safe.
 *
 * <p>A model that the data does not name, and an application profile or another opaque ARN, has the
 * highest rate in the data, and one log line names it: an unknown rate must not be too low.
 */
public final class BurndownRates {
  private static final Log log = Log.to(LoggerFactory.getLogger(BurndownRates.class));

  private final YearMonth asOf;
  private final ModelId.Grammar grammar;
  private final ModelMap<Long> rates;
  private final long unknown;
  private final OnceFor<String> warned = new OnceFor<>(1_000);

  private BurndownRates(
      YearMonth asOf, ModelId.Grammar grammar, ModelMap<Long> rates, long unknown) {
    this.asOf = asOf;
    this.grammar = grammar;
    this.rates = rates;
    this.unknown = unknown;
  }

  /** The rates that come with this library. */
  public static BurndownRates bundled() {
    try (InputStream data = BurndownRates.class.getResourceAsStream("burndown.json")) {
      if (data == null) {
        throw new IllegalStateException("burndown.json is missing from the jar");
      }
      return read(data);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /**
   * Rates from a file of your own, in the form of the bundled {@code burndown.json}: {@code asOf},
   * {@code geoPrefixes} and {@code rates} by model.
   *
   * @throws IllegalArgumentException if a part is missing or no rate is positive
   * @throws IOException if it cannot be read or is no JSON
   */
  public static BurndownRates read(InputStream json) throws IOException {
    JsonNode file = new ObjectMapper().readTree(json);
    Map<String, Long> rates = new HashMap<>();
    long highest = 0;
    for (Map.Entry<String, JsonNode> entry : required(file, "rates").properties()) {
      long rate = checked(entry.getKey(), entry.getValue());
      rates.put(entry.getKey(), rate);
      highest = Math.max(highest, rate);
    }
    if (rates.isEmpty()) {
      throw new IllegalArgumentException("burndown rates name no model");
    }
    Set<String> prefixes = new TreeSet<>();
    required(file, "geoPrefixes").forEach(prefix -> prefixes.add(prefix.asText()));
    return new BurndownRates(
        YearMonth.parse(required(file, "asOf").asText()),
        ModelId.Grammar.standard().with(prefixes, Set.of()),
        new ModelMap<>(rates),
        highest);
  }

  private static JsonNode required(JsonNode file, String name) {
    JsonNode part = file.path(name);
    if (part.isMissingNode()) {
      throw new IllegalArgumentException("burndown rates have no '" + Escaped.text(name) + "'");
    }
    return part;
  }

  private static long checked(String model, JsonNode rate) {
    if (!rate.isIntegralNumber()) {
      throw new IllegalArgumentException(
          "the burndown rate of '"
              + Escaped.text(model)
              + "' must be a whole number such as 5: "
              + rate);
    }
    return checked(model, rate.asLong());
  }

  private static long checked(String model, long rate) {
    if (rate < 1) {
      throw new IllegalArgumentException(
          "the burndown rate of '" + Escaped.text(model) + "' must be at least 1: " + rate);
    }
    return rate;
  }

  /**
   * These rates, with another one for some models.
   *
   * @param pattern a foundation model's id, or its beginning as {@code anthropic.claude-sonnet-6*};
   *     without a geographic prefix
   * @param rate quota tokens for one output token, at least 1
   */
  public BurndownRates with(String pattern, long rate) {
    return new BurndownRates(
        asOf, grammar, rates.with(pattern, checked(pattern, rate)), Math.max(unknown, rate));
  }

  /** The month the rates were last compared with their source. */
  public YearMonth asOf() {
    return asOf;
  }

  /**
   * Quota tokens for one output token; the highest rate of all where the model is not named.
   *
   * @param model a model id, a cross-region profile's id, or the ARN of either
   */
  public long of(String model) {
    ModelId id = grammar.read(model);
    Long rate = rates.find(id.kind() == ModelId.Kind.MODEL ? id.baseId() : id.shortName());
    if (rate != null) {
      return rate;
    }
    if (warned.isFirst(model)) {
      log.warn(
          "No burndown rate is known for '{}'; each output token counts as {} tokens of its quota."
              + " Set its rate with BurndownRates.with, or its model with ServiceQuotas' alias",
          model,
          unknown);
    }
    return unknown;
  }
}
