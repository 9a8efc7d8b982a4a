// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What an example prints. */
final class Captured {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  /** The lines that {@code main} prints to standard output. */
  static List<String> linesOf(Runnable main) {
    Captured captured = new Captured();
    PrintStream before = System.out;
    System.setOut(captured.stream);
    try {
      main.run();
    } finally {
      System.setOut(before);
    }
    return captured.lines();
  }

  String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  List<String> lines() {
    return text().lines().toList();
  }
}
