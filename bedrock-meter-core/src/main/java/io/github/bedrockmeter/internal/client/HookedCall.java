// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.call.Sending;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeResponse;

/** One call that is metered by hooks, from its admission to its end. Thread-safe. */
final class HookedCall {
  private final OpenCall call;
  private final Sending sending;
  private final @Nullable HookedStream<?> stream;
  private volatile @Nullable Made last;

  /**
   * An attempt that is being made.
   *
   * @param number which one it is, as the SDK counts them
   * @param model the model that its URL names
   */
  private record Made(Sending.Attempt attempt, int number, @Nullable String model) {}

  /**
   * A call that was let in.
   *
   * @param stream what is seen of its events; null if it does not stream
   */
  HookedCall(OpenCall call, Sending sending, @Nullable HookedStream<?> stream) {
    this.call = call;
    this.sending = sending;
    this.stream = stream;
  }

  String id() {
    return call.call().id();
  }

  @Nullable HookedStream<?> stream() {
    return stream;
  }

  /** Whether it is a stream that is read on for its usage, after its caller has left. */
  boolean isReadOn() {
    return stream != null && stream.isReadOn();
  }

  /** The request as this call hands it to the SDK. */
  void expects(BedrockRuntimeRequest request) {
    sending.expects(request);
  }

  /**
   * An attempt is about to be made.
   *
   * @param number which one it is, as the SDK counts them
   */
  void attempt(Context.BeforeTransmission context, int number) {
    if (context.request() instanceof BedrockRuntimeRequest request) {
      sending.sends(request);
    }
    Made next = new Made(sending.begin(), number, CalledModel.of(context.httpRequest()));
    if (!SeenContent.isIn(context.requestBody(), this)) {
      next.attempt.mayLeave(next.model);
    }
    last = next;
  }

  /**
   * The body of an attempt is read.
   *
   * @param number the SDK's count of attempts; another one than was begun last is being signed
   * @return false if the call has ended, so that nothing may leave any more
   */
  boolean leaves(int number) {
    Made made = last;
    return made == null || made.number != number || made.attempt.leaves(made.model);
  }

  void answered(int httpStatus) {
    Made made = last;
    if (made != null) {
      made.attempt.answered(httpStatus);
    }
  }

  /** The SDK has read an answer, or the head of a stream's. */
  void answeredWith(SdkResponse response) {
    if (stream != null) {
      stream.responseReceived(response);
    } else if (response instanceof BedrockRuntimeResponse answer) {
      sending.answeredWith(answer);
    }
  }

  void completed(SdkResponse response) {
    if (stream == null) {
      call.completed(Answers.read(call, response), Answers.requestId(response));
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
    if (last == null) {
      call.abandonUnsent();
    } else {
      failed(new CancellationException("the SDK did not report how the call ended"));
    }
  }
}
