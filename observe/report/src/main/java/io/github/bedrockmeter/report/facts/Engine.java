// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/** Opens an engine that reaches nothing but its folder and the files that are named. Stateless. */
final class Engine {
  private Engine() {}

  /**
   * Opens one.
   *
   * @param megabytes the most memory it uses before it spills
   * @param reachable files and folders that SQL may read and write, beside its own folder
   */
  static DuckDBConnection connect(int megabytes, int threads, List<Path> reachable, Path folder)
      throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", megabytes + "MB");
    // Blocks are taken from here and not from malloc, which gives memory back and faults it in
    // again.
    settings.setProperty("block_allocator_memory", megabytes + "MB");
    settings.setProperty("threads", Integer.toString(threads));
    settings.setProperty("temp_directory", folder.resolve("spill").toString());
    settings.setProperty("home_directory", folder.toString());
    settings.setProperty("extension_directory", folder.resolve("extensions").toString());
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    settings.setProperty("custom_extension_repository", folder.resolve("none").toString());
    // Rows need no order of their own: every query that is shown says its order.
    settings.setProperty("preserve_insertion_order", "false");
    settings.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
    DuckDBConnection connection =
        new DuckDBDriver().connect("jdbc:duckdb:", settings).unwrap(DuckDBConnection.class);
    try {
      lockDown(connection, reachable, folder);
      return connection;
    } catch (SQLException | RuntimeException failure) {
      connection.close();
      throw failure;
    }
  }

  private static void lockDown(Connection connection, List<Path> reachable, Path folder)
      throws SQLException {
    List<Path> folders = new ArrayList<>(List.of(folder));
    List<Path> files = new ArrayList<>();
    for (Path path : reachable) {
      (Files.isDirectory(path) ? folders : files).add(path);
    }
    execute(connection, "SET GLOBAL TimeZone = 'UTC'");
    execute(connection, "SET allowed_directories = " + list(folders, "/"));
    execute(connection, "SET allowed_paths = " + list(files, ""));
    execute(connection, "SET enable_external_access = false");
    execute(connection, "SET lock_configuration = true");
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT current_setting('TimeZone')")) {
      row.next();
      if (!"UTC".equals(row.getString(1))) {
        throw new IllegalStateException("the engine's time zone is not UTC: " + row.getString(1));
      }
    }
  }

  private static String list(List<Path> paths, String end) {
    return paths.stream()
        .map(path -> text(path.toAbsolutePath() + end))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** A text as SQL has it, in single quotes. */
  static String text(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  static void execute(Connection connection, String sql) throws SQLException {
    // A statement that failed is closed by the driver, so each is its own.
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static void delete(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("the folder cannot be deleted: " + folder, failure);
    }
  }
}
