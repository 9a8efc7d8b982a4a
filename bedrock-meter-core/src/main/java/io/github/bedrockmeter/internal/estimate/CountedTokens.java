// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.ModelId;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CountTokensRequest;

/** Asks Bedrock how many tokens a request's input has. A refusal is no answer, never a failure. */
public final class CountedTokens {
  private static final Log log = Log.to(LoggerFactory.getLogger(CountedTokens.class));

  private CountedTokens() {}

  /** The input tokens Bedrock counts; null if it refuses or the request has no such count. */
  public static @Nullable Long of(
      BedrockRuntimeClient client, BedrockRuntimeRequest request, String modelId) {
    String model = countable(modelId, PriceBook.none());
    CountTokensRequest question = model == null ? null : TokenQuestions.of(request, model);
    if (question == null) {
      return null;
    }
    try {
      Integer tokens = client.countTokens(question).inputTokens();
      return tokens == null ? null : tokens.longValue();
    } catch (RuntimeException refused) {
      log.debug("Bedrock does not count tokens for {}", modelId, refused);
      return null;
    }
  }

  /**
   * The model to count for: the foundation model behind an id, a profile or an ARN; null where
   * there is not one, or the book does not know it.
   */
  static @Nullable String countable(String modelId, PriceBook models) {
    ModelId id = ModelId.of(modelId);
    return switch (id.kind()) {
      case MODEL -> id.baseId();
      case APPLICATION_PROFILE, PROVISIONED ->
          models.modelOf(modelId).map(model -> ModelId.of(model).baseId()).orElse(null);
      default -> null; // not one model, or none that Bedrock counts for
    };
  }
}
