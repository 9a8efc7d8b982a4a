// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.dynamodb.DynamoDbLedger;
import io.github.bedrockmeter.internal.text.Durations;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.redis.RedisLedger;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClientBuilder;

/**
 * A ledger that a URL names, with its connection. Confined to one thread.
 *
 * @param timeout how long one answer may take
 */
record OpenedLedger(Ledger ledger, Duration timeout, Runnable closing) implements AutoCloseable {
  /** Not a database in memory, on a server, or in another of H2's file systems. */
  private static final Pattern H2_FILE =
      Pattern.compile("jdbc:h2:(?:file:)?(?![A-Za-z]\\w+:)([^;]+).*");

  /**
   * Where a ledger is, and how to open it. Immutable and thread-safe.
   *
   * @param prefix the prefix of its keys or tables; null for the ledger's default
   * @param endpoint DynamoDB's endpoint; null for the endpoint of its region
   * @param timeout how long connecting, and each answer, may take
   * @param abandonAfter the age from which on a hold counts as abandoned
   */
  record Address(
      LedgerUrl url,
      @Nullable String prefix,
      @Nullable URI endpoint,
      Duration timeout,
      Duration abandonAfter) {

    /** Opens the ledger; fails with a {@link CommandFailedException} if it cannot be reached. */
    OpenedLedger open() {
      if (url.isPostgres() || url.isH2()) {
        return openDatabase();
      }
      if (url.isDynamoDb()) {
        return openDynamoDb();
      }
      if (url.isRedis()) {
        return openRedis();
      }
      throw new IllegalArgumentException(url.unknown());
    }

    private CommandFailedException unreachable(Throwable failure) {
      return unreachable("ledger", url, failure);
    }

    private static CommandFailedException unreachable(
        String what, LedgerUrl url, Throwable failure) {
      return new CommandFailedException(
          "the " + what + " at " + url.shown() + " cannot be opened: " + Causes.of(failure),
          failure);
    }

    private OpenedLedger openRedis() {
      boolean isCluster = url.isRedisCluster();
      RedisURI uri = redisUri(isCluster ? url.text().replaceFirst("-cluster:", ":") : url.text());
      uri.setTimeout(timeout);
      SocketOptions sockets = SocketOptions.builder().connectTimeout(timeout).build();
      TimeoutOptions timeouts = TimeoutOptions.enabled(timeout);
      if (isCluster) {
        RedisClusterClient client = RedisClusterClient.create(uri);
        client.setOptions(
            ClusterClientOptions.builder().socketOptions(sockets).timeoutOptions(timeouts).build());
        return opened(() -> RedisLedger.builder(client.connect()), client::shutdown);
      }
      RedisClient client = RedisClient.create(uri);
      client.setOptions(
          ClientOptions.builder().socketOptions(sockets).timeoutOptions(timeouts).build());
      return opened(() -> RedisLedger.builder(client.connect()), client::shutdown);
    }

    /** Lettuce's own message would contain the URL with its password. */
    private RedisURI redisUri(String text) {
      try {
        return RedisURI.create(text);
      } catch (RuntimeException withThePassword) {
        throw new IllegalArgumentException(
            "the URL "
                + url.shown()
                + " is malformed; write special characters of a password in percent encoding, as %20 for a space");
      }
    }

    private OpenedLedger opened(Supplier<RedisLedger.Builder> connecting, Runnable closing) {
      try {
        RedisLedger.Builder builder = connecting.get().abandonAfter(abandonAfter);
        if (prefix != null) {
          builder.prefix(prefix);
        }
        return new OpenedLedger(builder.build(), timeout, closing);
      } catch (RuntimeException failure) {
        closing.run();
        throw unreachable(failure);
      }
    }

    private OpenedLedger openDatabase() {
      HikariDataSource pool = pool("ledger", url, timeout);
      try {
        requireTables(pool);
        JdbcLedger.Builder builder =
            JdbcLedger.builder(pool).threads(1).timeout(timeout).abandonAfter(abandonAfter);
        JdbcLedger ledger = (prefix == null ? builder : builder.tablePrefix(prefix)).build();
        return new OpenedLedger(
            ledger,
            timeout,
            () -> {
              ledger.close();
              pool.close();
            });
      } catch (SQLException | RuntimeException failure) {
        pool.close();
        throw unreachable(failure);
      }
    }

    /**
     * One connection to PostgreSQL or to an H2 file that exists.
     *
     * @param what it holds, for messages: ledger or journal
     */
    static HikariDataSource pool(String what, LedgerUrl url, Duration timeout) {
      HikariConfig config = new HikariConfig();
      config.setMaximumPoolSize(1);
      config.setConnectionTimeout(Math.max(250, timeout.toMillis()));
      if (url.isH2()) {
        h2File(url.text()).ifPresent(JdbcLedger::mendFile);
        String upper = url.text().toUpperCase(Locale.ROOT);
        // A mistyped path must not create an empty database, nor an error a file beside it.
        config.setJdbcUrl(
            url.text()
                + (upper.contains(";IFEXISTS=") ? "" : ";IFEXISTS=TRUE")
                + (upper.contains(";TRACE_LEVEL_FILE=") ? "" : ";TRACE_LEVEL_FILE=0"));
        if (!upper.contains(";USER=")) {
          config.setUsername("sa");
        }
        if (!upper.contains(";PASSWORD=")) {
          config.setPassword("");
        }
      } else {
        if (url.rest().split("[?]", 2)[0].indexOf('@') >= 0) {
          throw new IllegalArgumentException(
              "a PostgreSQL URL takes user and password as settings:"
                  + " jdbc:postgresql://host/db?user=meter&password=...");
        }
        config.setJdbcUrl(url.text());
      }
      try {
        return new HikariDataSource(config);
      } catch (RuntimeException failure) {
        throw unreachable(what, url, failure);
      }
    }

    /** The file that an H2 URL names, without its suffix; empty if it names none. */
    static Optional<Path> h2File(String url) {
      Matcher named = H2_FILE.matcher(url);
      if (!named.matches()) {
        return Optional.empty();
      }
      String path = named.group(1);
      String home = System.getProperty("user.home");
      return Optional.of(Path.of(path.startsWith("~") ? home + path.substring(1) : path));
    }

    /** Opening a ledger creates its tables, which a command that only reads must not do. */
    private void requireTables(HikariDataSource pool) throws SQLException {
      String table = (prefix == null ? "bedrock_meter_" : prefix) + "account";
      try (Connection connection = pool.getConnection()) {
        String stored =
            connection.getMetaData().storesUpperCaseIdentifiers()
                ? table.toUpperCase(Locale.ROOT)
                : table;
        try (ResultSet found = connection.getMetaData().getTables(null, null, stored, null)) {
          if (!found.next()) {
            throw new CommandFailedException("the database has no table " + table);
          }
        }
      }
    }

    private OpenedLedger openDynamoDb() {
      String[] names = url.rest().split("/", 2);
      if (names.length < 2 || !url.shown().endsWith(url.rest())) {
        throw new IllegalArgumentException(
            "a DynamoDB table must be written as dynamodb://eu-central-1/bedrock-budgets; got '"
                + url.shown()
                + "'; credentials come from AWS's default chain");
      }
      DynamoDbAsyncClientBuilder builder =
          DynamoDbAsyncClient.builder()
              .region(Region.of(names[0]))
              .overrideConfiguration(c -> c.apiCallTimeout(timeout));
      if (endpoint != null) {
        builder.endpointOverride(endpoint);
      }
      DynamoDbAsyncClient client = builder.build();
      return new OpenedLedger(
          DynamoDbLedger.builder(client, names[1]).abandonAfter(abandonAfter).build(),
          timeout,
          client::close);
    }
  }

  /** Waits for an answer; fails with a {@link CommandFailedException} if there is none in time. */
  <T> T answer(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw new CommandFailedException(
          "the ledger did not answer within " + Durations.text(timeout), late);
    } catch (ExecutionException failed) {
      throw new CommandFailedException("the ledger failed: " + Causes.of(failed), failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", interrupted);
    }
  }

  @Override
  public void close() {
    closing.run();
  }
}
