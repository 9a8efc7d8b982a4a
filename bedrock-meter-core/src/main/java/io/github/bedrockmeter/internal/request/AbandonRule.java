// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.AbandonedStreams;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** The rule for abandoned streams that a request carries. */
public final class AbandonRule {
  private static final ExecutionAttribute<AbandonedStreams> ATTRIBUTE =
      OwnAttribute.named("BedrockMeterAbandonedStreams");

  private AbandonRule() {}

  /** Attaches a rule to one request. */
  public static void attach(
      AwsRequestOverrideConfiguration.Builder request, AbandonedStreams rule) {
    request.putExecutionAttribute(ATTRIBUTE, rule);
  }

  /** The rule of a request; {@code otherwise} if it carries none. */
  public static AbandonedStreams of(BedrockRuntimeRequest request, AbandonedStreams otherwise) {
    return request
        .overrideConfiguration()
        .map(settings -> settings.executionAttributes().getAttribute(ATTRIBUTE))
        .orElse(otherwise);
  }
}
