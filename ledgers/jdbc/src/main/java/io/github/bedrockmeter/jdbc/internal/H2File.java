// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * An H2 database in a file, of this process alone. The only class that needs H2. Internal to this
 * module. Thread-safe.
 */
public final class H2File {
  /*
   * WRITE_DELAY=0: what was committed has been handed to the operating system, so that killing the
   * JVM loses nothing; H2's default keeps up to half a second in memory. Since each commit then
   * writes a few kilobytes, old space is used again after 10 seconds and not after H2's 45.
   */
  private static final String SETTINGS = ";WRITE_DELAY=0;RETENTION_TIME=10000";

  private final JdbcConnectionPool pool;

  private H2File(JdbcConnectionPool pool) {
    this.pool = pool;
  }

  /**
   * Opens a file, creating it if there is none.
   *
   * @param file without H2's suffix {@code .mv.db}
   * @throws IllegalStateException if H2 is not on the class path
   */
  public static H2File open(Path file) {
    String url = "jdbc:h2:file:" + file.toAbsolutePath() + SETTINGS;
    try {
      return new H2File(JdbcConnectionPool.create(url, "sa", ""));
    } catch (NoClassDefFoundError missing) {
      throw new IllegalStateException(
          "a ledger or journal in a file needs H2; add com.h2database:h2 to the class path",
          missing);
    }
  }

  /** A pool of connections to the file. */
  public DataSource dataSource() {
    return pool;
  }

  /** Closes all connections, and with the last one the file. */
  public void close() {
    pool.dispose();
  }
}
