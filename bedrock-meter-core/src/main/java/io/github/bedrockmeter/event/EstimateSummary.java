// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adds up, for each model, how close estimates came to what was used, beside the built-in bound: so
 * it shows what another estimator would save, and how often this one is exceeded. Counts calls that
 * were charged what Bedrock reported. Thread-safe; a call costs it a few additions under a lock.
 */
public final class EstimateSummary implements MeterListener {
  private static final int MOST_MODELS = 1_000;
  private static final String OTHERS = "(others)";

  private final Map<String, Row> rows = new TreeMap<>();

  /**
   * The calls of one model.
   *
   * @param modelId as the calls named it; {@code (others)} for those after the first 1,000 models
   * @param calls how many
   * @param input prompt tokens, cached ones included
   * @param output generated tokens
   */
  public record Row(String modelId, long calls, Tokens input, Tokens output) {

    private Row plus(UsageEvent event) {
      Usage bound = event.call().bound();
      Usage estimate = event.call().estimate();
      Usage actual = event.usage();
      return new Row(
          modelId,
          calls + 1,
          input.plus(
              bound.totalInputTokens(), estimate.totalInputTokens(), actual.totalInputTokens()),
          output.plus(bound.outputTokens(), estimate.outputTokens(), actual.outputTokens()));
    }
  }

  /**
   * Sums of tokens.
   *
   * @param bound by the built-in bound
   * @param estimate by the meter's estimator
   * @param actual as Bedrock reported
   * @param exceeded how many calls used more than their estimate
   * @param excess how much more these calls used
   */
  public record Tokens(long bound, long estimate, long actual, long exceeded, long excess) {
    private static final Tokens NONE = new Tokens(0, 0, 0, 0, 0);

    private Tokens plus(long callBound, long callEstimate, long callActual) {
      long beyond = Math.max(0, callActual - callEstimate);
      return new Tokens(
          bound + callBound,
          estimate + callEstimate,
          actual + callActual,
          beyond > 0 ? exceeded + 1 : exceeded,
          excess + beyond);
    }

    /** How much of the estimate was used, rounded to a tenth of a percent; 1 is perfect. */
    public BigDecimal tightness() {
      return share(actual, estimate);
    }

    /** How much of the bound was used. */
    public BigDecimal boundTightness() {
      return share(actual, bound);
    }

    private static BigDecimal share(long part, long whole) {
      return whole == 0
          ? BigDecimal.ONE
          : BigDecimal.valueOf(part).divide(BigDecimal.valueOf(whole), 3, RoundingMode.HALF_UP);
    }
  }

  @Override
  public void onUsage(UsageEvent event) {
    if (event.charge() != UsageEvent.Charge.REPORTED) {
      return;
    }
    synchronized (rows) {
      String model = event.call().modelId();
      if (!rows.containsKey(model) && rows.size() >= MOST_MODELS) {
        model = OTHERS;
      }
      Row row = rows.getOrDefault(model, new Row(model, 0, Tokens.NONE, Tokens.NONE));
      rows.put(model, row.plus(event));
    }
  }

  /** The sums so far, sorted by model. */
  public List<Row> rows() {
    synchronized (rows) {
      return new ArrayList<>(rows.values());
    }
  }

  /** A table: for each model a line of its input and one of its output. */
  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    table.append(
        line("model", "calls", "", "tokens", "of bound", "of estimate", "exceeded", "by tokens"));
    for (Row row : rows()) {
      table.append(line(row, "input", row.input()));
      table.append(line(row, "output", row.output()));
    }
    return table.toString();
  }

  private static String line(Row row, String kind, Tokens tokens) {
    return line(
        row.modelId(),
        row.calls(),
        kind,
        tokens.actual(),
        percent(tokens.boundTightness()),
        percent(tokens.tightness()),
        tokens.exceeded(),
        tokens.excess());
  }

  private static String percent(BigDecimal share) {
    return share.movePointRight(2).toPlainString() + " %";
  }

  private static String line(Object... cells) {
    return String.format(Locale.ROOT, "%-44s %7s  %-6s %12s %10s %12s %9s %10s%n", cells);
  }
}
