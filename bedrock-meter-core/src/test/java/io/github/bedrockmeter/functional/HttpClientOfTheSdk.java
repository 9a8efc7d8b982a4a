// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import java.time.Duration;
import java.util.ServiceLoader;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * The SDK's default synchronous HTTP client, which is another one in older versions, with settings.
 */
record HttpClientOfTheSdk(AttributeMap settings)
    implements SdkHttpClient.Builder<HttpClientOfTheSdk> {

  static HttpClientOfTheSdk withReadTimeout(long millis) {
    return new HttpClientOfTheSdk(
        AttributeMap.builder()
            .put(SdkHttpConfigurationOption.READ_TIMEOUT, Duration.ofMillis(millis))
            .build());
  }

  /** One connection, and next to no patience until it is free. */
  static HttpClientOfTheSdk withOneConnection() {
    return new HttpClientOfTheSdk(
        AttributeMap.builder()
            .put(SdkHttpConfigurationOption.MAX_CONNECTIONS, 1)
            .put(SdkHttpConfigurationOption.CONNECTION_ACQUIRE_TIMEOUT, Duration.ofMillis(100))
            .build());
  }

  @Override
  public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
    return ServiceLoader.load(SdkHttpService.class)
        .iterator()
        .next()
        .createHttpClientBuilder()
        .buildWithDefaults(settings.merge(defaults));
  }
}
