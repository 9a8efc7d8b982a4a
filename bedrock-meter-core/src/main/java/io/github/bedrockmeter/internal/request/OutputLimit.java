// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InferenceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;

/** The limit a request sets on its output, {@code maxTokens}, wherever it stands. */
final class OutputLimit {
  private OutputLimit() {}

  /** What a Converse request allows for its answer; null if it sets no limit. */
  static @Nullable Long of(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return limit(converse.inferenceConfig());
    }
    if (request instanceof ConverseStreamRequest converse) {
      return limit(converse.inferenceConfig());
    }
    return null;
  }

  private static @Nullable Long limit(@Nullable InferenceConfiguration inference) {
    Integer limit = inference == null ? null : inference.maxTokens();
    return limit == null ? null : limit.longValue();
  }

  /**
   * The same request with another limit; null where it cannot be set: the body's field is not
   * known, or the model is to think for longer than that.
   */
  static @Nullable BedrockRuntimeRequest set(BedrockRuntimeRequest request, long maxTokens) {
    int limit = (int) Math.min(Integer.MAX_VALUE, maxTokens);
    if (request instanceof ConverseRequest converse) {
      return Thinking.isLonger(converse.additionalModelRequestFields(), limit)
          ? null
          : converse.toBuilder().inferenceConfig(set(converse.inferenceConfig(), limit)).build();
    }
    if (request instanceof ConverseStreamRequest converse) {
      return Thinking.isLonger(converse.additionalModelRequestFields(), limit)
          ? null
          : converse.toBuilder().inferenceConfig(set(converse.inferenceConfig(), limit)).build();
    }
    SdkBytes body = RequestFacts.body(request);
    byte[] lowered = body == null ? null : BodyLimit.set(body.asByteArrayUnsafe(), limit);
    if (lowered == null) {
      return null;
    }
    SdkBytes bytes = SdkBytes.fromByteArrayUnsafe(lowered);
    return request instanceof InvokeModelRequest invoke
        ? invoke.toBuilder().body(bytes).build()
        : ((InvokeModelWithResponseStreamRequest) request).toBuilder().body(bytes).build();
  }

  private static InferenceConfiguration set(@Nullable InferenceConfiguration inference, int limit) {
    return inference == null
        ? InferenceConfiguration.builder().maxTokens(limit).build()
        : inference.toBuilder().maxTokens(limit).build();
  }
}
