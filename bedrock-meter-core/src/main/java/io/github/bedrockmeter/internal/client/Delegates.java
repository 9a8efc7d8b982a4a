// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsClient;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** What is asked of a wrapped client besides its two fast operations. */
final class Delegates {
  private Delegates() {}

  /** The client's region, which sets the price; null where the client does not say. */
  static @Nullable String region(AwsClient client) {
    try {
      Region region = client.serviceClientConfiguration().region();
      return region == null ? null : region.id();
    } catch (RuntimeException unknown) {
      return null;
    }
  }

  /** The client's settings; null where it does not say. */
  static @Nullable ClientOverrideConfiguration settings(AwsClient client) {
    try {
      return client.serviceClientConfiguration().overrideConfiguration();
    } catch (RuntimeException unknown) {
      return null;
    }
  }

  /** Calls a method on a wrapped client, with another request than it was called with. */
  static @Nullable Object forward(
      AwsClient delegate, Method method, @Nullable Object[] args, BedrockRuntimeRequest request)
      throws Throwable {
    @Nullable Object[] changed = args.clone();
    changed[0] = request;
    return forward(delegate, method, changed);
  }

  /** Calls a method on a wrapped client; what it throws is thrown, the same instance. */
  static @Nullable Object forward(
      AwsClient delegate, Method method, @Nullable Object @Nullable [] args) throws Throwable {
    try {
      return method.invoke(delegate, args);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause() == null ? thrown : thrown.getCause();
    }
  }
}
