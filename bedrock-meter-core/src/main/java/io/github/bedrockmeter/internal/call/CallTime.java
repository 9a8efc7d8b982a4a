// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** How long a call may take as a whole. Stateless. */
final class CallTime {
  private static final long FOREVER = Long.MAX_VALUE / 2;

  private CallTime() {}

  /** The time by a call's request, or else by its client; null if there is no limit. */
  static @Nullable Duration of(
      BedrockRuntimeRequest request, @Nullable ClientOverrideConfiguration client) {
    return request
        .overrideConfiguration()
        .flatMap(AwsRequestOverrideConfiguration::apiCallTimeout)
        .or(() -> Optional.ofNullable(client).flatMap(ClientOverrideConfiguration::apiCallTimeout))
        .orElse(null);
  }

  /** A time in nanoseconds that can be added to a clock's; very long if there is no limit. */
  static long nanos(@Nullable Duration time) {
    return time == null || time.compareTo(Duration.ofNanos(FOREVER)) > 0 ? FOREVER : time.toNanos();
  }
}
