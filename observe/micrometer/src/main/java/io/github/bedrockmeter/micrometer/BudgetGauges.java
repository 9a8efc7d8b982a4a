// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.ledger.Unit;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Where budgets stand in the ledger, as of the last look at it. Thread-safe. */
final class BudgetGauges {
  private static final Log log = Log.to(LoggerFactory.getLogger(BudgetGauges.class));

  private final Watched watched;
  private final BedrockMeter meter;
  private final int mostBalances;
  private final LongSupplier nanoClock;
  private final Values used;
  private final Values held;
  private final Values abandoned;
  private final Values limit;
  private final Values forecast;
  private final Values hidden;
  private final Set<String> untagged = new HashSet<>();
  private volatile long lastNanos;
  private boolean failing;

  /**
   * Gauges of one meter's budgets.
   *
   * @param mostBalances of each budget, the largest ones
   */
  BudgetGauges(Watched watched, BedrockMeter meter, int mostBalances, LongSupplier nanoClock) {
    this.watched = watched;
    this.meter = meter;
    this.mostBalances = mostBalances;
    this.nanoClock = nanoClock;
    this.lastNanos = nanoClock.getAsLong();
    this.used = values("used", "Charged in the current window");
    this.held = values("held", "Set aside for calls in flight");
    this.abandoned = values("abandoned", "The part of held whose process has ended");
    this.limit = values("limit", "The limit now, grants included");
    this.forecast =
        values("forecast", "Charged by the window's end, if spending goes on as it did");
    this.hidden = values("hidden", "1 if the budget has more balances than are shown");
    watched.age(
        "bedrock.meter.budget.snapshot.age",
        "Age of the other gauges of budgets",
        TimeUnit.NANOSECONDS,
        () -> nanoClock.getAsLong() - lastNanos);
    watched.gauge(
        "bedrock.meter.ledger.available",
        "1 if the ledger answers, 0 if it is tried once a second",
        () -> meter.health().ledgerAnswers() ? 1 : 0);
  }

  private Values values(String name, String description) {
    return watched.values("bedrock.meter.budget." + name, description);
  }

  /**
   * Looks at the ledger; what it does not answer in time leaves the gauges as they are. Throws
   * nothing, since a schedule ends with the first exception.
   */
  void refresh() {
    try {
      showUntaggedCalls();
      List<BudgetStatus> statuses = meter.snapshot(mostBalances + 1).get(10, TimeUnit.SECONDS);
      watched.update(() -> show(statuses));
      lastNanos = nanoClock.getAsLong();
      failing = false;
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (Throwable failure) {
      if (!failing) {
        log.warn("The gauges of budgets are not up to date; they are tried again", failure);
      }
      failing = true;
    }
  }

  /** Tags become known with the first call that has no value for them. */
  private void showUntaggedCalls() {
    for (String tag : meter.untaggedCalls().keySet()) {
      if (!untagged.add(tag)) {
        continue;
      }
      watched.counter(
          "bedrock.meter.calls.untagged",
          Tags.of("tag", tag),
          "Calls without a tag that a budget counts per",
          () -> meter.untaggedCalls().getOrDefault(tag, 0L));
    }
  }

  private void show(List<BudgetStatus> statuses) {
    Map<String, List<BudgetStatus>> byBudget = new HashMap<>();
    for (BudgetStatus status : statuses) {
      byBudget.computeIfAbsent(status.budget().name(), name -> new ArrayList<>()).add(status);
    }
    List<BudgetStatus> shown = new ArrayList<>();
    Map<Tags, Double> more = new HashMap<>();
    byBudget.forEach(
        (name, balances) -> {
          shown.addAll(balances.subList(0, Math.min(mostBalances, balances.size())));
          more.put(Tags.of("budget", name), balances.size() > mostBalances ? 1.0 : 0.0);
        });
    hidden.show(more);
    used.show(numbers(shown, BudgetStatus::settled));
    held.show(numbers(shown, BudgetStatus::held));
    abandoned.show(numbers(shown, BudgetStatus::abandoned));
    limit.show(numbers(shown, BudgetStatus::limit));
    forecast.show(numbers(shown, BudgetStatus::forecast));
  }

  private static Map<Tags, Double> numbers(
      List<BudgetStatus> statuses, Function<BudgetStatus, @Nullable Amount> value) {
    Map<Tags, Double> numbers = new HashMap<>();
    for (BudgetStatus status : statuses) {
      Amount amount = value.apply(status);
      if (amount != null) {
        Tags tags =
            Tags.of(
                "budget",
                status.budget().name(),
                "scope",
                status.scope().isEmpty() ? "(all)" : status.scope(),
                "unit",
                unit(amount.unit()));
        numbers.put(tags, number(amount));
      }
    }
    return numbers;
  }

  private static String unit(Unit unit) {
    return switch (unit) {
      case NANO_USD -> "usd";
      case TOKENS -> "tokens";
      case REQUESTS -> "requests";
    };
  }

  /** Dollars, tokens or requests, as exactly as a double holds them. */
  private static double number(Amount amount) {
    return amount.unit() == Unit.NANO_USD ? amount.units() / 1e9 : amount.units();
  }
}
