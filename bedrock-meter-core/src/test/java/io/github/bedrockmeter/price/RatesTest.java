// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RatesTest {

  @Test
  void costIsTheExactSumOfCountsTimesRates() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      Rates.Builder builder = Rates.builder("seed " + seed);
      Usage.Builder usage = Usage.builder(Source.BODY);
      BigDecimal expected = BigDecimal.ZERO;
      for (Meter meter : Meter.TOKENS) {
        // Up to 12 decimals per million, finer than femto-dollars; sums beyond a long of them.
        BigDecimal rate =
            new BigDecimal(random.nextInt(2_000_000_000)).movePointLeft(4 + random.nextInt(9));
        long count = random.nextLong(random.nextBoolean() ? 5_000_000_000L : 1_000);
        builder.perMillion(meter, rate.toPlainString());
        usage.count(meter, count);
        expected = expected.add(rate.movePointLeft(6).multiply(BigDecimal.valueOf(count)));
      }

      Cost.Known cost = (Cost.Known) builder.build().costOf(usage.build());

      assertThat(cost.amountUsd()).as("seed %d", seed).isEqualByComparingTo(expected);
      assertThat(cost.lines().stream().map(Cost.Line::usd).reduce(BigDecimal.ZERO, BigDecimal::add))
          .isEqualByComparingTo(expected);
      BigDecimal nanos = BigDecimal.valueOf(cost.nanoUsd(), 9);
      assertThat(nanos).isGreaterThanOrEqualTo(expected);
      assertThat(nanos.subtract(expected)).isLessThan(new BigDecimal("0.000000001"));
    }
  }

  @Test
  void aCountWithoutARateIsUnknownAndNeverZero() {
    Rates rates = Rates.builder("test").perMillion(Meter.INPUT, "3").build();

    Cost cost = rates.costOf(Usage.ofTokens(1_000_000, 1));

    assertThat(cost)
        .isEqualTo(new Cost.Unknown("no price for [output] in test", new BigDecimal("3")));
    assertThat(cost.usd()).isEmpty();
  }

  @Test
  void aRateOfZeroIsFreeAndNoRateIsUnknown() {
    Rates rates =
        Rates.builder("test")
            .perMillion(Meter.INPUT, "3")
            .perMillion(Meter.CACHE_WRITE_5M, "0")
            .build();

    assertThat(rates.costOf(new Usage(0, 0, 0, 9, 0, 0, Map.of(), Usage.NONE.sources())).usd())
        .contains(BigDecimal.ZERO);
    assertThat(rates.costOf(new Usage(0, 0, 9, 0, 0, 0, Map.of(), Usage.NONE.sources())))
        .isInstanceOf(Cost.Unknown.class);
  }

  @Test
  void unitsThatAreNoTokensArePricedBesideThem() {
    Meter images = Meter.outputImages("1024", "standard");
    Rates rates =
        Rates.builder("test").perMillion(Meter.INPUT, "3").perUnit(images, "0.04").build();

    Cost cost =
        rates.costOf(Usage.builder(Source.BODY).count(Meter.INPUT, 1_000).count(images, 3).build());

    assertThat(cost.usd()).contains(new BigDecimal("0.123"));
  }

  @Test
  void nothingCostsNothing() {
    assertThat(Cost.NOTHING.amountUsd()).isEqualTo(BigDecimal.ZERO);
    assertThat(Cost.NOTHING.lines()).isEmpty();
    assertThat(Rates.builder("test").build().costOf(Usage.NONE).usd()).contains(BigDecimal.ZERO);
  }

  @Test
  void ratesThatMakeNoSenseAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rates.builder("test").perMillion(Meter.INPUT, "-1"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Rates.builder("test").perMillion(Meter.INPUT, "1").perMillion(Meter.INPUT, "1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Rate(Meter.INPUT, BigDecimal.ONE, 30, Set.of(), "test"));
  }
}
