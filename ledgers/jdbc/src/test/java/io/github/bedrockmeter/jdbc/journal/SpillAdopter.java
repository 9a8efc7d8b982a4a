// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process that prints a line when it is ready and then takes over what it finds in a directory,
 * again and again, until it reads a line; then it prints how many records it took. Argument: the
 * directory.
 */
final class SpillAdopter implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  private SpillAdopter(Process process) {
    this.process = process;
    this.out = process.inputReader();
  }

  static SpillAdopter start(Path directory) throws IOException {
    SpillAdopter adopter = new SpillAdopter(OtherJvm.run(SpillAdopter.class, directory.toString()));
    adopter.out.readLine();
    return adopter;
  }

  /** Ends the process, after one more look; returns how many records it took. */
  int stop() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    return Integer.parseInt(out.readLine());
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] args) throws IOException {
    AtomicInteger records = new AtomicInteger();
    try (Spill spill = Spill.open(Path.of(args[0]), false, 1 << 20)) {
      System.out.println("ready");
      boolean last = false;
      while (!last) {
        last = System.in.available() > 0;
        spill.adopt(records::addAndGet);
      }
    }
    System.out.println(records);
  }
}
