// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import java.nio.file.Path;
import java.time.Duration;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * An H2 database in a file, of this process alone. The only class that needs H2. Internal to this
 * module; holds no state, thread-safe.
 */
public final class H2File {
  /*
   * WRITE_DELAY=0: what was committed has been handed to the operating system, so that killing the
   * JVM loses nothing; H2's default keeps up to half a second in memory. Since each commit then
   * writes a few kilobytes, old space is used again after 10 seconds and not after H2's 45.
   */
  private static final String SETTINGS = ";WRITE_DELAY=0;RETENTION_TIME=10000";

  private H2File() {}

  /**
   * Opens a file, creating it if there is none; it is closed with its database.
   *
   * @param file without H2's suffix {@code .mv.db}
   * @param timeout how long one answer may take
   * @throws IllegalStateException if H2 is not on the class path
   */
  public static Database open(Path file, Duration timeout) {
    String url = "jdbc:h2:file:" + file.toAbsolutePath() + SETTINGS;
    try {
      JdbcConnectionPool pool = JdbcConnectionPool.create(url, "sa", "");
      return new Database(pool, timeout, pool::dispose);
    } catch (NoClassDefFoundError missing) {
      throw new IllegalStateException(
          "a ledger or journal in a file needs H2; add com.h2database:h2 to the class path",
          missing);
    }
  }
}
