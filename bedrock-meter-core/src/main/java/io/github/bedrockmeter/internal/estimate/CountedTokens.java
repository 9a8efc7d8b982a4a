// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.ModelId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseTokensRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CountTokensInput;
import software.amazon.awssdk.services.bedrockruntime.model.CountTokensRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ToolConfiguration;

/** Asks Bedrock how many tokens a request's input has. A refusal is no answer, never a failure. */
public final class CountedTokens {
  private static final Logger log = LoggerFactory.getLogger(CountedTokens.class);

  private CountedTokens() {}

  /** The input tokens Bedrock counts; null if it refuses or the request has no such count. */
  public static @Nullable Long of(
      BedrockRuntimeClient client, BedrockRuntimeRequest request, String modelId) {
    String model = countable(modelId, PriceBook.none());
    CountTokensRequest question = model == null ? null : question(request, model);
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

  /** What to ask Bedrock; null if the request is of a kind that it does not count. */
  static @Nullable CountTokensRequest question(BedrockRuntimeRequest request, String model) {
    CountTokensInput input = input(request);
    return input == null ? null : CountTokensRequest.builder().modelId(model).input(input).build();
  }

  private static @Nullable CountTokensInput input(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return converse(
          converse.messages(),
          converse.system(),
          converse.toolConfig(),
          converse.additionalModelRequestFields());
    }
    if (request instanceof ConverseStreamRequest converse) {
      return converse(
          converse.messages(),
          converse.system(),
          converse.toolConfig(),
          converse.additionalModelRequestFields());
    }
    if (request instanceof InvokeModelRequest invoke) {
      return CountTokensInput.fromInvokeModel(i -> i.body(invoke.body()));
    }
    return request instanceof InvokeModelWithResponseStreamRequest invoke
        ? CountTokensInput.fromInvokeModel(i -> i.body(invoke.body()))
        : null;
  }

  private static CountTokensInput converse(
      List<Message> messages,
      List<SystemContentBlock> system,
      @Nullable ToolConfiguration tools,
      @Nullable Document fields) {
    ConverseTokensRequest.Builder converse =
        ConverseTokensRequest.builder().messages(messages).system(system);
    if (tools != null) {
      converse.toolConfig(tools);
    }
    if (fields != null) {
      converse.additionalModelRequestFields(fields);
    }
    return CountTokensInput.fromConverse(converse.build());
  }
}
