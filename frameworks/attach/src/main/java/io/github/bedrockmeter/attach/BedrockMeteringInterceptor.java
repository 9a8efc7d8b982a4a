// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import io.github.bedrockmeter.internal.request.MeteredMark;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * What the SDK makes for each Bedrock Runtime client: it hands the client's calls to the meter of
 * the application that built the client. To be named in the SDK's file, not in code. Thread-safe.
 */
public final class BedrockMeteringInterceptor implements ExecutionInterceptor {
  /*
   * The SDK keeps one interceptor of each simple class name, so the name is one of its own.
   *
   * A call goes to the meter that is there when it begins. Later hooks find what that meter keeps of
   * a call among the call's attributes, and do nothing for calls of which it keeps nothing; so it is
   * enough to ask again with each hook whether a meter is there.
   */
  private final Home home;
  private volatile @Nullable ExecutionInterceptor last;

  /**
   * For the SDK, when it builds a client.
   *
   * @throws IllegalStateException if a properties file cannot be used, or the AWS SDK is too old
   */
  public BedrockMeteringInterceptor() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    this.home = Home.of(context);
    home.configure(MeterProperties.interceptor(Home.loader(context)));
  }

  @Override
  public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
    ExecutionInterceptor meter = home.interceptor();
    if (meter != null) {
      last = meter;
      return meter.modifyRequest(context, attributes);
    }
    if (context.request() instanceof BedrockRuntimeRequest request) {
      if (MeteredMark.isOn(request)) {
        home.passesMetered();
      } else {
        home.passesUnmetered();
      }
    }
    return context.request();
  }

  @Override
  public Optional<RequestBody> modifyHttpContent(
      Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
    ExecutionInterceptor meter = last;
    return meter == null ? context.requestBody() : meter.modifyHttpContent(context, attributes);
  }

  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    ExecutionInterceptor meter = last;
    if (meter != null) {
      meter.beforeTransmission(context, attributes);
    }
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    ExecutionInterceptor meter = last;
    if (meter != null) {
      meter.afterTransmission(context, attributes);
    }
  }

  @Override
  public void afterUnmarshalling(
      Context.AfterUnmarshalling context, ExecutionAttributes attributes) {
    ExecutionInterceptor meter = last;
    if (meter != null) {
      meter.afterUnmarshalling(context, attributes);
    }
  }

  @Override
  public Optional<Publisher<ByteBuffer>> modifyAsyncHttpResponseContent(
      Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
    ExecutionInterceptor meter = last;
    return meter == null
        ? context.responsePublisher()
        : meter.modifyAsyncHttpResponseContent(context, attributes);
  }

  @Override
  public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
    ExecutionInterceptor meter = last;
    if (meter != null) {
      meter.afterExecution(context, attributes);
    }
  }

  @Override
  public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
    ExecutionInterceptor meter = last;
    if (meter != null) {
      meter.onExecutionFailure(context, attributes);
    }
  }
}
