// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.document.Document;
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

/** Makes of a request the question how many tokens its input has. Stateless. */
final class TokenQuestions {
  private TokenQuestions() {}

  /** What to ask Bedrock; null if the request is of a kind that it does not count. */
  static @Nullable CountTokensRequest of(BedrockRuntimeRequest request, String model) {
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
