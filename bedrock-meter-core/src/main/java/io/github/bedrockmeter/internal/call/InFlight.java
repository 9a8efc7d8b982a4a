// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.call.MeteredCall;
import org.jspecify.annotations.Nullable;

/**
 * What can be in the lists of {@link OpenCalls}. Its neighbours are guarded by the lock of the
 * list's head.
 */
abstract class InFlight {
  @Nullable InFlight before;
  @Nullable InFlight after;

  MeteredCall call() {
    throw new IllegalStateException("the head of a list is no call");
  }
}
