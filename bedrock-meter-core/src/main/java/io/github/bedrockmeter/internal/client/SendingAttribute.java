// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Sending;
import io.github.bedrockmeter.internal.request.RequestFacts;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.SdkInternalExecutionAttribute;
import software.amazon.awssdk.http.SdkHttpExecutionAttribute;
import software.amazon.awssdk.http.SdkHttpExecutionAttributes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * Carries an asynchronous call's sending to the HTTP client and the interceptor that see it, among
 * the attributes that the SDK hands to its HTTP client with each attempt. Stateless.
 */
final class SendingAttribute extends SdkHttpExecutionAttribute<Sending> {
  private static final SendingAttribute KEY = new SendingAttribute();

  private SendingAttribute() {
    super(Sending.class);
  }

  /** The request, carrying a sending. */
  static BedrockRuntimeRequest attach(BedrockRuntimeRequest request, Sending sending) {
    AwsRequestOverrideConfiguration.Builder settings = RequestFacts.settings(request);
    settings.putExecutionAttribute(
        SdkInternalExecutionAttribute.SDK_HTTP_EXECUTION_ATTRIBUTES,
        SdkHttpExecutionAttributes.builder().put(KEY, sending).build());
    return (BedrockRuntimeRequest)
        request.toBuilder().overrideConfiguration(settings.build()).build();
  }

  /** The sending that comes with a request to the HTTP client; null if there is none. */
  static @Nullable Sending of(@Nullable SdkHttpExecutionAttributes attributes) {
    return attributes == null ? null : attributes.getAttribute(KEY);
  }

  /** The sending of the call that an interceptor looks at; null if there is none. */
  static @Nullable Sending of(ExecutionAttributes attributes) {
    Sending current = Sending.current();
    return current != null
        ? current
        : of(attributes.getAttribute(SdkInternalExecutionAttribute.SDK_HTTP_EXECUTION_ATTRIBUTES));
  }
}
