// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClientBuilder;

/** A DynamoDB Local of our own on a free port, in memory. Thread-safe. */
final class LocalDynamoDb implements AutoCloseable {
  private final DynamoDBProxyServer server;
  private final URI endpoint;
  private final DynamoDbAsyncClient client;
  private final AtomicInteger tables = new AtomicInteger();

  private LocalDynamoDb(int port) throws Exception {
    endpoint = URI.create("http://localhost:" + port);
    server =
        ServerRunner.createServerFromCommandLineArgs(
            new String[] {"-inMemory", "-disableTelemetry", "-port", Integer.toString(port)});
    server.start();
    client = client(endpoint);
  }

  /** A server that answers. */
  static LocalDynamoDb start() throws Exception {
    return new LocalDynamoDb(freePort());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  URI endpoint() {
    return endpoint;
  }

  DynamoDbAsyncClient client() {
    return client;
  }

  /** A client of a server, as each process has one. */
  static DynamoDbAsyncClient client(URI endpoint, ExecutionInterceptor... interceptors) {
    DynamoDbAsyncClientBuilder builder =
        DynamoDbAsyncClient.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")));
    for (ExecutionInterceptor interceptor : interceptors) {
      builder.overrideConfiguration(o -> o.addExecutionInterceptor(interceptor));
    }
    return builder.build();
  }

  /** The name of a table of accounts that nobody has used. */
  String newTable() {
    String table = "accounts-" + tables.incrementAndGet();
    DynamoDbLedger.createTable(client, table).toCompletableFuture().join();
    return table;
  }

  @Override
  public void close() {
    client.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("DynamoDB Local does not stop", e);
    }
  }
}
