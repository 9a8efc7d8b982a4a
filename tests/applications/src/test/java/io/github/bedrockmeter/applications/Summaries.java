// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.applications;

import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler.Visitor;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** A class of an application: it knows Bedrock's clients, and nothing of a meter. */
final class Summaries {
  static final String MODEL = "amazon.nova-lite-v1:0";

  private final BedrockRuntimeClient client;
  private final BedrockRuntimeAsyncClient async;

  Summaries(BedrockRuntimeClient client, BedrockRuntimeAsyncClient async) {
    this.client = client;
    this.async = async;
  }

  static ConverseRequest request(String text) {
    return ConverseRequest.builder()
        .modelId(MODEL)
        .messages(message(text))
        .inferenceConfig(c -> c.maxTokens(100))
        .build();
  }

  private static Message message(String text) {
    return Message.builder()
        .role(ConversationRole.USER)
        .content(ContentBlock.fromText("Summarise: " + text))
        .build();
  }

  String of(String text) {
    return client.converse(request(text)).output().message().content().get(0).text();
  }

  /** By the client's form with a consumer. */
  String inShort(String text) {
    return client
        .converse(
            r -> r.modelId(MODEL).messages(message(text)).inferenceConfig(c -> c.maxTokens(20)))
        .output()
        .message()
        .content()
        .get(0)
        .text();
  }

  CompletableFuture<String> later(String text) {
    return async
        .converse(request(text))
        .thenApply(response -> response.output().message().content().get(0).text());
  }

  /** By InvokeModel, with a body of the model's own. */
  String raw(String text) {
    String body =
        """
        {"messages":[{"role":"user","content":[{"text":"%s"}]}],"inferenceConfig":{"maxTokens":100}}"""
            .formatted(text);
    return client
        .invokeModel(r -> r.modelId(MODEL).body(SdkBytes.fromUtf8String(body)))
        .body()
        .asUtf8String();
  }

  /** Word by word. */
  CompletableFuture<String> streamed(String text) {
    StringBuilder words = new StringBuilder();
    return async
        .converseStream(
            ConverseStreamRequest.builder()
                .modelId(MODEL)
                .messages(message(text))
                .inferenceConfig(c -> c.maxTokens(100))
                .build(),
            ConverseStreamResponseHandler.builder()
                .subscriber(
                    Visitor.builder()
                        .onContentBlockDelta(part -> words.append(part.delta().text()))
                        .build())
                .build())
        .thenApply(done -> words.toString());
  }
}
