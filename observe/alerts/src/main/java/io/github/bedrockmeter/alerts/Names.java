// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Escaped;

/** Names from outside as they stand in a text. Stateless. */
final class Names {
  private static final int LONGEST = 120;
  private static final int LONGEST_REASON = 256;

  private Names() {}

  /** {@code 'tenant-daily' (tenant=acme)}. */
  static String budget(String budget, String scope) {
    return "'" + text(budget) + "'" + (scope.isEmpty() ? "" : " (" + text(scope) + ")");
  }

  /** A name, on one line and not long. */
  static String text(String name) {
    return Escaped.text(name, LONGEST);
  }

  /** What a person wrote. */
  static String reason(String reason) {
    return Escaped.text(reason, LONGEST_REASON);
  }

  /** {@code call 7f3a to model amazon.nova-lite-v1:0}. */
  static String call(MeteredCall call) {
    return "call " + text(call.id()) + " to model " + text(call.modelId());
  }
}
