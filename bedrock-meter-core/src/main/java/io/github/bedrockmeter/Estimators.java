// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.internal.estimate.CalibratedEstimator;
import io.github.bedrockmeter.internal.estimate.CountTokensEstimator;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;

/**
 * Estimators that come closer than {@link UsageEstimator#bound}, so that budgets hold less for a
 * call in flight. All are thread-safe. Give one to {@link BedrockMeter.Builder#estimator}, which
 * notifies it of every call. Inside an estimator of your own one that learns is not notified: it is
 * a {@code MeterListener} too, so register it as one.
 */
public final class Estimators {
  private static final Duration WAIT = Duration.ofMillis(500);

  private Estimators() {}

  /**
   * Learns from calls that were charged what Bedrock reported: how many tokens of its bound a
   * model's prompt comes to, cached ones included, and what part of {@code maxTokens} its answer
   * uses. It answers the quantile of each, rounded up, and never more than the bound.
   *
   * <p>It learns each model id apart, of 1,000 at most, and calls of different size apart, by
   * powers of four of their bounds. Until it has seen 100 calls of a kind, or 1 / (1 - quantile) if
   * that is more, the bound stands. It weighs some thousand of the latest calls, and gives up what
   * it has learned when a run of calls exceeds it.
   *
   * <p>With such an estimator a limit can be exceeded, by the calls in the tail: a call's input and
   * its output each exceed the estimate with a probability of 1 - quantile, and the limit is
   * exceeded by no more than the bounds of the calls then in flight are above their estimates. Only
   * {@link UsageEstimator#bound} excludes it.
   *
   * @param quantile 0.9 to 0.9999: 0.99 for estimates that one call in a hundred exceeds
   */
  public static UsageEstimator calibrated(double quantile) {
    return new CalibratedEstimator(quantile);
  }

  /**
   * Like {@link #countTokens(BedrockRuntimeAsyncClient, UsageEstimator, Duration)}, with the bound
   * for the rest, and half a second.
   */
  public static UsageEstimator countTokens(BedrockRuntimeAsyncClient client) {
    return countTokens(client, UsageEstimator.bound(), WAIT);
  }

  /**
   * Asks Bedrock's CountTokens, which is free and documented to match what is charged, for the
   * input tokens of Converse and InvokeModel calls and their streams; the output is estimated by
   * another estimator. Asks for the model behind a profile, as far as the meter's price book knows
   * it. Each content is asked for once an hour, also by {@link BedrockMeter#quote}: its SHA-256 is
   * kept with the count, not its text.
   *
   * <p>A call whose count Bedrock refuses, or does not answer in time, is wholly estimated by the
   * other. A model that Bedrock does not count for is not asked about for ten minutes; after
   * throttling, failures and late answers for a second, doubling up to 64. Synchronous calls wait
   * for the count; for asynchronous ones no thread waits, and one of the meter's own goes on with
   * them.
   *
   * @param client whom to ask: a plain client, which stays the caller's to close
   * @param otherwise for the output, and for all that is not counted
   * @param atMost how long a call waits for its count
   */
  public static UsageEstimator countTokens(
      BedrockRuntimeAsyncClient client, UsageEstimator otherwise, Duration atMost) {
    return new CountTokensEstimator(client, otherwise, atMost, PriceBook.none(), System::nanoTime);
  }

  /**
   * Adds up, for each model, how close estimates came to what was used, beside the built-in bound:
   * so it shows what another estimator would save, and how often this one is exceeded. Counts calls
   * that were charged what Bedrock reported. Thread-safe; a call costs it a few additions under a
   * lock.
   */
  public static final class Summary implements MeterListener {
    private static final int MOST_MODELS = 1_000;
    private static final String OTHERS = "(others)";

    private final Map<String, Row> rows = new TreeMap<>();

    /**
     * The calls of one model. Immutable and thread-safe.
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
     * Sums of tokens. Immutable and thread-safe.
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
}
