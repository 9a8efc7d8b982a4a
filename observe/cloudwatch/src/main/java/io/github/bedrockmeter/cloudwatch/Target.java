// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import java.io.IOException;

/** Where lines go. May block; used by one thread at a time. Says in {@code toString} what it is. */
interface Target {
  /**
   * Writes one line.
   *
   * @param line with its line feed
   * @throws IOException if the line was not written, or may not have been
   */
  void write(byte[] line) throws IOException;

  /** Whether a line that failed should be tried again. */
  boolean isWorthRepeating();

  /** Gives back what it holds open. A line that comes later opens it anew. */
  void release();
}
