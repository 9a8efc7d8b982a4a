// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailAssessment;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailTraceAssessment;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailUsage;

/** The text units a guardrail's trace reports, summed over what it assessed. */
final class Guardrails {
  private Guardrails() {}

  static void read(GuardrailTraceAssessment trace, Facts facts) {
    trace.inputAssessment().values().forEach(assessment -> read(assessment, facts));
    trace.outputAssessments().values().forEach(assessments -> read(assessments, facts));
  }

  static void read(List<GuardrailAssessment> assessments, Facts facts) {
    assessments.forEach(assessment -> read(assessment, facts));
  }

  static void read(GuardrailUsage usage, Facts facts) {
    add(Field.TOPIC_UNITS, usage.topicPolicyUnits(), facts);
    add(Field.CONTENT_UNITS, usage.contentPolicyUnits(), facts);
    add(Field.WORD_UNITS, usage.wordPolicyUnits(), facts);
    add(Field.SENSITIVE_UNITS, usage.sensitiveInformationPolicyUnits(), facts);
    add(Field.SENSITIVE_FREE_UNITS, usage.sensitiveInformationPolicyFreeUnits(), facts);
    add(Field.GROUNDING_UNITS, usage.contextualGroundingPolicyUnits(), facts);
    add(Field.CONTENT_IMAGE_UNITS, usage.contentPolicyImageUnits(), facts);
    add(Field.REASONING_UNITS, usage.automatedReasoningPolicyUnits(), facts);
  }

  private static void read(@Nullable GuardrailAssessment assessment, Facts facts) {
    if (assessment != null
        && assessment.invocationMetrics() != null
        && assessment.invocationMetrics().usage() != null) {
      read(assessment.invocationMetrics().usage(), facts);
    }
  }

  private static void add(Field field, @Nullable Integer units, Facts facts) {
    if (units != null) {
      facts.add(field, units);
    }
  }
}
