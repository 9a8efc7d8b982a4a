// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.h2.jdbcx.JdbcConnectionPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An H2 database in a file, of this process alone. This class and {@link H2Header} are the only
 * ones that need H2. Internal to this module; thread-safe.
 */
public final class H2File {
  /*
   * WRITE_DELAY=0: what was committed has been handed to the operating system, so that killing the
   * JVM loses nothing; H2's default keeps up to half a second in memory. Since each commit then
   * writes a few kilobytes, old space is used again after 10 seconds and not after H2's 45.
   *
   * TRACE_LEVEL_FILE=0: H2's trace file would be readable by all, and quotes statements.
   */
  private static final String SETTINGS = ";WRITE_DELAY=0;RETENTION_TIME=10000;TRACE_LEVEL_FILE=0";

  private static final Logger log = LoggerFactory.getLogger(H2File.class);

  /** The files that this process has open, and how often. */
  private static final Map<Path, Integer> OPEN = new HashMap<>();

  private H2File() {}

  /**
   * Opens a file, creating it if there is none; it is closed with its database.
   *
   * @param file without H2's suffix {@code .mv.db}
   * @param timeout how long one answer may take
   * @throws IllegalStateException if H2 is not on the class path
   */
  public static Database open(Path file, Duration timeout) {
    Path stored = stored(file);
    String url = "jdbc:h2:file:" + file.toAbsolutePath() + SETTINGS;
    try {
      JdbcConnectionPool pool = JdbcConnectionPool.create(url, "sa", "");
      begin(stored);
      return new Database(pool, timeout, () -> end(stored, pool));
    } catch (NoClassDefFoundError missing) {
      throw new IllegalStateException(
          "a ledger or journal in a file needs H2; add com.h2database:h2 to the class path",
          missing);
    }
  }

  private static Path stored(Path file) {
    return Path.of(file.toAbsolutePath().normalize() + ".mv.db");
  }

  /**
   * Makes the header of a file name its last commit, unless this process has it open.
   *
   * @param file without H2's suffix
   */
  public static synchronized void mend(Path file) {
    if (!OPEN.containsKey(stored(file))) {
      H2Header.mend(stored(file));
    }
  }

  /** Before the first connection of this process. */
  private static synchronized void begin(Path stored) {
    if (OPEN.merge(stored, 1, Integer::sum) == 1) {
      createForOwner(stored);
      H2Header.mend(stored);
    }
  }

  /** H2 takes an empty file for a new one. */
  private static void createForOwner(Path stored) {
    try {
      Path folder = stored.getParent();
      if (folder != null) {
        OwnerOnly.createDirectories(folder);
      }
      OwnerOnly.createFile(stored);
    } catch (IOException unusable) {
      log.debug("{} was not created; H2 says why, with its first connection", stored, unusable);
    }
  }

  private static synchronized void end(Path stored, JdbcConnectionPool pool) {
    pool.dispose();
    OPEN.computeIfPresent(stored, (same, count) -> count == 1 ? null : count - 1);
  }
}
