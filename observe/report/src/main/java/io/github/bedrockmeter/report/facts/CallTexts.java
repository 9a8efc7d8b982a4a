// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import io.github.bedrockmeter.report.facts.CallFacts.Model;
import org.jspecify.annotations.Nullable;

/** What many calls have in common: a row of {@code call_texts}. Immutable and thread-safe. */
record CallTexts(
    String source,
    @Nullable String file,
    @Nullable String account,
    @Nullable String region,
    @Nullable String inferenceRegion,
    @Nullable String principal,
    Model model,
    End end,
    @Nullable String usageSource,
    @Nullable String unpricedReason,
    @Nullable String priceBook,
    @Nullable String anomalies) {

  /** How a call ended, but for its times. */
  record End(
      String outcome,
      @Nullable String error,
      @Nullable Integer statusCode,
      @Nullable String sent,
      @Nullable String charge,
      @Nullable Integer attempts) {}

  static CallTexts of(CallFacts facts) {
    CallFacts.Identity identity = facts.identity();
    CallFacts.Outcome outcome = facts.outcome();
    return new CallTexts(
        facts.origin().source(),
        facts.origin().file(),
        identity.account(),
        identity.region(),
        identity.inferenceRegion(),
        identity.principal(),
        facts.model(),
        new End(
            outcome.outcome(),
            outcome.error(),
            outcome.statusCode(),
            outcome.sent(),
            outcome.charge(),
            outcome.attempts()),
        facts.counts().source(),
        facts.money().unpricedReason(),
        facts.money().priceBook(),
        facts.anomalies());
  }
}
