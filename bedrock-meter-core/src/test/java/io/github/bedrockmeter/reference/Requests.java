// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.reference.Step.Ask;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InferenceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** The requests that callers make, and what stands in the ones that are sent. */
final class Requests {
  private Requests() {}

  static ConverseRequest converse(Ask ask) {
    return ConverseRequest.builder()
        .modelId(ask.model())
        .messages(prompt(ask))
        .inferenceConfig(limit(ask))
        .overrideConfiguration(BedrockMeter.tags(tags(ask)))
        .build();
  }

  static ConverseStreamRequest converseStream(Ask ask) {
    return ConverseStreamRequest.builder()
        .modelId(ask.model())
        .messages(prompt(ask))
        .inferenceConfig(limit(ask))
        .overrideConfiguration(BedrockMeter.tags(tags(ask)))
        .build();
  }

  static InvokeModelRequest invoke(Ask ask) {
    String limit = ask.maxTokens() == null ? "" : "\"max_tokens\":" + ask.maxTokens() + ",";
    return InvokeModelRequest.builder()
        .modelId(ask.model())
        .body(SdkBytes.fromUtf8String("{" + limit + "\"prompt\":\"" + text(ask) + "\"}"))
        .overrideConfiguration(BedrockMeter.tags(tags(ask)))
        .build();
  }

  /** A prompt of as many letters as it has tokens. */
  private static Message prompt(Ask ask) {
    return Message.builder()
        .role(ConversationRole.USER)
        .content(ContentBlock.fromText(text(ask)))
        .build();
  }

  private static String text(Ask ask) {
    return "x".repeat(ask.input());
  }

  private static @Nullable InferenceConfiguration limit(Ask ask) {
    return ask.maxTokens() == null
        ? null
        : InferenceConfiguration.builder().maxTokens(ask.maxTokens()).build();
  }

  private static String[] tags(Ask ask) {
    String number = String.valueOf(ask.number());
    return ask.team() == null
        ? new String[] {"number", number}
        : new String[] {"number", number, "team", ask.team()};
  }

  /** The tokens of a prompt. */
  static long input(BedrockRuntimeRequest request) {
    if (request instanceof InvokeModelRequest invoke) {
      return invoke.body().asUtf8String().chars().filter(c -> c == 'x').count()
          - (invoke.body().asUtf8String().contains("max_tokens") ? 1 : 0);
    }
    List<Message> messages =
        request instanceof ConverseRequest converse
            ? converse.messages()
            : ((ConverseStreamRequest) request).messages();
    return messages.get(0).content().get(0).text().length();
  }

  /** The limit that a request sets; null if it sets none. */
  static @Nullable Integer limit(BedrockRuntimeRequest request) {
    if (request instanceof InvokeModelRequest invoke) {
      String digits = invoke.body().asUtf8String().replaceAll("\\D", "");
      return digits.isEmpty() ? null : Integer.valueOf(digits);
    }
    InferenceConfiguration inference =
        request instanceof ConverseRequest converse
            ? converse.inferenceConfig()
            : ((ConverseStreamRequest) request).inferenceConfig();
    return inference == null ? null : inference.maxTokens();
  }
}
