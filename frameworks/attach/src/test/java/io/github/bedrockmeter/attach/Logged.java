// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The lines that are logged while it is open; the logger of these tests writes to System.err. */
final class Logged implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  Logged() {
    System.setErr(new PrintStream(kept, true, StandardCharsets.UTF_8));
  }

  List<String> lines(String part) {
    return kept.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains(part)).toList();
  }

  @Override
  public void close() {
    System.setErr(before);
    System.err.print(kept.toString(StandardCharsets.UTF_8));
  }
}
