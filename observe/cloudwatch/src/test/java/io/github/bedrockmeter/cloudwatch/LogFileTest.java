// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that CloudWatch's agent reads. */
class LogFileTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final long MEBIBYTE = 1L << 20;

  @TempDir Path folder;
  private Path file;
  private Path earlier;

  @BeforeEach
  void nameFiles() {
    file = folder.resolve("emf.log");
    earlier = folder.resolve("emf.log.1");
  }

  private static UsageEvent numbered(int number) {
    return SampleEvents.completed(SampleCalls.converse().id("call-" + number).build()).build();
  }

  private static void write(CloudWatchMetrics sink, int from, int to) {
    for (int i = from; i < to; i++) {
      sink.onUsage(numbered(i));
    }
    assertThat(sink.flush(LONG)).isTrue();
  }

  private void assumePosix(String test) {
    boolean isPosix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!isPosix) {
      System.out.println("NOT RUN: " + test + ", since the file system has no permissions");
    }
    assumeTrue(isPosix);
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static List<String> ids(Path path) throws Exception {
    return Lines.ofMany(path).all().stream().map(line -> line.path("callId").textValue()).toList();
  }

  @Test
  void aFileIsItsOwnersAlone() throws Exception {
    assumePosix("aFileIsItsOwnersAlone");
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file, MEBIBYTE).build()) {
      write(sink, 0, 2_000);
    }

    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(permissions(earlier)).isEqualTo("rw-------");
  }

  @Test
  void aFileThatAnOperatorMadeKeepsItsPermissionsAndHandsThemOn() throws Exception {
    assumePosix("aFileThatAnOperatorMadeKeepsItsPermissionsAndHandsThemOn");
    Files.createFile(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file, MEBIBYTE).build()) {
      write(sink, 0, 2_000);
    }

    assertThat(permissions(earlier)).isEqualTo("rw-rw-r--");
    assertThat(permissions(file)).isEqualTo("rw-rw-r--");
  }

  @Test
  void aFullFileIsRenamedAndThereAreNeverMoreThanTwo() throws Exception {
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file, MEBIBYTE).build()) {
      write(sink, 0, 5_000);
      assertThat(sink.written()).isEqualTo(5_000);
    }

    assertThat(Files.size(file)).isLessThanOrEqualTo(MEBIBYTE);
    assertThat(Files.size(earlier)).isBetween(MEBIBYTE * 9 / 10, MEBIBYTE);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(file, earlier);
    }
    List<String> last = ids(file);
    List<String> before = ids(earlier);
    assertThat(last.get(last.size() - 1)).isEqualTo("call-4999");
    assertThat(last.get(0)).isEqualTo("call-" + (5_000 - last.size()));
    assertThat(before.get(before.size() - 1)).isEqualTo("call-" + (5_000 - last.size() - 1));
  }

  @Test
  void aFileThatIsRenamedOrDeletedIsMadeAnew() throws Exception {
    Path renamed = folder.resolve("by-logrotate");
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file).build()) {
      write(sink, 0, 2);
      Files.move(file, renamed);
      write(sink, 2, 4);
      Files.delete(file);
      write(sink, 4, 6);
    }

    assertThat(ids(renamed)).containsExactly("call-0", "call-1");
    assertThat(ids(file)).containsExactly("call-4", "call-5");
  }

  @Test
  void aLineThatAKilledProcessLeftUnfinishedSpoilsNoOther() throws Exception {
    Files.writeString(file, "{\"whole\":1}\n{\"_aws\":{\"Timest");
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file).build()) {
      write(sink, 0, 2);
    }

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(4).startsWith("{\"whole\":1}", "{\"_aws\":{\"Timest");
    JsonNode line = EmfSpecification.check(lines.get(2), Instant.now());
    assertThat(line.path("callId").textValue()).isEqualTo("call-0");
  }

  @Test
  void aDiskThatWasFullForAWhileLosesNoLine() throws Exception {
    if (!mount("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.toString())) {
      System.out.println("NOT RUN: aDiskThatWasFullForAWhileLosesNoLine, without rights to mount");
      Assumptions.abort("no rights to mount");
    }
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file).build()) {
      Path filler = Files.write(folder.resolve("filler"), new byte[900 << 10]);
      for (int i = 0; i < 500; i++) {
        sink.onUsage(numbered(i));
      }
      Awaitility.await().atMost(LONG).until(() -> Files.size(file) >= 100_000);
      assertThat(sink.flush(Duration.ofMillis(100))).isFalse();
      Files.delete(filler);

      assertThat(sink.flush(LONG)).isTrue();
      assertThat(sink.dropped()).isZero();
      List<String> ids = new ArrayList<>();
      List<String> torn = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        if (line.endsWith("}")) {
          ids.add(EmfSpecification.check(line, Instant.now()).path("callId").textValue());
        } else {
          torn.add(line);
        }
      }
      assertThat(torn).hasSizeLessThanOrEqualTo(1);
      System.out.printf(
          "cloudwatch: a full disk left %d lines whole and %d torn%n", ids.size(), torn.size());
      assertThat(ids).isEqualTo(IntStream.range(0, 500).mapToObj(i -> "call-" + i).toList());
    } finally {
      mount("umount", "-l", folder.toString());
    }
  }

  private static boolean mount(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  @Test
  void aFileIsContinuedAfterARestart() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file).build()) {
        write(sink, i, i + 1);
      }
    }

    assertThat(ids(file)).containsExactly("call-0", "call-1", "call-2");
  }

  @Test
  void noFileIsMadeBeforeThereIsALine() {
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file).build()) {
      assertThat(sink.flush(LONG)).isTrue();
      assertThat(file).doesNotExist();
    }
  }
}
