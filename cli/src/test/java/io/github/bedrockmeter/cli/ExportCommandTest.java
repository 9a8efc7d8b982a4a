// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Facts for a data lake, by the command. What is in the files is tested with the library. */
class ExportCommandTest {
  private static final String CANARY = "canary-33a9";

  @TempDir Path folder;
  private Path logs;

  @BeforeEach
  void writeLogs() throws IOException {
    logs = Files.createDirectory(folder.resolve("logs"));
    StringBuilder text = new StringBuilder();
    for (String day : List.of("2026-10-01", "2026-10-02", "2026-11-01")) {
      text.append(
          """
          {"timestamp":"%sT10:00:00Z","accountId":"123456789012","region":"us-east-1","requestId":"r-%s",\
          "operation":"Converse","modelId":"amazon.nova-lite-v1:0","input":{"inputBodyJson":{"text":"%s"},\
          "inputTokenCount":1000},"output":{"outputTokenCount":10},"schemaType":"ModelInvocationLog",\
          "schemaVersion":"1.0"}
          """
              .formatted(day, day, CANARY));
    }
    text.append("torn ").append(CANARY).append('\n');
    Files.writeString(logs.resolve("20261001T100000000Z_a.json"), text);
  }

  private Ran export(String... arguments) {
    List<String> all = new ArrayList<>(List.of("export"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--logs", logs.toString(), "--quiet"));
    return Ran.command(all);
  }

  private List<String> written(Path lake) throws IOException {
    try (Stream<Path> files = Files.walk(lake)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> lake.relativize(file.getParent()).toString())
          .distinct()
          .sorted()
          .toList();
    }
  }

  @Test
  void eachDayAndAccountHasAFolderAndNoneHasTheTextOfAPrompt() throws IOException {
    Path lake = folder.resolve("lake");

    Ran ran = export("--out", lake.toString(), "--to", "2026-10");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.lines(0)).containsExactly("2 calls in " + lake + "; 1 thing was no call");
    assertThat(written(lake))
        .containsExactly(
            "calls/day=2026-10-01/account_id=123456789012",
            "calls/day=2026-10-02/account_id=123456789012",
            "skipped");
    try (Stream<Path> files = Files.walk(lake)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .doesNotContain(CANARY);
      }
    }
  }

  @Test
  void otherFoldersAreAskedFor() throws IOException {
    Path lake = folder.resolve("lake");

    assertThat(export("--out", lake.toString(), "--partition-by", "account,month").exitCode())
        .isZero();

    assertThat(written(lake))
        .containsExactly(
            "calls/account_id=123456789012/month=2026-10",
            "calls/account_id=123456789012/month=2026-11",
            "skipped");
  }

  @Test
  void whatCannotBeMeantIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path lake = folder.resolve("lake");

    assertThat(export("--out", lake.toString(), "--partition-by", "days").err())
        .contains("'days' is not day, month or account (did you mean 'day'?)");
    assertThat(export("--out", lake.toString(), "--partition-by", "day,day").err())
        .contains("--partition-by names one thing twice: give each once, as day,account");
    assertThat(export("--out", lake.toString(), "--from", "2026-11", "--to", "2026-10").err())
        .contains("--from must not be after --to");
    assertThat(lake).doesNotExist();
    assertThat(export("--out", logs.toString()).err())
        .contains("--out must be a new or empty folder", logs + " has files");
    assertThat(export().exitCode()).isEqualTo(2);
  }
}
