// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.budgets.BudgetReports.Claim;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.estimate.CountedTokens;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * What a request would cost, least, expected and at most, and which budget would bind. Made by
 * {@link BedrockMeter#quote}; the request is not sent. Immutable and thread-safe.
 *
 * <p>The most is the estimate that budgets hold. Without a tokenizer the others are rules of thumb
 * for text: a token is about four bytes, and seldom more than eight; an answer is expected to use a
 * quarter of its {@code maxTokens}, and may be empty. {@link #counted} replaces the input by
 * Bedrock's own count.
 */
public final class Quote {
  private static final int BYTES_PER_TOKEN_AT_MOST = 8;
  private static final int BYTES_PER_TOKEN_EXPECTED = 4;
  private static final int EXPECTED_PART_OF_OUTPUT = 4;

  private final Metering metering;
  private final Budgets budgets;
  private final Asked asked;
  private final MeteredCall call;
  private final @Nullable Long countedInput;

  private Quote(
      Metering metering,
      Budgets budgets,
      Asked asked,
      MeteredCall call,
      @Nullable Long countedInput) {
    this.metering = metering;
    this.budgets = budgets;
    this.asked = asked;
    this.call = call;
    this.countedInput = countedInput;
  }

  static Quote of(Metering metering, Budgets budgets, Asked asked) {
    return new Quote(metering, budgets, asked, metering.describe(asked), null);
  }

  /** The model that is quoted. */
  public String modelId() {
    return call.modelId();
  }

  /** The price tier that is quoted, {@code standard} unless the request asks for another. */
  public String tier() {
    return call.pricing().tier();
  }

  /** The least the request can use: its prompt, and no answer. */
  public Usage leastUsage() {
    return usage(BYTES_PER_TOKEN_AT_MOST, 0);
  }

  /** What the request is expected to use. */
  public Usage expectedUsage() {
    long output = call.estimate().outputTokens();
    return usage(
        BYTES_PER_TOKEN_EXPECTED, (output + EXPECTED_PART_OF_OUTPUT - 1) / EXPECTED_PART_OF_OUTPUT);
  }

  /** The most the request can use; what budgets hold while it is in flight. */
  public Usage mostUsage() {
    return countedInput == null ? call.estimate() : usage(1, call.estimate().outputTokens());
  }

  /** The cost of {@link #leastUsage}. */
  public Cost least() {
    return metering.costs().price(call.pricing(), leastUsage(), call.id());
  }

  /** The cost of {@link #expectedUsage}. */
  public Cost expected() {
    return metering.costs().price(call.pricing(), expectedUsage(), call.id());
  }

  /** The cost of {@link #mostUsage}, of cache writes if the request has cache points. */
  public Cost most() {
    return countedInput == null
        ? call.estimatedCost()
        : metering.costs().price(call.pricing(), mostUsage(), call.id());
  }

  private Usage usage(int bytesPerToken, long output) {
    Usage estimate = call.estimate();
    long input =
        countedInput != null
            ? countedInput
            : (estimate.inputTokens() + bytesPerToken - 1) / bytesPerToken;
    return estimate.with(Meter.INPUT, input).with(Meter.OUTPUT, output);
  }

  /**
   * The budget that would be the first to stop such calls: the one that does not take this call, or
   * else the one with the smallest share of its limit left after it. Empty if no budget counts it.
   * Waits for the ledger, up to the meter's {@code ledgerTimeout}.
   *
   * @throws io.github.bedrockmeter.ledger.LedgerUnavailableException if the ledger does not report
   *     its balances in time
   */
  public Optional<Binding> binding() {
    List<Claim> claims = budgets.reports().claims(call);
    return claims.stream()
        .map(claim -> new Binding(claim.status(), claim.requested()))
        .min(Comparator.comparing(Binding::shareLeft));
  }

  /**
   * A budget that counts the quoted call.
   *
   * @param status where the budget stands
   * @param requested what it would hold for the call
   */
  public record Binding(BudgetStatus status, Amount requested) {

    /** Whether the budget would take the call now. */
    public boolean fits() {
      return requested.units() <= status.available().units();
    }

    BigDecimal shareLeft() {
      BigDecimal limit = BigDecimal.valueOf(Math.max(1, status.budget().limit().units()));
      return BigDecimal.valueOf(status.available().units())
          .subtract(BigDecimal.valueOf(requested.units()))
          .divide(limit, MathContext.DECIMAL64);
    }
  }

  /** The same request to another model. */
  public Quote on(String otherModelId) {
    return of(metering, budgets, asked.withModel(metering.modelNamed(otherModelId)));
  }

  /** The same request in another tier: {@code standard}, {@code flex}, {@code priority}, ... */
  public Quote onTier(String tier) {
    PriceKey pricing = call.pricing().withTier(tier);
    MeteredCall other =
        new MeteredCall(
            call.id(),
            call.operation(),
            call.requestedModel(),
            pricing,
            call.tags(),
            call.bound(),
            call.estimate(),
            metering.costs().price(pricing, call.estimate(), call.id()),
            call.amendments());
    return new Quote(metering, budgets, asked, other, countedInput);
  }

  /**
   * The same quote with the input that Bedrock's CountTokens counts; waits for Bedrock. It is free
   * of charge, and not every model supports it: where Bedrock refuses, or the request has no such
   * count, this quote is returned as it is.
   */
  public Quote counted(BedrockRuntimeClient client) {
    Long tokens = CountedTokens.of(client, asked.request(), call.modelId());
    return tokens == null ? this : new Quote(metering, budgets, asked, call, tokens);
  }

  @Override
  public String toString() {
    return modelId()
        + " ("
        + tier()
        + "): "
        + least()
        + " to "
        + most()
        + ", expected "
        + expected();
  }
}
