// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Reads the collected shapes of invocation logs, of which each file says what is in it. They are
 * not part of the project: {@code BEDROCKMETER_LOG_CORPUS} names their folder.
 */
class InvocationLogCorpusTest {
  private static final String FOLDER = "BEDROCKMETER_LOG_CORPUS";

  @Test
  void everyShapeIsReadAsItsFileSays() throws IOException {
    String folder = System.getenv(FOLDER);
    if (folder == null) {
      System.out.println(
          "NOT RUN: InvocationLogCorpusTest; set " + FOLDER + " to a folder of log shapes");
    }
    Assumptions.assumeTrue(folder != null, FOLDER + " is not set");
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of(folder))) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }

    ObjectMapper mapper = new ObjectMapper();
    List<String> wrong = new ArrayList<>();
    int right = 0;
    for (Path file : files) {
      List<String> differences = differences(mapper.readTree(file.toFile()));
      if (differences.isEmpty()) {
        right++;
      } else {
        wrong.add(file.getFileName() + ": " + differences);
      }
    }

    System.out.println(right + " of " + files.size() + " log files read as expected");
    assertThat(files).isNotEmpty();
    assertThat(wrong).isEmpty();
  }

  private static List<String> differences(JsonNode file) {
    try {
      return new LogShape(file).differences();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (RuntimeException | AssertionError failure) {
      return List.of(failure.toString());
    }
  }
}
