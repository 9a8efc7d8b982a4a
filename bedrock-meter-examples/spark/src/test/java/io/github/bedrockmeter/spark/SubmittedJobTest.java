// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.reconcile.GeneratedMonth;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar, by what {@code spark-submit} runs, in a JVM of its own whose class path has
 * Spark's jars and none of ours.
 */
class SubmittedJobTest {
  private static final int LINES = 1_500;
  private static final String JAR = System.getProperty("shaded.jar");

  @TempDir Path folder;

  @Test
  void theSubmittedJarFindsEveryPlantedDifference() throws Exception {
    if (JAR == null) {
      System.out.println("NOT RUN: SubmittedJobTest, which needs the jar: mvn -Pspark verify");
    }
    assumeTrue(JAR != null, "no jar was made");
    Path logs = Files.createDirectories(folder.resolve("logs"));
    Path journal = folder.resolve("journal");
    Map<String, String> planted = GeneratedMonth.write(LINES, 2, logs, journal);
    Path ofJournal = folder.resolve("journal-facts");
    Path ofEngine = folder.resolve("engine");
    Path out = folder.resolve("out");
    try (FactTables tables = OneMachine.open(folder)) {
      OneMachine.readJournal(tables, journal);
      OneMachine.write(tables, ofJournal);
    }

    String printed =
        submit(
            "--logs",
            logs.toUri().toString(),
            "--journal",
            ofJournal.toUri().toString(),
            "--out",
            "file:" + out);

    System.out.print(printed);
    try (FactTables tables = OneMachine.open(folder)) {
      OneMachine.readLogs(tables, logs);
      OneMachine.write(tables, ofEngine);
      assertThat(
              OneMachine.differing(
                  tables,
                  "SELECT * FROM " + OneMachine.files(out.resolve("calls")),
                  "SELECT * FROM " + OneMachine.files(ofEngine.resolve("calls"))))
          .isZero();
      Map<Object, Object> found =
          tables
              .ask("SELECT request_id, kind FROM " + OneMachine.files(out.resolve("differences")))
              .rows()
              .stream()
              .collect(Collectors.toMap(row -> row.get(0), row -> row.get(1)));
      assertThat(found).isEqualTo(planted);
    }
    assertThat(printed)
        .contains(" calls in file:" + out)
        .contains("kind=unmetered calls=80 ")
        .contains("kind=duplicate calls=40 ")
        .doesNotContain(GeneratedMonth.CANARY);
    NoCanary.in(out);
  }

  private String submit(String... arguments) throws Exception {
    Path jar = Path.of(JAR);
    assertThat(jar).exists();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-cp", jarsOfSpark()));
    Files.readAllLines(Path.of("pom.xml")).stream()
        .map(String::strip)
        .filter(line -> line.startsWith("--add-opens"))
        .forEach(command::add);
    command.add("org.apache.spark.deploy.SparkSubmit");
    command.addAll(List.of("--master", "local[2]", "--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--conf", "spark.driver.host=127.0.0.1"));
    command.addAll(List.of("--conf", "spark.sql.shuffle.partitions=2"));
    command.addAll(List.of("--class", "io.github.bedrockmeter.spark.InvocationLogJob"));
    command.add(jar.toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    Path printed = folder.resolve("printed.txt");
    Path errors = folder.resolve("errors.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(printed.toFile())
            .redirectError(errors.toFile())
            .start();
    int code = process.waitFor();
    String text = Files.readString(printed);
    assertThat(code).as("%s%n%s", text, Files.readString(errors)).isZero();
    return text;
  }

  /** The class path of this JVM without what is ours, the AWS SDK's or of tests. */
  private static String jarsOfSpark() {
    String ours =
        ".*(/classes|/test-classes|bedrock-meter|software/amazon|duckdb|h2database|junit|assertj"
            + "|opentest4j|apiguardian|surefire|trino|caffeine|jspecify).*";
    String all =
        Arrays.stream(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"))
                    .split(File.pathSeparator))
            .filter(one -> !one.matches(ours))
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(all).contains("spark-core", "jackson-core");
    return all;
  }
}
