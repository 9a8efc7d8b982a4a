// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.whatif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.scene.Metered;
import io.github.bedrockmeter.report.sheet.Sheet;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WhatIfTest {
  private static final String LITE = "global.amazon.nova-2-lite-v1:0";
  private static final String SONNET = "us.anthropic.claude-sonnet-4-6";
  private static final String TERRA = "us.openai.gpt-5.6-terra";
  private static final PriceCatalog PRICES = PriceCatalog.bundled();

  private final List<Metered> calls = new ArrayList<>();

  private record Answer(Sheet groups, Sheet total, Sheet leftOut) {}

  @Test
  void anotherTierCostsWhatItsOwnRowsSay() {
    calls.add(Metered.call(LITE, "2026-10-05T12:00:00Z").tokens(0, 1_000_000).tag("team", "a"));
    calls.add(Metered.call(LITE, "2026-10-06T12:00:00Z").tokens(0, 500_000).tag("team", "b"));
    calls.add(Metered.call(LITE, "2026-10-06T12:00:00Z").tokens(0, 500_000));

    Answer flex = ask(tier("flex"), "tag:team");

    assertThat(flex.leftOut().rows()).isEmpty();
    assertThat(flex.groups().rows()).hasSize(3);
    assertThat(flex.groups().rows().get(0))
        .containsExactly("a", 1L, 0L, usd("2.5"), usd("1.25"), usd("-1.25"), new BigDecimal("-50"));
    assertThat(flex.groups().rows().get(1).get(0)).isEqualTo("(none)");
    assertThat(flex.total().rows())
        .containsExactly(List.of(3L, 0L, usd("5"), usd("2.5"), usd("-2.5"), new BigDecimal("-50")));
  }

  @Test
  void aModelWithoutTheTierIsListedAndInNoSum() {
    calls.add(Metered.call(LITE, "2026-10-05T12:00:00Z").tokens(0, 1_000_000));
    calls.add(Metered.call(SONNET, "2026-10-05T12:00:00Z").tokens(1_000, 0));

    Answer flex = ask(tier("flex"), "month");

    assertThat(flex.groups().rows().get(0).subList(0, 5))
        .containsExactly("2026-10", 1L, 1L, usd("2.5"), usd("1.25"));
    assertThat(flex.leftOut().rows()).hasSize(1);
    assertThat(flex.leftOut().get(0, "model")).isEqualTo("anthropic.claude-sonnet-4-6");
    assertThat(String.valueOf(flex.leftOut().get(0, "reason"))).contains("tier flex");
  }

  @Test
  void anotherModelKeepsTheGeographyAndTheTokens() {
    calls.add(Metered.call(SONNET, "2026-10-05T12:00:00Z").tokens(1_000_000, 100_000));
    calls.add(
        Metered.call("global.anthropic.claude-sonnet-4-6", "2026-10-05T12:00:00Z")
            .tokens(1_000_000, 0));

    Answer haiku =
        ask(
            model("anthropic.claude-sonnet-4-6", "anthropic.claude-haiku-4-5-20251001-v1:0"),
            "model");

    // Haiku 4.5: 1.10 and 5.50 in a geography, 1.00 worldwide.
    assertThat(haiku.groups().get(0, "before_usd")).isEqualTo(usd("7.95"));
    assertThat(haiku.groups().get(0, "after_usd")).isEqualTo(usd("2.65"));
  }

  @Test
  void withoutACacheItsTokensAreInput() {
    calls.add(
        Metered.call(SONNET, "2026-10-05T12:00:00Z")
            .tokens(1_000, 0)
            .with(Meter.CACHE_READ, 1_000_000)
            .with(Meter.CACHE_WRITE_1H, 100_000));

    Answer plain = ask(new Change(null, null, null, Map.of(), null, true), "model");

    assertThat(plain.groups().get(0, "before_usd")).isEqualTo(usd("0.9933"));
    assertThat(plain.groups().get(0, "after_usd")).isEqualTo(usd("3.6333"));
  }

  @Test
  void anotherDayHasItsOwnPrices() {
    calls.add(Metered.call(TERRA, "2026-10-05T12:00:00Z").tokens(1_000_000 / 4, 0));

    Answer before =
        ask(new Change(null, null, null, Map.of(), LocalDate.parse("2026-07-20"), false), "model");

    assertThat(before.groups().get(0, "before_usd")).isEqualTo(usd("0.55"));
    assertThat(before.groups().get(0, "after_usd")).isEqualTo(usd("0.6875"));
  }

  @Test
  void aLongRequestMovesToTheLongRateOfTheModelThatIsAsked() {
    calls.add(Metered.call(SONNET, "2026-10-05T12:00:00Z").tokens(272_000, 0));
    calls.add(Metered.call(SONNET, "2026-10-05T12:00:00Z").tokens(272_001, 0));

    Answer terra = ask(model(SONNET, TERRA), "model");

    assertThat(terra.groups().get(0, "after_usd"))
        .isEqualTo(new BigDecimal("1.7952044")); // 272,000 at 2.20 and 272,001 at 4.40
  }

  @Test
  void callsWithoutACostAreListed() {
    calls.add(Metered.call("anthropic.claude-nine", "2026-10-05T12:00:00Z").tokens(1_000, 0));
    calls.add(Metered.call(SONNET, "2026-10-05T12:00:00Z").tokens(1_000, 0));

    Answer same = ask(Change.NONE, "model");

    assertThat(same.groups().rows()).hasSize(2);
    assertThat(same.leftOut().rows()).hasSize(1);
    assertThat(same.leftOut().get(0, "calls")).isEqualTo(1L);
    assertThat(same.leftOut().get(0, "before_usd")).isNull();
  }

  @Test
  void pricedAgainWithoutAChangeNothingDiffersToTheLastDigit() {
    Random random = new Random(20261129);
    List<String> models =
        List.of(SONNET, LITE, TERRA, "amazon.nova-pro-v1:0", "qwen.qwen3-32b-v1:0");
    for (int i = 0; i < 2_000; i++) {
      calls.add(
          Metered.call(
                  models.get(i % models.size()), "2026-10-%02dT12:00:00Z".formatted(1 + i % 28))
              .tokens(random.nextInt(400_000), random.nextInt(9_000))
              .in(List.of("us-east-1", "us-west-2", "eu-central-1").get(i % 3))
              .tag("team", "t" + i % 7));
    }

    Answer same = ask(Change.NONE, "model", "tag:team", "region");

    assertThat(same.groups().rows()).isNotEmpty();
    for (int i = 0; i < same.groups().rows().size(); i++) {
      assertThat(same.groups().get(i, "difference_usd")).isEqualTo(BigDecimal.ZERO);
      assertThat(same.groups().get(i, "left_out")).isEqualTo(0L);
    }
  }

  @Test
  void aNameThatIsNotKnownIsAnErrorWithTheNearest() {
    calls.add(Metered.call(SONNET, "2026-10-05T12:00:00Z").tokens(1_000, 0));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ask(model("us.anthropic.claude-sonet-4-6", SONNET), "model"))
        .withMessageContaining("did you mean 'us.anthropic.claude-sonnet-4-6'?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ask(model(SONNET, "anthropic.claude-nine"), "model"))
        .withMessageContaining("anthropic.claude-nine");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Grouping.of(List.of("modle")))
        .withMessageContaining("did you mean 'model'?");
  }

  private Answer ask(Change change, String... by) {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        calls.forEach(call -> writer.add(call.facts(PRICES)));
      }
      WhatIf whatIf = WhatIf.of(tables, PRICES, change);
      return new Answer(whatIf.by(Grouping.of(List.of(by))), whatIf.total(), whatIf.leftOut());
    }
  }

  private static Change tier(@Nullable String tier) {
    return new Change(null, null, tier, Map.of(), null, false);
  }

  private static Change model(String from, String to) {
    return new Change(null, null, null, Map.of(from, to), null, false);
  }

  private static BigDecimal usd(String amount) {
    return new BigDecimal(amount);
  }
}
