// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import org.jspecify.annotations.Nullable;

/** Exceptions of foreign code, whose own methods may fail when they are asked for a message. */
public final class Printable {
  private static final int LONGEST_CHAIN = 50;

  private Printable() {}

  /** The exception, if a logger can print it; else one that stands for it. Never throws. */
  public static @Nullable Throwable of(@Nullable Throwable failure) {
    return failure == null || prints(failure, LONGEST_CHAIN) ? failure : substitute(failure);
  }

  private static boolean prints(Throwable failure, int chain) {
    try {
      String text = failure.toString() + failure.getMessage() + failure.getStackTrace().length;
      if (text.isEmpty()) {
        return false;
      }
      for (Throwable suppressed : failure.getSuppressed()) {
        if (chain > 0 && !prints(suppressed, chain - 1)) {
          return false;
        }
      }
      Throwable cause = failure.getCause();
      return cause == null || chain == 0 || prints(cause, chain - 1);
    } catch (Throwable unprintable) {
      return false;
    }
  }

  private static Throwable substitute(Throwable failure) {
    IllegalStateException other = new IllegalStateException(message(failure));
    try {
      other.setStackTrace(failure.getStackTrace());
    } catch (Throwable unreadable) {
      // Its own stack has to do.
    }
    return other;
  }

  /** What an exception says, or its class where it says nothing or fails to. Never throws. */
  public static String message(Throwable failure) {
    try {
      String message = failure.getMessage();
      return message == null ? failure.getClass().getName() : message;
    } catch (Throwable unreadable) {
      return failure.getClass().getName() + ", whose message cannot be read";
    }
  }
}
