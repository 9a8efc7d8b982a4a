// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budgetsfile.BudgetsFile;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.scene.Metered;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetAdviceTest {
  private static final Instant FROM = Instant.parse("2026-10-01T00:00:00Z");
  private static final Instant TO = Instant.parse("2026-11-01T00:00:00Z");

  @TempDir Path folder;

  private final List<Metered> calls = new ArrayList<>();

  @Test
  void theFileHoldsThePercentileOfTheDaysAndIsReadBack() throws Exception {
    // 1 to 20 dollars on twenty days: the 95th percentile is 19 dollars, 210 in all.
    for (int day = 1; day <= 20; day++) {
      spend("search", "2026-10-%02d".formatted(day), day);
    }
    spend("odd, \\\"team\\\"\n=x", "2026-10-03", 2);
    spend("november", "2026-11-01", 500);
    calls.add(call("2026-10-05", 3));

    BudgetAdvice advice = ask();
    List<Budget> budgets =
        BudgetsFile.read(Files.writeString(folder.resolve("budgets.yaml"), advice.budgetsFile()));

    assertThat(advice.spend().rows()).hasSize(3);
    assertThat(advice.spend().get(0, "percentile_usd")).isEqualTo(new BigDecimal("19"));
    assertThat(advice.spend().get(0, "median_usd")).isEqualTo(new BigDecimal("10"));
    assertThat(advice.spend().get(0, "highest_usd")).isEqualTo(new BigDecimal("20"));
    assertThat(budgets).extracting(Budget::name).containsExactly("team-daily", "team-monthly");
    assertThat(advice.budgetsFile())
        .contains("\"team=search\": 22.80 USD")
        .contains("\"team=search\": 252.00 USD")
        .contains("\"team=\": 3.60 USD")
        .contains("mode: shadow")
        .doesNotContain("november");
    assertThat(budgets.get(0).limit()).isEqualTo(Amount.usd("3.60"));
  }

  @Test
  void callsWithoutAPriceAreSaidToBeMissing() {
    spend("search", "2026-10-03", 2);
    calls.add(Metered.call("anthropic.claude-nine", "2026-10-03T12:00:00Z").tokens(5, 5));

    assertThat(ask().budgetsFile()).contains("# 1 calls had no price");
  }

  @Test
  void withoutSpendThereIsNothingToSuggest() {
    assertThatIllegalStateException()
        .isThrownBy(() -> ask().budgetsFile())
        .withMessageContaining("no call with a price");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new BudgetAdvice.Options("team", FROM, TO, BigDecimal.valueOf(950), BigDecimal.TEN))
        .withMessageContaining("percentile");
  }

  private void spend(String team, String day, int usd) {
    calls.add(call(day, usd).tag("team", team));
  }

  /** Nova Pro's output costs 3.20 dollars a million. */
  private static Metered call(String day, int usd) {
    return Metered.call("amazon.nova-pro-v1:0", day + "T12:00:00Z").tokens(0, usd * 312_500L);
  }

  private BudgetAdvice ask() {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        calls.forEach(call -> writer.add(call.facts(PriceCatalog.bundled())));
      }
      return BudgetAdvice.of(
          tables,
          new BudgetAdvice.Options(
              "team", FROM, TO, BigDecimal.valueOf(95), BigDecimal.valueOf(20)));
    }
  }
}
