// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailResponse;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailAssessment;
import software.amazon.awssdk.utils.builder.Buildable;

class GuardrailReadingTest {

  @Test
  void topLevelUsageIsTheSumOfTheAssessments() {
    GuardrailAssessment assessment =
        GuardrailAssessment.builder()
            .invocationMetrics(m -> m.usage(u -> u.wordPolicyUnits(1)))
            .build();
    ApplyGuardrailResponse.Builder response =
        ApplyGuardrailResponse.builder().assessments(List.of(assessment, assessment));

    Reading whole = Readers.applyGuardrail(response.usage(u -> u.wordPolicyUnits(2)).build());
    Reading parts =
        Readers.applyGuardrail(
            ApplyGuardrailResponse.builder().assessments(assessment, assessment).build());

    assertThat(Invoked.counts(whole)).isEqualTo(Map.of("guardrailUnits.wordPolicy", 2L));
    assertThat(Invoked.counts(parts)).isEqualTo(Map.of("guardrailUnits.wordPolicy", 2L));
  }

  @Test
  void guardrailThatCostNothingIsToldFromOneThatTellsNothing() {
    Reading free =
        Readers.applyGuardrail(
            ApplyGuardrailResponse.builder().usage(u -> u.wordPolicyUnits(0)).build());

    assertThat(free.usage()).isNotNull();
    assertThat(Invoked.counts(free)).isEmpty();
    assertThat(Readers.applyGuardrail(ApplyGuardrailResponse.builder().build()).usage()).isNull();
  }

  @Test
  void checksReportTextUnitsWithoutNamingTheirClass() throws ReflectiveOperationException {
    SdkPojo builder = newBuilder();

    Reading reading =
        Readers.invokeGuardrailChecks(
            build(
                builder,
                Map.of(
                    "usage",
                    Map.of(
                        "contentFilter", Map.of("textUnits", 3),
                        "sensitiveInformation", Map.of("textUnits", 1)))));

    assertThat(Invoked.counts(reading))
        .isEqualTo(
            Map.of(
                "guardrailUnits.contentFilter", 3L,
                "guardrailUnits.sensitiveInformation", 1L));
  }

  private static SdkPojo newBuilder() throws ReflectiveOperationException {
    String name =
        "software.amazon.awssdk.services.bedrockruntime.model.InvokeGuardrailChecksResponse";
    try {
      Method builder = Class.forName(name).getMethod("builder");
      return (SdkPojo) builder.invoke(null);
    } catch (ClassNotFoundException e) {
      Assumptions.abort("this SDK has no InvokeGuardrailChecks");
      throw e;
    }
  }

  /** Fills an SDK builder by the names on the wire, as the unmarshaller does. */
  private static SdkPojo build(SdkPojo builder, Map<?, ?> values) {
    for (SdkField<?> field : builder.sdkFields()) {
      Object value = values.get(field.locationName());
      if (value instanceof Map<?, ?> nested) {
        value = build(field.constructor().get(), nested);
      }
      if (value != null) {
        field.set(builder, value);
      }
    }
    return (SdkPojo) ((Buildable) builder).build();
  }
}
