// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.request.Asked;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** Makes the metered calls of one kind of client. */
interface Calls {
  /**
   * Makes one call.
   *
   * @param asked what is asked of Bedrock
   * @param method the client's method that was called, with these arguments
   * @return what the client's method returns
   */
  @Nullable Object call(Asked asked, Method method, @Nullable Object[] args) throws Throwable;

  /** Answers a call that is refused before it is admitted, in the client's way. */
  default Object refuse(RuntimeException refusal, @Nullable Object[] args) {
    throw refusal;
  }
}
