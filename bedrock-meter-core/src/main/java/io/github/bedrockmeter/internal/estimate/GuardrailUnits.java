// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.Texts;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.List;
import software.amazon.awssdk.core.SdkPojo;

/** The text units that a guardrail may charge for a call. Stateless. */
final class GuardrailUnits {
  /** A text unit is up to so many characters. */
  private static final int CHARACTERS_PER_UNIT = 1_000;

  /** An answer's token is seldom longer. */
  private static final long CHARACTERS_PER_TOKEN = 8;

  /** The policies a guardrail may apply to one text; which ones it does is not in the request. */
  private static final List<String> POLICIES =
      List.of(
          "topicPolicy",
          "contentPolicy",
          "sensitiveInformationPolicy",
          "contextualGroundingPolicy",
          "automatedReasoningPolicy");

  private static final List<String> CHECKS =
      List.of("contentFilter", "promptAttack", "sensitiveInformation");

  /** Images have a price of their own; the content policy is the one that looks at them. */
  private static final Meter IMAGES = Meter.guardrailUnits("contentPolicyImage");

  private GuardrailUnits() {}

  /** Of an ApplyGuardrail request. */
  static Usage ofPolicies(SdkPojo request) {
    return units(request, POLICIES);
  }

  /** Of an InvokeGuardrailChecks request. */
  static Usage ofChecks(SdkPojo request) {
    return units(request, CHECKS);
  }

  private static Usage units(SdkPojo request, List<String> policies) {
    long characters = Texts.characters(request);
    long units = Math.max(1, (characters + CHARACTERS_PER_UNIT - 1) / CHARACTERS_PER_UNIT);
    Usage.Builder builder = Usage.builder(Source.ESTIMATED);
    policies.forEach(policy -> builder.count(Meter.guardrailUnits(policy), units));
    count(Texts.images(request), builder);
    return builder.build();
  }

  private static void count(long images, Usage.Builder builder) {
    if (images > 0) {
      builder.count(IMAGES, images);
    }
  }

  /**
   * With the text units of a guardrail that the request names, of its prompt and its answer. The
   * bound of a prompt is at least its characters; another estimate of its tokens is not.
   */
  static Usage added(Asked asked, Usage estimate, long promptCharacters) {
    if (!asked.hasGuardrail()) {
      return estimate;
    }
    long characters = promptCharacters + CHARACTERS_PER_TOKEN * estimate.outputTokens();
    // A text is counted in whole units, and a guardrail looks at prompt and answer apart.
    long units = characters / CHARACTERS_PER_UNIT + 2;
    Usage.Builder builder = Usage.builder(Source.ESTIMATED);
    estimate.forEach(builder::count);
    POLICIES.forEach(policy -> builder.count(Meter.guardrailUnits(policy), units));
    count(asked.images(), builder);
    Usage guarded = Assumptions.copied(estimate, builder.build());
    return estimate.outputTokens() == 0
        ? guarded
        : guarded.assuming(
            Assumption.notShown(
                Meter.guardrailUnits(POLICIES.get(0)),
                "how long the answer's text is; "
                    + CHARACTERS_PER_TOKEN
                    + " characters a token are assumed"));
  }
}
