// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Metering;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.client.builder.SdkClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.internal.http.loader.DefaultSdkAsyncHttpClientBuilder;
import software.amazon.awssdk.core.internal.http.loader.DefaultSdkHttpClientBuilder;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;
import software.amazon.awssdk.utils.AttributeMap;

/** Builds metered clients that send through an instrumented HTTP client. Stateless. */
public final class BuiltClients {
  private BuiltClients() {}

  /**
   * A synchronous client.
   *
   * @param http makes its HTTP client; null for the SDK's default
   * @throws IllegalArgumentException if an HTTP client is set on the builder already
   */
  public static BedrockRuntimeClient build(
      BedrockRuntimeClientBuilder builder,
      SdkHttpClient.@Nullable Builder<?> http,
      Metering metering) {
    SdkCheck.check();
    SdkHttpClient.Builder<?> delegate = http == null ? new DefaultSdkHttpClientBuilder() : http;
    builder.httpClientBuilder(new SyncBuilder(delegate));
    return ClientProxy.wrapBuilt(built(builder, builder::build), metering);
  }

  /** Like {@link #build(BedrockRuntimeClientBuilder, SdkHttpClient.Builder, Metering)}. */
  public static BedrockRuntimeAsyncClient build(
      BedrockRuntimeAsyncClientBuilder builder,
      SdkAsyncHttpClient.@Nullable Builder<?> http,
      Metering metering) {
    SdkCheck.check();
    SdkAsyncHttpClient.Builder<?> delegate =
        http == null ? new DefaultSdkAsyncHttpClientBuilder() : http;
    builder.httpClientBuilder(new AsyncBuilder(delegate));
    return ClientProxy.wrapBuilt(built(builder, builder::build), metering);
  }

  /** Builds with our interceptor behind the caller's, and leaves the builder as it was. */
  private static <T> T built(SdkClientBuilder<?, T> builder, Supplier<T> build) {
    ClientOverrideConfiguration own = builder.overrideConfiguration();
    ClientOverrideConfiguration.Builder settings =
        own == null ? ClientOverrideConfiguration.builder() : own.toBuilder();
    builder.overrideConfiguration(
        settings.addExecutionInterceptor(new SeeingInterceptor()).build());
    try {
      return build.get();
    } catch (IllegalArgumentException | IllegalStateException refused) {
      throw new IllegalArgumentException(
          "the client could not be built; if an HTTP client is set on its builder, hand that"
              + " client's own builder to wrap(clientBuilder, httpClientBuilder) instead: "
              + refused.getMessage(),
          refused);
    } finally {
      builder.overrideConfiguration(
          own == null ? ClientOverrideConfiguration.builder().build() : own);
    }
  }

  /** Makes the HTTP client that the SDK asks for, instrumented. */
  private record SyncBuilder(SdkHttpClient.Builder<?> delegate)
      implements SdkHttpClient.Builder<SyncBuilder> {
    @Override
    public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
      return new InstrumentedHttpClient(delegate.buildWithDefaults(http1(defaults)));
    }

    /*
     * The SDK asks for HTTP/2 even where the client is synchronous; its CRT client refuses that,
     * and the others ignore it.
     */
    private static AttributeMap http1(AttributeMap defaults) {
      return defaults.toBuilder()
          .put(SdkHttpConfigurationOption.PROTOCOL, Protocol.HTTP1_1)
          .build();
    }
  }

  /** Makes the HTTP client that the SDK asks for, instrumented. */
  private record AsyncBuilder(SdkAsyncHttpClient.Builder<?> delegate)
      implements SdkAsyncHttpClient.Builder<AsyncBuilder> {
    @Override
    public SdkAsyncHttpClient buildWithDefaults(AttributeMap defaults) {
      return new InstrumentedAsyncHttpClient(delegate.buildWithDefaults(defaults));
    }
  }
}
