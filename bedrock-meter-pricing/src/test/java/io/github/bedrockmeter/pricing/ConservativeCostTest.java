// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Usage;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ConservativeCostTest {
  private final PriceCatalog catalog = PriceCatalog.bundled();
  private final Usage million = Usage.ofTokens(1_000_000, 1_000_000);

  private static PriceKey key(String modelId) {
    return new PriceKey(
        modelId, "us-east-1", PriceKey.STANDARD, Instant.parse("2026-11-22T00:00:00Z"));
  }

  private Cost.Known conservative(String modelId) {
    return (Cost.Known) catalog.conservativeCostOf(key(modelId), million);
  }

  @Test
  void anUnknownModelCostsNoLessThanAnyOfItsProvider() {
    Cost.Known unknown = conservative("anthropic.claude-tomorrow-9");

    assertThat(unknown.basis()).containsExactly(Basis.CONSERVATIVE);
    for (String model : catalog.models()) {
      if (model.startsWith("anthropic.")
          && catalog.costOf(key(model), million) instanceof Cost.Known known) {
        assertThat(unknown.amountUsd()).as(model).isGreaterThanOrEqualTo(known.amountUsd());
      }
    }
  }

  @Test
  void anUnknownProviderCostsNoLessThanAny() {
    assertThat(conservative("acme.model-1").amountUsd())
        .isGreaterThanOrEqualTo(conservative("anthropic.claude-tomorrow-9").amountUsd());
  }

  @Test
  void aProfileWhoseModelIsHiddenCostsNoLessThanAny() {
    String profile =
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdef123456";

    assertThat(conservative(profile)).isEqualTo(conservative("acme.model-1"));
  }
}
