// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags and costs are in files that no other user may read, whatever the umask. */
class OwnerOnlyTest {
  @TempDir Path folder;

  @Test
  void filesAreTheOwnersAlone() throws Exception {
    boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!posix) {
      System.out.println("OwnerOnlyTest cannot run: the file system has no POSIX permissions");
    }
    assumeTrue(posix);
    Path file = folder.resolve("new").resolve("usage");
    Map<String, String> permissions = new TreeMap<>();
    try (JdbcLedger ledger = JdbcLedger.file(file);
        UsageJournal journal = UsageJournal.builder(file).flushInterval(Duration.ZERO).build()) {
      journal.onUsage(Events.event("a"));
      // A segment is there until it is in the database, so its file may be gone when it is listed.
      for (int i = 0;
          i < 1_000 && permissions.keySet().stream().noneMatch(OwnerOnlyTest::isSegment);
          i++) {
        journal.onUsage(Events.event("call-" + i));
        permissions.putAll(permissions());
      }
      assertThat(ledger.answerTime()).isPositive();
    }
    permissions.putAll(permissions());

    System.out.println("permissions of the files of an H2 ledger and journal: " + permissions);
    assertThat(permissions.keySet())
        .anyMatch(OwnerOnlyTest::isSegment)
        .anyMatch(name -> name.endsWith(".lock"));
    assertThat(permissions).containsKeys("usage.mv.db", "usage.journal", "new");
    permissions.forEach(
        (name, given) ->
            assertThat(given)
                .as(name)
                .isEqualTo(
                    List.of("new", "usage.journal").contains(name) ? "rwx------" : "rw-------"));
  }

  private static boolean isSegment(String name) {
    return name.endsWith(".segment");
  }

  private Map<String, String> permissions() throws Exception {
    Map<String, String> permissions = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> !path.equals(folder)).toList()) {
        try {
          permissions.put(
              file.getFileName().toString(),
              PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        } catch (NoSuchFileException moved) {
          // It was a segment.
        }
      }
    } catch (UncheckedIOException moved) {
      // So was this.
    }
    return permissions;
  }
}
