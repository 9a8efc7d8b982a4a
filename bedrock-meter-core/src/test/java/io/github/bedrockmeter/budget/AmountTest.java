// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class AmountTest {

  @Test
  void amountsAreShownAsPeopleWriteThem() {
    assertThat(Amount.usd("25")).hasToString("$25.00");
    assertThat(Amount.usd("0.42")).hasToString("$0.42");
    assertThat(Amount.usd("0.000000001")).hasToString("$0.000000001");
    assertThat(Amount.usd("0")).hasToString("$0.00");
    assertThat(Amount.tokens(1_200)).hasToString("1,200 tokens");
    assertThat(Amount.tokens(1)).hasToString("1 token");
    assertThat(Amount.requests(3)).hasToString("3 requests");
  }

  @Test
  void dollarsAreWholeNanoDollars() {
    assertThat(Amount.usd("25.00").units()).isEqualTo(25_000_000_000L);
  }

  @Test
  void whatIsNoAmountIsRefusedAndQuoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Amount.usd("25,00"))
        .withMessageContaining("'25,00'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Amount.usd("0.0000000001"))
        .withMessageContaining("1E-10");
    assertThatIllegalArgumentException().isThrownBy(() -> Amount.usd("10000000000"));
    assertThatIllegalArgumentException().isThrownBy(() -> Amount.usd("-1"));
    assertThatIllegalArgumentException().isThrownBy(() -> Amount.tokens(-1));
  }
}
