// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Sending;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** The SDK's attempts at a call that is metered by hooks. Thread-safe. */
final class HookedAttempts {
  private final Sending sending;
  private volatile @Nullable Made last;

  /**
   * An attempt that is being made.
   *
   * @param number which one it is, as the SDK counts them
   * @param model the model that its URL names
   */
  private record Made(Sending.Attempt attempt, int number, @Nullable String model) {}

  HookedAttempts(Sending sending) {
    this.sending = sending;
  }

  boolean areNone() {
    return last == null;
  }

  /**
   * An attempt is about to be made.
   *
   * @param number which one it is, as the SDK counts them
   * @param isSeen whether it is seen that its body leaves
   */
  void begin(Context.BeforeTransmission context, int number, boolean isSeen) {
    if (context.request() instanceof BedrockRuntimeRequest request) {
      sending.sends(request);
    }
    Made next = new Made(sending.begin(), number, CalledModel.of(context.httpRequest()));
    if (!isSeen) {
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
}
