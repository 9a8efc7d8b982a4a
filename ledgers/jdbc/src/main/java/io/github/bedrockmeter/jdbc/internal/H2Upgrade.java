// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.jdbc.internal.Database.Safeguard;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.zip.ZipInputStream;
import org.slf4j.LoggerFactory;

/**
 * Keeps a copy of an H2 file while its tables are changed, and puts it back if the process ended
 * meanwhile. H2 changes a table by copying it, in several commits: a process that is killed between
 * them leaves the table twice or not at all, and what is written afterwards can be lost. Internal
 * to this module; thread-safe.
 */
final class H2Upgrade implements Safeguard {
  private static final Log log = Log.to(LoggerFactory.getLogger(H2Upgrade.class));

  private final Path stored;
  private final Path copy;
  private final Path unfinished;

  /**
   * The safeguard of a file.
   *
   * @param stored with H2's suffix
   */
  H2Upgrade(Path stored) {
    this.stored = stored;
    this.copy = stored.resolveSibling(stored.getFileName() + ".before-upgrade.zip");
    this.unfinished = copy.resolveSibling(copy.getFileName() + ".part");
  }

  @Override
  public void begin(Connection connection) throws SQLException {
    try (PreparedStatement backup = connection.prepareStatement("BACKUP TO ?")) {
      OwnerOnly.createFile(unfinished);
      backup.setString(1, unfinished.toString());
      backup.execute();
      sync(unfinished);
      Files.move(unfinished, copy, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new SQLException("no copy of " + stored + " could be made before its upgrade", failure);
    }
  }

  @Override
  public void end() throws SQLException {
    try {
      Files.deleteIfExists(copy);
    } catch (IOException failure) {
      throw new SQLException(
          copy + " could not be deleted; delete it, or the next start puts it back", failure);
    }
  }

  /** Puts the copy back, if there is one. Not to be used on a file that this process has open. */
  void restore() {
    try {
      if (!Files.exists(copy)) {
        return;
      }
      try (FileChannel open = FileChannel.open(stored, StandardOpenOption.WRITE)) {
        if (open.tryLock() != null) {
          putBack();
        }
      }
    } catch (IOException | OverlappingFileLockException failure) {
      throw new IllegalStateException(
          "an upgrade of "
              + stored
              + " was interrupted, and its copy from before cannot be put back"
              + "; unzip it over the file, and delete it: "
              + copy,
          failure);
    }
  }

  private void putBack() throws IOException {
    log.warn("An upgrade of {} was interrupted; the file is what it was before", stored);
    OwnerOnly.createFile(unfinished);
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(copy))) {
      zip.getNextEntry();
      write(zip);
    }
    sync(unfinished);
    Files.move(
        unfinished, stored, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.delete(copy);
  }

  private void write(InputStream contents) throws IOException {
    try (var out = Files.newOutputStream(unfinished)) {
      contents.transferTo(out);
    }
  }

  private static void sync(Path file) throws IOException {
    try (FileChannel written = FileChannel.open(file, StandardOpenOption.WRITE)) {
      written.force(true);
    }
  }
}
