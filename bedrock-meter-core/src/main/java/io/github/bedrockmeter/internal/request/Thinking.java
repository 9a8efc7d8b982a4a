// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.document.Document;

/** How long a Converse request lets its model think. Stateless. */
final class Thinking {
  private Thinking() {}

  /** Bedrock refuses a request whose budget for thinking is not below its maxTokens. */
  static boolean isLonger(@Nullable Document fields, int limit) {
    if (fields == null || !fields.isMap()) {
      return false;
    }
    for (String name : BodyFields.THINKING) {
      Document thinking = fields.asMap().get(name);
      Document budget =
          thinking != null && thinking.isMap()
              ? thinking.asMap().get(BodyFields.THINKING_BUDGET)
              : null;
      if (budget != null && budget.isNumber() && budget.asNumber().longValue() >= limit) {
        return true;
      }
    }
    return false;
  }
}
