// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.Budget.UnknownPrice;
import io.github.bedrockmeter.budget.BudgetScope;
import io.github.bedrockmeter.ledger.Unit;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A budget in words that both sides understand: the meter gets a {@link Budget} made of it, the
 * reference reads it as it is.
 *
 * @param limit in the unit
 * @param limits limits of their own, by team; only where it counts per team alone
 * @param per {@code team}, or nothing
 * @param onlyModel the only model that it counts; null for all
 * @param fallbackShare the share from which on it falls back at once; null if only when short
 */
record Definition(
    String name,
    Unit unit,
    long limit,
    Map<String, Long> limits,
    Span span,
    List<String> per,
    boolean perModel,
    @Nullable String onlyModel,
    List<BigDecimal> warnings,
    Mode mode,
    UnknownPrice unknownPrice,
    boolean fits,
    long leastOutput,
    @Nullable String fallback,
    @Nullable BigDecimal fallbackShare,
    boolean waits) {

  /** No test waits so long: who waits is let in, denied, or leaves. */
  private static final Duration LONG = Duration.ofHours(1);

  Budget budget() {
    Budget.Builder budget =
        Budget.named(name)
            .limit(new Amount(limit, unit))
            .window(span.window())
            .per(per.toArray(String[]::new))
            .warnAt(warnings.stream().mapToDouble(BigDecimal::doubleValue).toArray())
            .mode(mode)
            .unknownPrice(unknownPrice)
            .onShortfall(fits ? Budget.OnShortfall.FIT_OUTPUT : Budget.OnShortfall.DENY)
            .leastOutputTokens(leastOutput);
    if (!limits.isEmpty()) {
      budget.limits(
          limits.entrySet().stream()
              .collect(
                  Collectors.toMap(
                      own -> BudgetScope.of("team", own.getKey()).toString(),
                      own -> new Amount(own.getValue(), unit))));
    }
    if (perModel) {
      budget.perModel();
    }
    if (onlyModel != null) {
      budget.when(call -> call.modelId().equals(onlyModel));
    }
    if (fallback != null && fallbackShare != null) {
      budget.fallbackAt(fallbackShare.doubleValue(), fallback);
    } else if (fallback != null) {
      budget.fallback(fallback);
    }
    return waits ? budget.waitUpTo(LONG).build() : budget.build();
  }
}
