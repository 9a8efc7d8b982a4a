// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.budget.Budget;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One budget, {@code bedrock.meter.budgets.<name>.*}: the keys of a budgets file, with the same
 * values. Immutable.
 *
 * @param limit An amount with its unit, such as "25.00 USD", "500_000 tokens" or "100 requests".
 * @param window The span it counts in, such as "daily in Europe/Berlin", "minutely" or "lifetime".
 * @param per Tags that have a balance for each value, or each combination of values.
 * @param perModel Whether each model has a balance of its own.
 * @param when Which calls it counts; all by default.
 * @param limits Limits of single scopes, such as "[tenant=acme]: 100.00 USD".
 * @param warnAt Shares of the limit that are reported when they are reached, such as 0.8.
 * @param mode Whether it denies, only reports, or only counts.
 * @param unknownPrice What a dollar budget does with a call whose price is unknown.
 * @param onShortfall What it does first with a call that does not fit.
 * @param leastOutputTokens The output limit of a call is lowered to no less than this.
 * @param requireMaxTokens Whether calls that set no output limit are denied.
 * @param defaultMaxTokens The output limit that is sent with calls that set none.
 * @param requireBound Whether calls whose estimate is no upper bound are denied.
 * @param fallback The model that is called instead of denying.
 * @param waitUpTo How long a call waits for room before it is denied.
 * @param grants Amounts beyond the limit, for a while.
 * @param frozen Reasons by scope; all calls of the scope are denied.
 */
public record BudgetProperties(
    @Nullable String limit,
    @Nullable String window,
    @Nullable List<String> per,
    @Nullable Boolean perModel,
    @Nullable When when,
    @Nullable Map<String, String> limits,
    @Nullable List<BigDecimal> warnAt,
    Budget.@Nullable Mode mode,
    Budget.@Nullable UnknownPrice unknownPrice,
    Budget.@Nullable OnShortfall onShortfall,
    @Nullable Long leastOutputTokens,
    @Nullable Boolean requireMaxTokens,
    @Nullable Long defaultMaxTokens,
    @Nullable Boolean requireBound,
    @Nullable Fallback fallback,
    @Nullable Duration waitUpTo,
    @Nullable List<Grant> grants,
    @Nullable Map<String, String> frozen) {

  /**
   * Which calls a budget counts. Immutable.
   *
   * @param models Patterns of model ids, such as "*anthropic.claude*".
   * @param tags Patterns of the values that tags must have.
   */
  public record When(@Nullable List<String> models, @Nullable Map<String, List<String>> tags) {}

  /**
   * What is called instead of denying. Immutable.
   *
   * @param model The id of a model.
   * @param atShare The share of the limit from which on it is called at once.
   */
  public record Fallback(@Nullable String model, @Nullable BigDecimal atShare) {}

  /**
   * More than the limit, for a while. Immutable.
   *
   * @param scope Whose limit, such as "tenant=acme"; left out if the budget has one balance.
   * @param extra An amount with its unit.
   * @param until A time with its offset, or "forever".
   * @param reason Why; it is in the events.
   */
  public record Grant(
      @Nullable String scope,
      @Nullable String extra,
      @Nullable String until,
      @Nullable String reason) {}
}
