// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.call.Sending;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeResponse;

/** One call that is metered by hooks, from its admission to its end. Thread-safe. */
final class HookedCall {
  private final OpenCall call;
  private final Sending sending;
  private final @Nullable HookedStream<?> stream;
  private final HookedAttempts attempts;

  /** A call that was let in; {@code stream} is null if it does not stream. */
  HookedCall(OpenCall call, Sending sending, @Nullable HookedStream<?> stream) {
    this.call = call;
    this.sending = sending;
    this.stream = stream;
    this.attempts = new HookedAttempts(sending);
  }

  String id() {
    return call.call().id();
  }

  @Nullable HookedStream<?> stream() {
    return stream;
  }

  boolean isReadOn() {
    return stream != null && stream.isReadOn();
  }

  HookedAttempts attempts() {
    return attempts;
  }

  /** The SDK has read an answer, or the head of a stream's. */
  void answeredWith(SdkResponse response) {
    if (stream != null) {
      stream.responseReceived(response);
    } else if (response instanceof BedrockRuntimeResponse answer) {
      sending.answeredWith(answer);
    }
  }

  /** The SDK adds the headers to the response after its interceptors have seen it. */
  void completed(SdkResponse response, SdkHttpResponse http) {
    if (stream == null) {
      SdkResponse whole = response.toBuilder().sdkHttpResponse(http).build();
      call.completed(Answers.read(call, whole), Answers.requestId(response));
    } else if (!stream.isReadOn()) {
      stream.ended(null);
    }
  }

  void failed(Throwable failure) {
    if (stream == null) {
      Answers.failed(call, sending, failure);
    } else {
      stream.ended(failure);
    }
  }

  /** The SDK has dropped the call and notified no interceptor. */
  void lost() {
    if (attempts.areNone()) {
      call.abandonUnsent();
    } else {
      failed(new CancellationException("the SDK did not report how the call ended"));
    }
  }
}
