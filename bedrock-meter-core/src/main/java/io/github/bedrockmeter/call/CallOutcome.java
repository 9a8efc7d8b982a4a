// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.call;

import org.jspecify.annotations.Nullable;

/** How a granted call ended. Immutable and thread-safe. */
public sealed interface CallOutcome {

  /** Bedrock answered to the end. */
  record Completed() implements CallOutcome {
    @Override
    public String toString() {
      return "Completed";
    }
  }

  /**
   * Bedrock answered with an error, or the request failed before or after it was sent.
   *
   * @param error the simple name of the exception, {@code ThrottlingException}
   * @param statusCode the HTTP status, 0 where no answer was received
   * @param requestId Bedrock's request id, null where no answer was received
   */
  record Failed(String error, int statusCode, @Nullable String requestId) implements CallOutcome {
    @Override
    public String toString() {
      return statusCode == 0 ? "Failed " + error : "Failed " + error + " " + statusCode;
    }
  }

  /** The caller left: it cancelled the future or the stream's subscription. */
  record Cancelled() implements CallOutcome {
    @Override
    public String toString() {
      return "Cancelled";
    }
  }

  /** The stream ended in order, as far as the SDK reports, but before its last event. */
  record Truncated() implements CallOutcome {
    @Override
    public String toString() {
      return "Truncated";
    }
  }
}
