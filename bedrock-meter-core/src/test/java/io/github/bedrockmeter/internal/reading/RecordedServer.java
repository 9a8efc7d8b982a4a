// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/**
 * Serves one recording at a time to real SDK clients, so that responses and events are unmarshalled
 * by the SDK itself. Retries are off.
 */
final class RecordedServer implements AutoCloseable {
  static {
    System.setProperty("sun.net.httpserver.nodelay", "true"); // else 40 ms for each answer
  }

  private final HttpServer server;
  final BedrockRuntimeClient client;
  final BedrockRuntimeAsyncClient asyncClient;
  private volatile Recording recording;

  RecordedServer(Recording first) throws IOException {
    recording = first;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    URI endpoint = URI.create("http://localhost:" + server.getAddress().getPort());
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret"));
    client =
        BedrockRuntimeClient.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(credentials)
            .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1)))
            .build();
    asyncClient =
        BedrockRuntimeAsyncClient.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(credentials)
            .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1))
            .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1)))
            .build();
  }

  RecordedServer serve(Recording next) {
    recording = next;
    return this;
  }

  /** The events of a recorded ConverseStream, up to an exception if there is one. */
  List<ConverseStreamOutput> converseStream() {
    List<ConverseStreamOutput> events = new ArrayList<>();
    await(
        asyncClient.converseStream(
            r -> r.modelId(recording.modelId()),
            ConverseStreamResponseHandler.builder()
                .onEventStream(publisher -> collect(publisher, events))
                .build()));
    return events;
  }

  /** The chunks of a recorded InvokeModel stream, up to an exception if there is one. */
  List<ResponseStream> invokeModelStream() {
    List<ResponseStream> events = new ArrayList<>();
    await(
        asyncClient.invokeModelWithResponseStream(
            r -> r.modelId(recording.modelId()),
            InvokeModelWithResponseStreamResponseHandler.builder()
                .onEventStream(publisher -> collect(publisher, events))
                .build()));
    return events;
  }

  private static <E> void collect(SdkPublisher<E> publisher, List<E> events) {
    var unused = publisher.subscribe(events::add);
  }

  private static void await(CompletableFuture<Void> call) {
    try {
      call.join();
    } catch (CompletionException failure) {
      // Some recordings end in an exception; the events before it are what counts.
      if (!(failure.getCause() instanceof BedrockRuntimeException)) {
        throw failure;
      }
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      for (String[] header : recording.responseHeaders()) {
        exchange.getResponseHeaders().add(header[0], header[1]);
      }
      byte[] body = recording.responseBody();
      exchange.sendResponseHeaders(recording.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    client.close();
    asyncClient.close();
    server.stop(0);
  }
}
