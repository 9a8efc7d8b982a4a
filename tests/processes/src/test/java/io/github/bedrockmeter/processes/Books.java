// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.processes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one worker recorded. Immutable.
 *
 * @param calls the calls that were granted
 * @param denied how many calls a budget denied
 */
record Books(List<Call> calls, long denied) {

  /**
   * A call that was granted.
   *
   * @param estimate what is held for it, in tokens
   * @param isShared whether the shared budget counts it too; the worker's own counts every call
   * @param billed what is to be charged, in tokens; null if Bedrock has not answered
   */
  record Call(String id, long estimate, boolean isShared, @Nullable Long billed) {
    long charge() {
      return billed == null ? 0 : billed;
    }
  }

  static Books read(Path file) throws IOException {
    List<String[]> granted = new ArrayList<>();
    Map<String, Long> billed = new HashMap<>();
    long denied = 0;
    try (Stream<String> lines = Files.lines(file)) {
      for (String line : (Iterable<String>) lines::iterator) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
          case "granted" -> granted.add(words);
          case "billed" -> billOnce(billed, words[1], Long.parseLong(words[2]));
          case "denied" -> denied++;
          default -> throw new IOException("unknown line in " + file + ": " + line);
        }
      }
    }
    return new Books(
        granted.stream()
            .map(
                words ->
                    new Call(
                        words[1],
                        Long.parseLong(words[2]),
                        words[3].equals("shared"),
                        billed.get(words[1])))
            .toList(),
        denied);
  }

  private static void billOnce(Map<String, Long> billed, String id, long tokens) {
    if (billed.put(id, tokens) != null) {
      throw new IllegalStateException("two calls have the id " + id);
    }
  }
}
