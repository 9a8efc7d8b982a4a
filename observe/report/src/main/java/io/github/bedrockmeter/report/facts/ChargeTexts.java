// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What many charges have in common: a row of {@code charge_texts}. Immutable and thread-safe. */
record ChargeTexts(
    String meter,
    @Nullable String source,
    @Nullable BigDecimal rateUsd,
    @Nullable Long ratePer,
    @Nullable String rateBasis,
    @Nullable String rateSource) {

  static ChargeTexts of(Charge charge) {
    return new ChargeTexts(
        charge.meter(),
        charge.source(),
        charge.rateUsd(),
        charge.ratePer(),
        charge.rateBasis(),
        charge.rateSource());
  }
}
