// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import io.github.bedrockmeter.internal.text.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.h2.Driver;
import org.h2.jdbcx.JdbcConnectionPool;
import org.slf4j.LoggerFactory;

/**
 * An H2 database in a file, of this process alone. This class and {@link H2Header} are the only
 * ones that need H2. Internal to this module; thread-safe.
 */
public final class H2File {
  private static final Log log = Log.to(LoggerFactory.getLogger(H2File.class));

  /*
   * WRITE_DELAY=0: what was committed has been handed to the operating system, so that killing the
   * JVM loses nothing; H2's default keeps up to half a second in memory. Since each commit then
   * writes a few kilobytes, old space is used again after 0.1 seconds and not after H2's 45 seconds, and the
   * file is compacted at close for up to two seconds. No trace file: it would have the statements
   * and their values, readable by all; what failed is in the exceptions.
   */
  private static final String SETTINGS =
      ";WRITE_DELAY=0;RETENTION_TIME=100;MAX_COMPACT_TIME=2000;TRACE_LEVEL_FILE=0";

  /** Where H2 does not find its latest commits again unless they are at the end of the file. */
  private static final String NO_REUSE = ";REUSE_SPACE=FALSE";

  /** The files that this process has open, and how often. */
  private static final Map<Path, Integer> OPEN = new HashMap<>();

  private static final AtomicBoolean warned = new AtomicBoolean();

  private static final String SUFFIX = ".mv.db";

  private H2File() {}

  /**
   * Opens a file, creating it if there is none, for its owner alone; it is closed with its
   * database.
   *
   * @param file without H2's suffix {@code .mv.db}
   * @param timeout how long one answer may take
   * @throws IllegalArgumentException if H2 would take a part of the name for something else
   * @throws IllegalStateException if H2 is not on the class path
   */
  public static Database open(Path file, Duration timeout) {
    Path absolute = checked(file).toAbsolutePath();
    Path stored = stored(file);
    try {
      String url = "jdbc:h2:file:" + absolute + SETTINGS + (mayReuseSpace() ? "" : NO_REUSE);
      JdbcConnectionPool pool = JdbcConnectionPool.create(url, "sa", "");
      begin(stored);
      return new Database(pool, timeout, () -> end(stored, pool), new H2Upgrade(stored));
    } catch (NoClassDefFoundError missing) {
      throw new IllegalStateException(
          "a ledger or journal in a file needs H2; add com.h2database:h2 to the class path",
          missing);
    }
  }

  private static Path stored(Path file) {
    return Path.of(file.toAbsolutePath().normalize() + SUFFIX);
  }

  /**
   * Makes the header of a file name its last commit, unless this process has it open.
   *
   * @param file without H2's suffix
   */
  public static synchronized void mend(Path file) {
    if (!OPEN.containsKey(stored(file))) {
      new H2Upgrade(stored(file)).restore();
      H2Header.mend(stored(file));
    }
  }

  /** Before the first connection of this process. */
  private static synchronized void begin(Path stored) {
    if (!OPEN.containsKey(stored)) {
      new H2Upgrade(stored).restore();
      keepToOwner(stored);
      H2Header.mend(stored);
    }
    OPEN.merge(stored, 1, Integer::sum);
  }

  private static synchronized void end(Path stored, JdbcConnectionPool pool) {
    pool.dispose();
    keepToOwner(stored); // H2 may have written it anew
    OPEN.computeIfPresent(stored, (same, count) -> count == 1 ? null : count - 1);
  }

  /** H2 2.5.250 and 2.5.252 lose up to twenty commits if they may: docs/decisions/0021. */
  private static boolean mayReuseSpace() {
    String version = Driver.load().getMajorVersion() + "." + Driver.load().getMinorVersion();
    boolean mayReuse = !version.equals("2.5");
    if (!mayReuse && warned.compareAndSet(false, true)) {
      log.warn(
          "H2 {} can lose commits when its process is killed, so its files only grow"
              + "; use com.h2database:h2:2.4.240",
          version);
    }
    return mayReuse;
  }

  /** Not what begins a setting in H2's URL, such as INIT, which runs SQL; nor another folder. */
  private static Path checked(Path file) {
    String text = file.toString();
    boolean otherFolder = text.contains("\\") && file.getFileSystem().getSeparator().equals("/");
    if (file.getFileName() == null || text.isEmpty()) {
      throw wrong("must name a file", text);
    }
    if (text.contains(";") || otherFolder || text.chars().anyMatch(Character::isISOControl)) {
      throw wrong("must not contain ';', '\\' or control characters", text);
    }
    if (text.endsWith(SUFFIX)) {
      String without = text.substring(0, text.length() - SUFFIX.length());
      throw new IllegalArgumentException(
          "file must be given without H2's suffix "
              + SUFFIX
              + ", as '"
              + without
              + "': '"
              + text
              + "'");
    }
    return file;
  }

  private static IllegalArgumentException wrong(String rule, String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return new IllegalArgumentException(
        "file " + rule + ", for example /var/lib/app/ledger: '" + printable + "'");
  }

  /**
   * Balances, tags and costs are in it. Where that cannot be set, opening it fails or it is set.
   */
  private static void keepToOwner(Path stored) {
    try {
      Path folder = stored.getParent();
      if (folder != null) {
        OwnerOnly.createDirectories(folder);
      }
      if (Files.exists(stored)) {
        OwnerOnly.restrict(stored);
      } else {
        OwnerOnly.createFile(stored); // H2 takes an empty file for a new one
      }
    } catch (IOException | UnsupportedOperationException | SecurityException unable) {
      // H2 reports what is wrong with the file, if it cannot be used.
    }
  }
}
