// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.internal.request.Asked;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/** What an InvokeModel request says about meters that are no tokens, as a call would read it. */
final class RequestedUnits {
  private RequestedUnits() {}

  static Reading of(InvokeModelRequest request) {
    return Asked.of(request).units();
  }
}
