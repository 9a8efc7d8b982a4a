// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may stand where a file of budgets is expected, and what its text may hold. */
@Timeout(60)
class OddFilesTest {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

  @TempDir Path folder;

  private final List<Reload> reloads = new CopyOnWriteArrayList<>();

  private Path at(String name) {
    return folder.resolve(name);
  }

  private Path pipe(String name) throws Exception {
    Path pipe = at(name);
    boolean made;
    try {
      made = new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0;
    } catch (IOException noSuchProgram) {
      made = false;
    }
    if (!made) {
      System.out.println("NOT TESTED: this system has no mkfifo");
    }
    assumeTrue(made);
    return pipe;
  }

  private static String limit(int requests) {
    return "budgets: [{name: all, limit: " + requests + " requests, window: lifetime}]";
  }

  private static void assertRefused(Path file, String why) {
    assertThatThrownBy(() -> BudgetsFile.read(file))
        .isInstanceOf(BudgetsFileException.class)
        .hasMessage(file + " cannot be read: " + why);
  }

  @Test
  void aPipeIsRefusedAtOnce() throws Exception {
    assertRefused(pipe("pipe.yaml"), "it is a pipe or a device");
  }

  @Test
  void aDeviceWithoutEndIsRefusedAtOnce() throws IOException {
    Path device = Files.createSymbolicLink(at("zero.yaml"), Path.of("/dev/zero"));
    assumeTrue(Files.exists(device));

    assertRefused(device, "it is a pipe or a device");
  }

  @Test
  void aDirectoryIsRefused() throws IOException {
    assertRefused(Files.createDirectory(at("directory.json")), "it is a directory");
  }

  @Test
  void aFileThatIsMissingIsNamed() {
    assertRefused(at("none.yaml"), "it does not exist");
  }

  @Test
  void aWatchOutlivesWhateverStandsInTheFilesPlace() throws Exception {
    Path file = Files.writeString(at("budgets.yaml"), limit(1));
    Path pipe = pipe("pipe");
    BedrockMeter meter = BedrockMeter.builder().build();
    try (BudgetsWatch watch = BudgetsFile.watch(file, meter, Duration.ofMillis(10), reloads::add)) {
      assertThat(watch).isNotNull();
      Files.delete(file);
      awaitReloads(1);
      Files.createDirectory(file);
      awaitReloads(2);
      Files.delete(file);
      awaitReloads(3);
      Files.move(pipe, file);
      awaitReloads(4);
      Files.delete(file);
      awaitReloads(5);
      Files.createSymbolicLink(file, Path.of("/dev/zero"));
      awaitReloads(6);
      Files.delete(file);
      awaitReloads(7);
      Files.createSymbolicLink(file, file);
      awaitReloads(8);
      Files.delete(file);
      awaitReloads(9);
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().equals("bedrock-meter-budgets-file"))
          .forEach(Thread::interrupt);
      Files.writeString(file, limit(2));
      awaitReloads(10);
    }

    assertThat(reloads).last().isInstanceOf(Reload.Replaced.class);
    assertThat(meter.control("all").budget().limit()).isEqualTo(Amount.requests(2));
  }

  private void awaitReloads(int atLeast) {
    await().atMost(LONG_ENOUGH).until(() -> reloads.size() >= atLeast);
  }

  @ParameterizedTest
  @ValueSource(strings = {"enforce", "shadow"})
  void aWarningBeyondTheLimitIsRefusedUnlessTheBudgetOnlyObserves(String mode) throws IOException {
    String text =
        "budgets: [{name: a, limit: 5 requests, window: lifetime, warnAt: [0.5, 1.5, 80], mode: ";

    BudgetsFileException refused =
        catchThrowableOfType(
            BudgetsFileException.class,
            () -> BudgetsFile.read(Files.writeString(at("w.yaml"), text + mode + "}]")));

    assertThat(refused.problems())
        .extracting(BudgetsFileException.Problem::message)
        .containsExactly(
            "1.5 is more than the limit, which is 1; write 80 % as 0.8 (only mode: observe counts"
                + " beyond the limit)",
            "80 is more than the limit, which is 1; write 80 % as 0.8 (only mode: observe counts"
                + " beyond the limit)");
    assertThat(BudgetsFile.read(Files.writeString(at("o.yaml"), text + "observe}]"))).hasSize(1);
  }

  @Test
  void aFallbackBeyondTheLimitIsRefused() throws IOException {
    Path file =
        Files.writeString(
            at("f.yaml"),
            "budgets: [{name: a, limit: 5 requests, window: lifetime, fallback: {model: m, atShare:"
                + " 80}}]");

    assertThatThrownBy(() -> BudgetsFile.read(file))
        .hasMessageContaining("80 is more than the limit, which is 1");
  }

  @Test
  void hostileTextInAFileMakesNoLineOfItsOwn() throws IOException {
    String evil = "x\\nbudgets.yaml:1:1: forged\\r\\u001b[2J\\u2028" + "y".repeat(5_000);
    Path file =
        Files.writeString(
            at("evil.yaml"),
            """
            budgets:
              - {name: "E", limit: "E", window: "E", mode: "E", per: ["E", "E"], "E": 1}
              - {name: "E", limit: 5 requests, window: daily in "E", limits: {"E": "E"}}
              - {name: a, limit: "77E", window: "until idle for E", frozen: {"E": "E"}, waitUpTo: "E"}
            """
                .replace("E", evil));

    BudgetsFileException refused =
        catchThrowableOfType(BudgetsFileException.class, () -> BudgetsFile.read(file));

    String message = String.valueOf(refused.getMessage());
    assertThat(message.lines().toList())
        .hasSameSizeAs(refused.problems())
        .allMatch(line -> line.startsWith(file.toString()))
        .allMatch(line -> line.length() < 3_000);
    assertThat(message.replace("\n", "").chars()).noneMatch(Character::isISOControl);
    assertThat(message).doesNotContain("\u2028");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "7_777_", "0.7"})
  void anAmountOfHalfAMillionDigitsIsRefusedAtOnce(String part) throws IOException {
    Path file =
        Files.writeString(
            at("long.yaml"),
            "budgets: [{name: a, window: lifetime, limit: \"" + part.repeat(100_000) + " USD\"}]");

    assertThatThrownBy(() -> BudgetsFile.read(file))
        .hasMessageContaining("is not an amount; write number and unit")
        .message()
        .hasSizeLessThan(2_500);
  }
}
