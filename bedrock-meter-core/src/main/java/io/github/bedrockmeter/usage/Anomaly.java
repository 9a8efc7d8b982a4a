// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import java.util.Objects;

/**
 * Something about a response's counts that does not fit, reported beside the usage that was chosen.
 * Immutable and thread-safe.
 *
 * @param kind what does not fit
 * @param detail the fields and numbers concerned; never text of a prompt or a completion
 */
public record Anomaly(Kind kind, String detail) {

  /** What can be wrong with a count. */
  public enum Kind {
    /** Two places of one response state different counts; a documented rule chose one. */
    SOURCES_DISAGREE,
    /** The stated total is not the sum of its parts. */
    TOTAL_MISMATCH,
    /** A field holds something that is no count: negative, fractional, text, too large. */
    NOT_A_COUNT,
    /** The response states no count where one was due; the estimate stands in. */
    USAGE_MISSING,
    /** The response's body could not be read to its end. */
    UNREADABLE
  }

  public Anomaly {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(detail, "detail");
  }
}
