// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** A pipe with a name: whoever opens it for writing is stuck until it is read. */
record Fifo(Path path) {

  static Fifo at(Path path) throws Exception {
    try {
      Process made = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
      if (made.waitFor() == 0) {
        return new Fifo(path);
      }
    } catch (IOException absent) {
      // Said below.
    }
    System.out.println("NOT RUN: a test with a pipe, since this system has no mkfifo");
    return abort("no mkfifo");
  }

  /** All that is written until its writer closes it, read by a thread of its own. */
  CompletableFuture<String> read() {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                text.complete(Files.readString(path));
              } catch (IOException failure) {
                text.completeExceptionally(failure);
              }
            });
    reader.setDaemon(true);
    reader.start();
    return text;
  }
}
