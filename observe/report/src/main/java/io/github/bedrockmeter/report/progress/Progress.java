// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.progress;

/**
 * Is notified how far long work has come. Called often, by several threads at once, so it must be
 * thread-safe and return quickly.
 */
public interface Progress {
  /** Reports nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void begin(String what, long total) {}

        @Override
        public void advance(long units) {}

        @Override
        public void end() {}
      };

  /**
   * Work begins.
   *
   * @param what in a few words, such as "reading 12 log files"
   * @param total how many units it will be; zero if that is not known
   */
  void begin(String what, long total);

  /** So many units more are done. */
  void advance(long units);

  /** The work that was begun has ended. */
  void end();
}
