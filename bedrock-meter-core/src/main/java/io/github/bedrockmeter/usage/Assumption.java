// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import java.util.Objects;

/**
 * What an estimate takes for granted about one of its counts, because the request does not say it.
 * {@link Usage#assumptions} lists them. Immutable and thread-safe.
 *
 * @param meter whose count rests on it
 * @param kind what was assumed
 * @param why in words an operator can act on; never text of a prompt
 */
public record Assumption(Meter meter, Kind kind, String why) {

  /** What was assumed. */
  public enum Kind {
    /** The request sets no limit on its output, so the model's own maximum counts: a bound. */
    MODEL_MAXIMUM,
    /** The request sets no limit on its output, and the model's maximum is not known: no bound. */
    NO_MAXIMUM,
    /** The request does not show how much of the meter it will use: no bound. */
    NOT_SHOWN
  }

  public Assumption {
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(why, "why");
  }

  /** An assumption with which a count is no upper bound. */
  public static Assumption notShown(Meter meter, String why) {
    return new Assumption(meter, Kind.NOT_SHOWN, why);
  }

  /** Whether the count is an upper bound all the same. */
  public boolean isBound() {
    return kind == Kind.MODEL_MAXIMUM;
  }

  @Override
  public String toString() {
    return meter + ": " + why;
  }
}
