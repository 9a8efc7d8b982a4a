// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.http;

import io.github.bedrockmeter.BedrockMeter;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.http.crt.AwsCrtHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;

/** The SDK's HTTP clients, each with one connection. */
// A supplier makes a new builder each time. Applications still have Apache 4, deprecated in 2.57.
@SuppressWarnings({"ImmutableEnumChecker", "deprecation"})
enum HttpClients {
  APACHE_4(
      () ->
          ApacheHttpClient.builder()
              .maxConnections(1)
              .connectionTimeout(Shared.CONNECT)
              .connectionAcquisitionTimeout(Shared.acquire),
      null,
      false),
  APACHE_5(
      () ->
          Apache5HttpClient.builder()
              .maxConnections(1)
              .connectionTimeout(Shared.CONNECT)
              .connectionAcquisitionTimeout(Shared.acquire),
      null,
      false),
  URL_CONNECTION(
      () -> UrlConnectionHttpClient.builder().connectionTimeout(Shared.CONNECT), null, false),
  CRT_SYNC(
      () ->
          AwsCrtHttpClient.builder()
              .maxConcurrency(1)
              .connectionTimeout(Shared.CONNECT)
              .connectionAcquisitionTimeout(Shared.acquire),
      null,
      false),
  NETTY_HTTP_1_1(null, () -> netty(Protocol.HTTP1_1), false),
  NETTY_HTTP_2(null, () -> netty(Protocol.HTTP2), false),
  CRT_ASYNC(null, HttpClients::crt, false),
  NETTY_HTTP_1_1_STREAM(null, () -> netty(Protocol.HTTP1_1), true),
  NETTY_HTTP_2_STREAM(null, () -> netty(Protocol.HTTP2), true),
  CRT_STREAM(null, HttpClients::crt, true);

  private static final class Shared {
    /** A machine that is busy may notice late that no server listens. */
    static final Duration LONG = Duration.ofSeconds(40);

    static final Duration CONNECT = Duration.ofSeconds(20);
    static volatile Duration acquire = LONG;

    /** One for all, since to end one takes seconds. */
    static final SdkEventLoopGroup EVENT_LOOP = SdkEventLoopGroup.builder().build();
  }

  private final Supplier<SdkHttpClient.Builder<?>> sync;
  private final Supplier<SdkAsyncHttpClient.Builder<?>> async;
  private final boolean streams;

  HttpClients(
      Supplier<SdkHttpClient.Builder<?>> sync,
      Supplier<SdkAsyncHttpClient.Builder<?>> async,
      boolean streams) {
    this.sync = sync;
    this.async = async;
    this.streams = streams;
  }

  private static SdkAsyncHttpClient.Builder<?> netty(Protocol protocol) {
    return NettyNioAsyncHttpClient.builder()
        .eventLoopGroup(Shared.EVENT_LOOP)
        .protocol(protocol)
        .maxConcurrency(1)
        .connectionTimeout(Shared.CONNECT)
        .connectionAcquisitionTimeout(Shared.acquire);
  }

  private static SdkAsyncHttpClient.Builder<?> crt() {
    return AwsCrtAsyncHttpClient.builder()
        .maxConcurrency(1)
        .connectionTimeout(Shared.CONNECT)
        .connectionAcquisitionTimeout(Shared.acquire);
  }

  /** Whether clients that are built from now on soon give up to wait for a connection. */
  static void areImpatient(boolean impatient) {
    Shared.acquire = impatient ? Duration.ofSeconds(1) : Shared.LONG;
  }

  boolean isSync() {
    return sync != null;
  }

  boolean isCrt() {
    return name().startsWith("CRT");
  }

  /** Whether a call waits for a connection where all are taken. */
  boolean hasPool() {
    return this != URL_CONNECTION;
  }

  boolean streams() {
    return streams;
  }

  /** A synchronous client on this HTTP client, built through the meter or wrapped. */
  BedrockRuntimeClient sync(
      BedrockMeter meter,
      boolean built,
      BedrockRuntimeClientBuilder builder,
      Consumer<AwsClientBuilder<?, ?>> settings) {
    settings.accept(builder);
    // The SDK itself refuses the builder of its synchronous CRT client, but takes the client.
    return built
        ? meter.wrap(builder, sync.get())
        : this == CRT_SYNC
            ? meter.wrap(builder.httpClient(sync.get().build()).build())
            : meter.wrap(builder.httpClientBuilder(sync.get()).build());
  }

  /** An asynchronous client on this HTTP client, built through the meter or wrapped. */
  BedrockRuntimeAsyncClient async(
      BedrockMeter meter,
      boolean built,
      BedrockRuntimeAsyncClientBuilder builder,
      Consumer<AwsClientBuilder<?, ?>> settings) {
    settings.accept(builder);
    return built
        ? meter.wrap(builder, async.get())
        : meter.wrap(builder.httpClientBuilder(async.get()).build());
  }
}
