// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/** A DynamoDB Local of our own on a free port, in memory, as long as this JVM runs. Thread-safe. */
final class LocalDynamoDb {
  private static final AtomicInteger TABLES = new AtomicInteger();

  private LocalDynamoDb() {}

  /** Started when first used, so that other processes can use this class without a server. */
  private static final class Running {
    static final URI ENDPOINT = start();
    static final DynamoDbAsyncClient CLIENT = newClient(ENDPOINT, settings -> {});
  }

  private static URI start() {
    try {
      String port = Integer.toString(freePort());
      ServerRunner.createServerFromCommandLineArgs(
              new String[] {"-inMemory", "-disableTelemetry", "-port", port})
          .start();
      return URI.create("http://localhost:" + port);
    } catch (Exception e) {
      throw new IllegalStateException("DynamoDB Local does not start", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Where another process finds the server. */
  static URI endpoint() {
    return Running.ENDPOINT;
  }

  /** A client that all tests may use. */
  static DynamoDbAsyncClient client() {
    return Running.CLIENT;
  }

  /** A client of a test's own, which closes it. */
  static DynamoDbAsyncClient newClient(Consumer<ClientOverrideConfiguration.Builder> settings) {
    return newClient(Running.ENDPOINT, settings);
  }

  /** A client of the server of another process. */
  static DynamoDbAsyncClient newClient(
      URI endpoint, Consumer<ClientOverrideConfiguration.Builder> settings) {
    return DynamoDbAsyncClient.builder()
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .overrideConfiguration(settings)
        .build();
  }

  /** The name of a table of accounts that nobody has used. */
  static String newTable() {
    String table = "accounts-" + TABLES.incrementAndGet();
    DynamoDbLedger.createTable(Running.CLIENT, table).toCompletableFuture().join();
    return table;
  }
}
