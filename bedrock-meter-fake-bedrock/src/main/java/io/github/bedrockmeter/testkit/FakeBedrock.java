// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;

/**
 * A server on a free loopback port that speaks Bedrock Runtime's wire protocol, so that a test
 * needs neither AWS nor a mock of its client.
 *
 * <pre>{@code
 * try (FakeBedrock bedrock = FakeBedrock.start()) {
 *   bedrock.on("amazon.nova-lite-v1:0").reply(Reply.text("Hello").inputTokens(10).outputTokens(20));
 *
 *   BedrockRuntimeClient client = bedrock.client();
 * }
 * }</pre>
 *
 * <p>It answers Converse, ConverseStream, InvokeModel, InvokeModelWithResponseStream, CountTokens
 * and ApplyGuardrail, over HTTP/1.1 and over HTTP/2 without TLS, which is what the SDK's
 * asynchronous client speaks by default. Any other request gets a 404 that says so. Models without
 * a script get the reply of {@link #onAnyModel}.
 *
 * <p>Thread-safe. Scripts may change while calls are under way; a call is answered by the script at
 * its arrival.
 */
public final class FakeBedrock implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FakeBedrock.class);

  private final Map<String, Function<ReceivedRequest, Reply>> scripts = new ConcurrentHashMap<>();
  private final Map<String, FakeQuota> quotas = new ConcurrentHashMap<>();
  private volatile Function<ReceivedRequest, Reply> otherwise =
      request -> Reply.text("FakeBedrock has no script for this model.");
  private final List<ReceivedRequest> requests = new ArrayList<>();
  private final HttpServer server = new HttpServer(this::record, this::answer);

  /** Shared by the asynchronous clients; the SDK takes two seconds to close one of its own. */
  private final EventLoopGroup clientLoops =
      new NioEventLoopGroup(2, new DefaultThreadFactory("fake-bedrock-client", true));

  private @Nullable BedrockRuntimeClient client;
  private @Nullable BedrockRuntimeAsyncClient asyncClient;

  private FakeBedrock() {}

  /** Starts a server on a free port of 127.0.0.1; close it when done. */
  public static FakeBedrock start() {
    FakeBedrock bedrock = new FakeBedrock();
    bedrock.server.start();
    return bedrock;
  }

  /**
   * Scripts one model.
   *
   * @param modelId exactly what the client will ask for: an id, a profile id or an ARN; for
   *     ApplyGuardrail the guardrail's identifier
   */
  public Script on(String modelId) {
    return new Script(script -> scripts.put(modelId, script));
  }

  /** Scripts every model that has no script of its own. */
  public Script onAnyModel() {
    return new Script(script -> otherwise = script);
  }

  /**
   * Throttles calls of one model that exceed its quota. Without a quota, no call is throttled.
   *
   * @param modelId exactly what the client will ask for
   */
  public void limit(String modelId, FakeQuota quota) {
    quotas.put(modelId, quota);
  }

  /** Where the server listens. */
  public URI endpoint() {
    return server.endpoint();
  }

  /** A client of this server with the SDK's defaults; always the same, closed with the server. */
  public synchronized BedrockRuntimeClient client() {
    if (client == null) {
      client = clientBuilder().build();
    }
    return client;
  }

  /**
   * An asynchronous client of this server with the SDK's defaults, HTTP/2 among them; always the
   * same, closed with the server.
   */
  public synchronized BedrockRuntimeAsyncClient asyncClient() {
    if (asyncClient == null) {
      asyncClient = asyncClientBuilder().build();
    }
    return asyncClient;
  }

  /**
   * A builder aimed at this server, for a client with settings of its own. The caller closes it.
   */
  public BedrockRuntimeClientBuilder clientBuilder() {
    return aimed(BedrockRuntimeClient.builder());
  }

  /**
   * A builder aimed at this server, for a client with settings of its own. The caller closes it,
   * before the server: unless given another HTTP client it runs on the server's threads.
   */
  public BedrockRuntimeAsyncClientBuilder asyncClientBuilder() {
    return aimed(BedrockRuntimeAsyncClient.builder())
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .eventLoopGroup(SdkEventLoopGroup.create(clientLoops)));
  }

  private <B extends AwsClientBuilder<B, ?>> B aimed(B builder) {
    return builder
        .endpointOverride(endpoint())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("fake", "bedrock")));
  }

  /** What arrived so far, in order of arrival and retries included, as a copy. */
  public List<ReceivedRequest> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /** Forgets what arrived so far. */
  public void clearRequests() {
    synchronized (requests) {
      requests.clear();
    }
  }

  /** Drops every connection with the calls on it, and frees the port. */
  @Override
  public synchronized void close() {
    server.close();
    if (client != null) {
      client.close();
      client = null;
    }
    if (asyncClient != null) {
      asyncClient.close();
      asyncClient = null;
    }
    clientLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  long unreleasedBytes() {
    return server.unreleasedBytes();
  }

  private void record(ReceivedRequest request) {
    synchronized (requests) {
      requests.add(request);
    }
  }

  private Transmission answer(ReceivedRequest request) {
    try {
      FakeQuota quota = quotas.get(request.modelId());
      FakeQuota.Booking booking = null;
      if (quota != null && !request.operation().equals("CountTokens")) {
        booking = quota.start(request);
        if (booking == null) {
          return Rendering.of(Reply.throttled(), request);
        }
      }
      Reply reply = scripts.getOrDefault(request.modelId(), otherwise).apply(request);
      if (reply == null) {
        throw new NullPointerException("the script returned no reply");
      }
      if (quota != null && booking != null) {
        quota.end(booking, reply, request);
      }
      return Rendering.of(reply, request);
    } catch (Throwable e) {
      // An assertion that fails inside a script must end the call like any exception.
      log.warn("The script for {} failed", request, e);
      String message = "FakeBedrock could not answer, its script failed: " + e;
      return Rendering.of(Reply.error(500, "InternalServerException", message), request);
    }
  }

  /**
   * Where replies are assigned to a model; the last assignment wins.
   *
   * <p>Functions run concurrently, each on a thread of its own where it may block, for instance to
   * hold a reply until the test is ready. One that throws, or returns null, answers with status 500
   * and the exception in the message.
   */
  public static final class Script {

    private final Consumer<Function<ReceivedRequest, Reply>> target;

    private Script(Consumer<Function<ReceivedRequest, Reply>> target) {
      this.target = target;
    }

    /** Always answers the same. */
    public void reply(Reply reply) {
      target.accept(request -> reply);
    }

    /** Answers with each reply in turn, then with the last one for good. */
    public void replies(Reply... replies) {
      List<Reply> inOrder = List.of(replies);
      if (inOrder.isEmpty()) {
        throw new IllegalArgumentException("replies must not be empty");
      }
      AtomicInteger calls = new AtomicInteger();
      int last = inOrder.size() - 1;
      target.accept(request -> inOrder.get(calls.getAndUpdate(call -> Math.min(call + 1, last))));
    }

    /** Answers each request with what the function returns for it. */
    public void reply(Function<ReceivedRequest, Reply> script) {
      target.accept(script);
    }
  }
}
