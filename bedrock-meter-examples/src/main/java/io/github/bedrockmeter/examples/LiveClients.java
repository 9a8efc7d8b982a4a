// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * Clients of the real service, with the default region and credentials. Thread-safe.
 *
 * @param region where the service is called
 */
record LiveClients(String region, BedrockRuntimeClient client, BedrockRuntimeAsyncClient async)
    implements AutoCloseable {

  /** A setting needed to call the service is missing; the message names it in one line. */
  static final class Missing extends RuntimeException {
    Missing(String what, SdkClientException cause) {
      super(what, cause);
    }
  }

  /**
   * Clients that are ready to call; throws {@link Missing} if region or credentials are missing.
   */
  static LiveClients create() {
    Region region;
    try {
      region = DefaultAwsRegionProviderChain.builder().build().getRegion();
    } catch (SdkClientException none) {
      throw new Missing("no AWS region found; set AWS_REGION, or a profile with a region", none);
    }
    AwsCredentialsProvider credentials = DefaultCredentialsProvider.builder().build();
    try {
      credentials.resolveCredentials();
    } catch (SdkClientException none) {
      throw new Missing(
          "no AWS credentials found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY",
          none);
    }
    return new LiveClients(
        region.id(),
        BedrockRuntimeClient.builder().region(region).credentialsProvider(credentials).build(),
        BedrockRuntimeAsyncClient.builder()
            .region(region)
            .credentialsProvider(credentials)
            .build());
  }

  @Override
  public void close() {
    client.close();
    async.close();
  }
}
