// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class CostSumTest {
  private final Cost known =
      Rates.builder("test")
          .perMillion(Meter.INPUT, "3.30")
          .build()
          .costOf(Usage.ofTokens(1_000, 0));

  @Test
  void knownCostsAddUpExactly() {
    assertThat(Cost.Sum.NONE.plus(known).plus(known)).hasToString("$0.0066");
    assertThat(Cost.Sum.NONE).hasToString("$0.00");
  }

  @Test
  void unknownCostsAreSaidAndNeverZero() {
    Cost partly = new Cost.Unknown("no price for output", new BigDecimal("0.0001"));

    Cost.Sum sum = Cost.Sum.NONE.plus(known).plus(partly);

    assertThat(sum.isExact()).isFalse();
    assertThat(sum).hasToString("at least $0.0034, 1 call unpriced");
    assertThat(sum.plus(new Cost.Unknown("no price")))
        .hasToString("at least $0.0034, 2 calls unpriced");
  }
}
