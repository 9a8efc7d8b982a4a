// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.ModelId;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InferenceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;

/** Sets the limit of a request on its output, {@code maxTokens}, wherever it stands. Stateless. */
final class OutputLimit {
  /** OpenAI refuses a limit below this; the other providers take 1. */
  private static final long LEAST_OF_OPENAI = 16;

  private OutputLimit() {}

  /** What a Converse request allows for its answer; -1 if it sets no limit. */
  static long of(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return of(converse.inferenceConfig());
    }
    return request instanceof ConverseStreamRequest converse ? of(converse.inferenceConfig()) : -1;
  }

  static long of(@Nullable InferenceConfiguration inference) {
    Integer limit = inference == null ? null : inference.maxTokens();
    return limit == null ? -1 : Math.max(0, limit);
  }

  /**
   * The same request with another limit; null where Bedrock would refuse that, or it is not known
   * how to write it.
   */
  static @Nullable BedrockRuntimeRequest set(
      BedrockRuntimeRequest request, Extent extent, String modelId, long maxTokens) {
    int limit = (int) Math.min(Integer.MAX_VALUE, maxTokens);
    boolean refused =
        extent.refusesLimit
            || extent.thinking >= limit
            || limit < ("openai".equals(ModelId.of(modelId).provider()) ? LEAST_OF_OPENAI : 1);
    if (refused) {
      return null;
    }
    if (request instanceof ConverseRequest converse) {
      return converse.toBuilder().inferenceConfig(set(converse.inferenceConfig(), limit)).build();
    }
    if (request instanceof ConverseStreamRequest converse) {
      return converse.toBuilder().inferenceConfig(set(converse.inferenceConfig(), limit)).build();
    }
    SdkBytes body = RequestFacts.body(request);
    byte[] changed =
        body == null ? null : BodyLimit.set(body.asByteArrayUnsafe(), extent, modelId, limit);
    if (changed == null) {
      return null;
    }
    SdkBytes bytes = SdkBytes.fromByteArrayUnsafe(changed);
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
