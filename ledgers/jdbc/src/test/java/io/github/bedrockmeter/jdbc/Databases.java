// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;

/** Databases for tests: a real PostgreSQL for the whole run, and H2 in memory. Thread-safe. */
public final class Databases {
  /** The contract's windows are fixed days, and no test can set a database's clock. */
  public static final Duration LONG_GRACE = Duration.ofDays(36_500);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private Databases() {}

  private static final class Server {
    private static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> closeQuietly(postgres)));
        return postgres;
      } catch (IOException failure) {
        throw new UncheckedIOException("these tests need the embedded PostgreSQL", failure);
      }
    }

    private static void closeQuietly(EmbeddedPostgres postgres) {
      try {
        postgres.close();
      } catch (IOException failure) {
        System.err.println("PostgreSQL was not stopped: " + failure);
      }
    }
  }

  /** The port of the PostgreSQL that all tests share. */
  public static int postgresPort() {
    return Server.POSTGRES.getPort();
  }

  /** An empty database in the PostgreSQL that all tests share. */
  public static String newPostgresDatabase() throws SQLException {
    String name = "test" + NUMBER.incrementAndGet();
    execute(Server.POSTGRES.getPostgresDatabase(), "CREATE DATABASE " + name);
    return name;
  }

  /** A pool of connections to a PostgreSQL; its statements keep their text, for proxies to see. */
  public static HikariDataSource pool(int port, String database, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres&connectTimeout=2&prepareThreshold=0"
            .formatted(port, database));
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(500);
    config.setValidationTimeout(250);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /** A pool like {@link #pool(int, String, int)}, whose connections have an isolation level. */
  public static HikariDataSource pool(
      int port, String database, int connections, String isolation) {
    HikariDataSource pool = pool(port, database, connections);
    HikariConfig config = new HikariConfig();
    pool.copyStateTo(config);
    config.setTransactionIsolation(isolation);
    pool.close();
    return new HikariDataSource(config);
  }

  /** An empty H2 in memory, which lives as long as the JVM. */
  public static DataSource newH2() {
    return JdbcConnectionPool.create(
        "jdbc:h2:mem:test" + NUMBER.incrementAndGet() + ";DB_CLOSE_DELAY=-1", "sa", "");
  }

  /** The H2 database in a file that is closed. */
  public static JdbcConnectionPool h2File(Path file) {
    return JdbcConnectionPool.create("jdbc:h2:file:" + file.toAbsolutePath(), "sa", "");
  }

  /** What happens, or goes wrong, before a connection is given out. */
  @FunctionalInterface
  public interface Before {
    /** Runs on the thread that asks for a connection. */
    void connection() throws SQLException;
  }

  /** A database that runs something, which may fail, before it gives out a connection. */
  public static DataSource troubled(DataSource database, Before before) {
    return (DataSource)
        Proxy.newProxyInstance(
            Databases.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, args) -> {
              if (method.getName().equals("getConnection")) {
                before.connection();
              }
              try {
                return method.invoke(database, args);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  /**
   * A database that counts what goes to the server and is waited for: statements, batches, commits,
   * rollbacks, changes of the isolation level.
   */
  public static DataSource counting(DataSource database, AtomicInteger roundTrips) {
    return (DataSource) counting(DataSource.class, database, roundTrips);
  }

  private static Object counting(Class<?> type, Object target, AtomicInteger roundTrips) {
    return Proxy.newProxyInstance(
        Databases.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, args) -> {
          String name = method.getName();
          if (name.startsWith("execute")
              || Set.of("commit", "rollback", "setTransactionIsolation").contains(name)) {
            roundTrips.incrementAndGet();
          }
          Object result;
          try {
            result = method.invoke(target, args);
          } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
          }
          return result instanceof Connection || result instanceof Statement
              ? counting(method.getReturnType(), result, roundTrips)
              : result;
        });
  }

  /** Runs one statement. */
  public static void execute(DataSource dataSource, String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The only value that a query returns, as text. */
  public static String value(DataSource dataSource, String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }
}
