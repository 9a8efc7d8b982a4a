// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import org.jspecify.annotations.Nullable;

/**
 * Exceptions of foreign code, whose messages may hold text from outside and passwords, and whose
 * methods may fail when they are asked for one. Never throws.
 */
public final class Printable {
  private static final int LONGEST = 2_000;
  private static final int LONGEST_CHAIN = 50;

  private Printable() {}

  /**
   * The exception, if a logger can print it on as many lines as it has frames; else one that stands
   * for it, with its stack and its messages escaped and cut.
   */
  public static @Nullable Throwable of(@Nullable Throwable failure) {
    return failure == null || isPlain(failure, LONGEST_CHAIN)
        ? failure
        : new StandIn(failure, LONGEST_CHAIN);
  }

  private static boolean isPlain(Throwable failure, int chain) {
    try {
      if (!isPlain(failure.toString())
          || !isPlain(String.valueOf(failure.getMessage()))
          || failure.getStackTrace() == null) {
        return false;
      }
      for (Throwable suppressed : failure.getSuppressed()) {
        if (chain > 0 && !isPlain(suppressed, chain - 1)) {
          return false;
        }
      }
      Throwable cause = failure.getCause();
      return cause == null || chain == 0 || isPlain(cause, chain - 1);
    } catch (Throwable unprintable) {
      return false;
    }
  }

  private static boolean isPlain(String text) {
    return text.equals(shown(text));
  }

  private static String shown(String text) {
    return Secrets.without(Escaped.text(text, LONGEST));
  }

  /** What an exception says, escaped; its class where it says nothing or fails to. */
  public static String message(Throwable failure) {
    try {
      String message = failure.getMessage();
      return message == null ? failure.getClass().getName() : shown(message);
    } catch (Throwable unreadable) {
      return failure.getClass().getName() + ", whose message cannot be read";
    }
  }

  /** What an object says of itself; its class where it fails to. */
  static String text(Object object) {
    try {
      return String.valueOf(object);
    } catch (Throwable unreadable) {
      return object.getClass().getName() + ", which cannot be printed";
    }
  }

  /** Stands for an exception in a log. */
  @SuppressWarnings("OverrideThrowableToString") // what it stands for is named, not this class
  private static final class StandIn extends RuntimeException {
    StandIn(Throwable failure, int chain) {
      super(shown(text(failure)), causeOf(failure, chain));
      try {
        setStackTrace(failure.getStackTrace());
        for (Throwable suppressed : chain > 0 ? failure.getSuppressed() : new Throwable[0]) {
          addSuppressed(new StandIn(suppressed, chain - 1));
        }
      } catch (Throwable unreadable) {
        // What could be read has to do.
      }
    }

    private static @Nullable Throwable causeOf(Throwable failure, int chain) {
      try {
        Throwable cause = failure.getCause();
        return cause == null || chain == 0 ? null : new StandIn(cause, chain - 1);
      } catch (Throwable unreadable) {
        return null;
      }
    }

    @Override
    public String toString() {
      return String.valueOf(getMessage());
    }
  }
}
