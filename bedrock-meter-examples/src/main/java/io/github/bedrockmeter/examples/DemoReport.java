// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.event.MeterListener;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Keeps a journal of the demo's calls and makes a page of it. The demo without arguments is built
 * without it: a journal and a report bring a database each.
 */
interface DemoReport extends AutoCloseable {
  /** What writes the journal. */
  MeterListener listener();

  /** Writes the page; the calls have ended. */
  void write(Path file);

  @Override
  void close();

  /** A report, if this build has one. */
  static Optional<DemoReport> open() {
    try {
      Class<?> page = Class.forName("io.github.bedrockmeter.examples.ReportPage");
      return Optional.of((DemoReport) page.getDeclaredConstructor().newInstance());
    } catch (ClassNotFoundException notBuilt) {
      return Optional.empty();
    } catch (ReflectiveOperationException failure) {
      throw new IllegalStateException("the journal cannot be opened", failure);
    }
  }
}
