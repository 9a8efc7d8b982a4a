// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.report.scene.ThisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A month of logs and journal with planted differences: every one is found, and nothing else.
 * 50,000 lines; a million with {@code -Dsoak}.
 */
class ReconcileMonthTest {
  private static final int LINES = 50_000;
  private static final int LINES_OF_SOAK = 1_000_000;
  private static final int FILES = 8;
  private static final long MOST_KILOBYTES = 1_500_000;
  private static final Pattern PEAK = Pattern.compile("VmHWM: (\\d+) kB");

  @TempDir Path folder;

  @Test
  void everyPlantedDifferenceIsFoundAndNothingElse() throws Exception {
    boolean soak = System.getProperty("soak") != null;
    Path logs = Files.createDirectories(folder.resolve("logs"));
    Path file = folder.resolve("journal");
    Map<String, String> expected;
    try (MonthJournal journal = new MonthJournal(file)) {
      Month month = new Month(20_261_129, soak ? LINES_OF_SOAK : LINES, FILES, logs, journal);
      assertThat(month.models()).isEqualTo(40);
      month.write(ThisProcess.progress("lines"));
      expected = month.expected();
    }
    assertThat(expected).hasSize(7 * Month.OF_EACH + FILES);

    Path out = folder.resolve("out");
    String printed = run(logs, file, out);

    Map<String, String> found = new TreeMap<>();
    for (String line : Files.readAllLines(out.resolve("differences.jsonl"))) {
      JsonNode difference = new ObjectMapper().readTree(line);
      String other =
          found.put(difference.get("request_id").asText(), difference.get("kind").asText());
      assertThat(other).as("another difference of %s", difference).isNull();
    }
    long right =
        expected.entrySet().stream()
            .filter(planted -> planted.getValue().equals(found.get(planted.getKey())))
            .count();
    System.out.print(printed);
    System.out.printf(
        "%d of %d planted differences found, %d others%n",
        right, expected.size(), found.size() - right);
    assertThat(found).isEqualTo(new TreeMap<>(expected));
    for (String text :
        List.of(
            printed,
            Files.readString(out.resolve("differences.jsonl")),
            Files.readString(out.resolve("differences.csv")))) {
      assertThat(text).doesNotContain(Month.CANARY);
    }
    Matcher peak = PEAK.matcher(printed);
    if (peak.find()) {
      assertThat(Long.parseLong(peak.group(1))).isLessThan(MOST_KILOBYTES);
    } else {
      System.out.println("NOT CHECKED: how much memory the process had; this is no Linux");
    }
  }

  private String run(Path logs, Path journal, Path out) throws IOException, InterruptedException {
    Path printed = folder.resolve("printed.txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx400m", "-cp", System.getProperty("java.class.path")));
    command.add(MonthProcess.class.getName());
    command.addAll(List.of(logs.toString(), journal.toString(), out.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(printed.toFile())
            .start();
    int code = process.waitFor();
    String text = Files.readString(printed, StandardCharsets.UTF_8);
    assertThat(code).as(text).isZero();
    return text;
  }
}
