// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * The real SDK client over an HTTP client that answers every Converse call with the same text, at
 * once: the SDK's whole pipeline without a network, to measure what a meter adds to it.
 * Thread-safe.
 */
public final class CannedBedrock implements SdkHttpClient {
  private static final byte[] ANSWER =
      """
      {"metrics":{"latencyMs":852},"output":{"message":{"role":"assistant","content":[{"text":\
      "Hello! How can I help you today?"}]}},"stopReason":"end_turn","usage":{"inputTokens":1,\
      "outputTokens":54,"totalTokens":55,"cacheReadInputTokens":0,"cacheWriteInputTokens":0}}\
      """
          .getBytes(StandardCharsets.UTF_8);

  private CannedBedrock() {}

  /** A client whose calls are answered at once, with 1 input and 54 output tokens. */
  public static BedrockRuntimeClient client() {
    return clientBuilder().httpClient(new CannedBedrock()).build();
  }

  /** The builder of such a client, which needs {@link #httpClientBuilder()}. */
  public static BedrockRuntimeClientBuilder clientBuilder() {
    return BedrockRuntimeClient.builder()
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("canned", "bedrock")));
  }

  /** Makes the HTTP client that answers. */
  public static SdkHttpClient.Builder<?> httpClientBuilder() {
    return new Builder();
  }

  private static final class Builder implements SdkHttpClient.Builder<Builder> {
    @Override
    public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
      return new CannedBedrock();
    }
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() {
        return HttpExecuteResponse.builder()
            .response(
                SdkHttpResponse.builder()
                    .statusCode(200)
                    .putHeader("Content-Type", "application/json")
                    .putHeader("x-amzn-RequestId", "canned")
                    .build())
            .responseBody(AbortableInputStream.create(new ByteArrayInputStream(ANSWER)))
            .build();
      }

      @Override
      public void abort() {}
    };
  }

  @Override
  public void close() {}
}
