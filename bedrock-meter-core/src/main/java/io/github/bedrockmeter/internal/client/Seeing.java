// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.call.Sending;
import org.jspecify.annotations.Nullable;

/**
 * Whether one client sends through an instrumented HTTP client: surely if it was built through the
 * meter, else as soon as a call of it was seen. Thread-safe.
 */
final class Seeing {
  private final Metering metering;
  private volatile boolean isCertain;

  Seeing(Metering metering, boolean isBuilt) {
    this.metering = metering;
    this.isCertain = isBuilt;
  }

  /** What sees a call that is about to be sent; null if no HTTP client is instrumented. */
  @Nullable Sending of(OpenCall call) {
    return isCertain || metering.hasInstrumented() ? metering.sending(call, isCertain) : null;
  }

  /** A call has ended: if it was seen, the others will be. */
  void ended(@Nullable Sending sending) {
    if (!isCertain && sending != null && sending.hasAttempts()) {
      isCertain = true;
    }
  }
}
