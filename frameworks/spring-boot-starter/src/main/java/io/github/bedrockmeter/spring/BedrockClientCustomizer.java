// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeBaseClientBuilder;

/**
 * A bean that changes the builders of the clients that are contributed for Spring AI: an endpoint,
 * an interceptor, a retry strategy. Called once for each of the two builders. An HTTP client must
 * not be set; define a client bean of your own for that.
 */
@FunctionalInterface
public interface BedrockClientCustomizer {

  /** Changes a builder. */
  void customize(BedrockRuntimeBaseClientBuilder<?, ?> builder);
}
