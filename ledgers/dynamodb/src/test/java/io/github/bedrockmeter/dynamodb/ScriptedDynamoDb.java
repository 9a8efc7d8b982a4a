// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/**
 * Gives the answers of its script in order, the last one again and again: DynamoDB's errors as they
 * are on the wire, which a real DynamoDB cannot be made to give. Thread-safe.
 */
final class ScriptedDynamoDb implements AutoCloseable {
  private final HttpServer server;
  private final Queue<Answer> answers = new ArrayDeque<>();
  private final Queue<String> requests = new ConcurrentLinkedQueue<>();
  private final DynamoDbAsyncClient client;

  private record Answer(int status, String body) {}

  private ScriptedDynamoDb(HttpServer server) {
    this.server = server;
    server.createContext("/", this::answer);
    server.start();
    client =
        DynamoDbAsyncClient.builder()
            .endpointOverride(URI.create("http://localhost:" + server.getAddress().getPort()))
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("scripted", "db")))
            // What the SDK repeats by itself is not what is tested here.
            .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
            .build();
  }

  static ScriptedDynamoDb start() {
    try {
      return new ScriptedDynamoDb(
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    } catch (IOException e) {
      throw new IllegalStateException("no free port", e);
    }
  }

  DynamoDbAsyncClient client() {
    return client;
  }

  /** Next, a request succeeds; {@code body} is its result. */
  ScriptedDynamoDb succeed(String body) {
    return add(new Answer(200, body));
  }

  /** Next, an error of this code; {@code rest} is what its JSON has beyond that. */
  ScriptedDynamoDb fail(String code, String rest) {
    String type = "\"__type\":\"com.amazonaws.dynamodb.v20120810#" + code + "\"";
    return add(new Answer(400, "{" + type + rest + "}"));
  }

  private synchronized ScriptedDynamoDb add(Answer answer) {
    answers.add(answer);
    return this;
  }

  private synchronized Answer next() {
    Answer next = answers.size() > 1 ? answers.poll() : answers.peek();
    return next == null ? new Answer(500, "{}") : next;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String operation = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    byte[] request = exchange.getRequestBody().readAllBytes();
    requests.add(operation + " " + new String(request, StandardCharsets.UTF_8));
    Answer answer = next();
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.0");
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Forgets its script and the requests. */
  synchronized void reset() {
    answers.clear();
    requests.clear();
  }

  /** Each request: operation, space, body. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    client.close();
    server.stop(0);
  }
}
