// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Sending;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeResponse;

/**
 * Sees, on a client built through the meter, which request is sent after every other interceptor,
 * and the answer before any other interceptor can fail on it. Changes nothing. Thread-safe.
 */
final class SeeingInterceptor implements ExecutionInterceptor {
  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    Sending sending = SendingAttribute.of(attributes);
    if (sending != null && context.request() instanceof BedrockRuntimeRequest request) {
      sending.sends(request);
    }
  }

  @Override
  public void afterUnmarshalling(
      Context.AfterUnmarshalling context, ExecutionAttributes attributes) {
    Sending sending = SendingAttribute.of(attributes);
    if (sending != null && context.response() instanceof BedrockRuntimeResponse response) {
      sending.answeredWith(response);
    }
  }
}
