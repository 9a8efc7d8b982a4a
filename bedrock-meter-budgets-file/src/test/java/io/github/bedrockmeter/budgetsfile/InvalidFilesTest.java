// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files in {@code invalid}; the file {@code NAME.txt} has the message expected for NAME. */
class InvalidFilesTest {
  private static final Path FOLDER = Path.of("src/test/resources/invalid");

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> !file.toString().endsWith(".txt")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyMistakeIsReportedWithItsPosition(Path file) throws IOException {
    BudgetsFileException refused =
        catchThrowableOfType(BudgetsFileException.class, () -> BudgetsFile.read(file));

    String message = String.valueOf(refused.getMessage()).replace(FOLDER + "/", "");
    assertThat(message).isEqualTo(Files.readString(Path.of(file + ".txt")).stripTrailing());
    assertThat(refused.problems()).hasSameSizeAs(message.lines().toList());
  }

  @Test
  void noFileIsMissing() throws IOException {
    assertThat(files()).hasSize(13);
  }
}
