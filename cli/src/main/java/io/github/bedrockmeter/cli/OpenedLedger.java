// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.dynamodb.DynamoDbLedger;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.redis.RedisLedger;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClientBuilder;

/**
 * A ledger that a URL names, with its connection. Confined to one thread.
 *
 * @param patience how long one answer may take
 */
record OpenedLedger(Ledger ledger, Duration patience, Runnable closing) implements AutoCloseable {
  private static final int LONGEST_MESSAGE = 300;

  /**
   * Where a ledger is, and how to look at it.
   *
   * @param prefix what its keys or tables begin with; null for the ledger's default
   * @param endpoint where DynamoDB is, if not where its region says
   * @param patience how long connecting, and each answer, may take
   * @param abandonAfter from which age on holds count as abandoned
   */
  record Address(
      String url,
      @Nullable String prefix,
      @Nullable URI endpoint,
      Duration patience,
      Duration abandonAfter) {

    /** Opens the ledger; fails with a {@link CommandFailedException} if it cannot be reached. */
    OpenedLedger open() {
      if (url.startsWith("jdbc:postgresql:") || url.startsWith("jdbc:h2:")) {
        return openDatabase();
      }
      if (url.startsWith("dynamodb://")) {
        return openDynamoDb();
      }
      if (url.matches("rediss?(-cluster|-sentinel)?://.*")) {
        return openRedis();
      }
      throw new IllegalArgumentException(
          "no ledger has a URL like '"
              + withoutSecrets()
              + "'; write redis://, rediss://, redis-cluster://, redis-sentinel://,"
              + " jdbc:postgresql:, jdbc:h2: or dynamodb://REGION/TABLE");
    }

    /** The URL without what could be a password. */
    private String withoutSecrets() {
      String stripped =
          url.startsWith("jdbc:")
              ? url.replaceFirst("[?;].*", "")
              : url.replaceFirst("//.*@", "//...@");
      return stripped.replaceFirst("//[^/]*@", "//...@").replaceFirst("[?;].*", "");
    }

    private CommandFailedException unreachable(Throwable failure) {
      return new CommandFailedException(
          "the ledger at " + withoutSecrets() + " cannot be opened: " + rootMessage(failure),
          failure);
    }

    private OpenedLedger openRedis() {
      boolean isCluster = url.matches("rediss?-cluster:.*");
      RedisURI uri = redisUri(isCluster ? url.replaceFirst("-cluster:", ":") : url);
      uri.setTimeout(patience);
      SocketOptions sockets = SocketOptions.builder().connectTimeout(patience).build();
      TimeoutOptions timeouts = TimeoutOptions.enabled(patience);
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

    /** Lettuce repeats the URL, and a password in it, when it complains. */
    private RedisURI redisUri(String text) {
      try {
        return RedisURI.create(text);
      } catch (RuntimeException malformed) {
        throw new IllegalArgumentException(
            "the URL "
                + withoutSecrets()
                + " is malformed; write spaces and other odd characters of a password as %20 etc.",
            malformed);
      }
    }

    private OpenedLedger opened(Supplier<RedisLedger.Builder> connecting, Runnable closing) {
      try {
        RedisLedger.Builder builder = connecting.get().abandonAfter(abandonAfter);
        if (prefix != null) {
          builder.prefix(prefix);
        }
        return new OpenedLedger(builder.build(), patience, closing);
      } catch (RuntimeException failure) {
        closing.run();
        throw unreachable(failure);
      }
    }

    private OpenedLedger openDatabase() {
      HikariConfig config = new HikariConfig();
      config.setMaximumPoolSize(1);
      config.setConnectionTimeout(Math.max(250, patience.toMillis()));
      if (url.startsWith("jdbc:h2:")) {
        String upper = url.toUpperCase(Locale.ROOT);
        // A mistyped path is not to become an empty database.
        config.setJdbcUrl(upper.contains(";IFEXISTS=") ? url : url + ";IFEXISTS=TRUE");
        if (!upper.contains(";USER=")) {
          config.setUsername("sa");
        }
        if (!upper.contains(";PASSWORD=")) {
          config.setPassword("");
        }
      } else {
        config.setJdbcUrl(url);
      }
      HikariDataSource pool;
      try {
        pool = new HikariDataSource(config);
      } catch (RuntimeException failure) {
        throw unreachable(failure);
      }
      try {
        requireTables(pool);
        JdbcLedger.Builder builder =
            JdbcLedger.builder(pool).threads(1).timeout(patience).abandonAfter(abandonAfter);
        JdbcLedger ledger = (prefix == null ? builder : builder.tablePrefix(prefix)).build();
        return new OpenedLedger(
            ledger,
            patience,
            () -> {
              ledger.close();
              pool.close();
            });
      } catch (SQLException | IllegalStateException | LedgerUnavailableException failure) {
        pool.close();
        throw unreachable(failure);
      }
    }

    /** Opening a ledger creates its tables, which somebody who looks does not want. */
    private void requireTables(HikariDataSource pool) throws SQLException {
      String table = (prefix == null ? "bedrock_meter_" : prefix) + "account";
      try (Connection connection = pool.getConnection()) {
        String stored =
            connection.getMetaData().storesUpperCaseIdentifiers()
                ? table.toUpperCase(Locale.ROOT)
                : table;
        try (ResultSet found = connection.getMetaData().getTables(null, null, stored, null)) {
          if (!found.next()) {
            throw new IllegalStateException("the database has no table " + table);
          }
        }
      }
    }

    private OpenedLedger openDynamoDb() {
      URI uri = URI.create(url);
      String table = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
      if (uri.getHost() == null || table.isEmpty()) {
        throw new IllegalArgumentException(
            "a DynamoDB table is named as dynamodb://eu-central-1/bedrock-budgets, not '"
                + url
                + "'");
      }
      DynamoDbAsyncClientBuilder builder =
          DynamoDbAsyncClient.builder()
              .region(Region.of(uri.getHost()))
              .overrideConfiguration(c -> c.apiCallTimeout(patience));
      if (endpoint != null) {
        builder.endpointOverride(endpoint);
      }
      DynamoDbAsyncClient client = builder.build();
      return new OpenedLedger(
          DynamoDbLedger.builder(client, table).abandonAfter(abandonAfter).build(),
          patience,
          client::close);
    }
  }

  /** Waits for an answer; fails with a {@link CommandFailedException} if there is none. */
  <T> T answer(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw new CommandFailedException(
          "the ledger did not answer within " + Texts.text(patience), late);
    } catch (ExecutionException failed) {
      throw new CommandFailedException("the ledger failed: " + rootMessage(failed), failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted", interrupted);
    }
  }

  /** The first line of what went wrong at the bottom, and no more of it than people read. */
  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    if (message == null || message.isBlank()) {
      return root.getClass().getSimpleName();
    }
    String line = message.lines().findFirst().orElse(message);
    return line.length() > LONGEST_MESSAGE ? line.substring(0, LONGEST_MESSAGE) + "..." : line;
  }

  @Override
  public void close() {
    closing.run();
  }
}
