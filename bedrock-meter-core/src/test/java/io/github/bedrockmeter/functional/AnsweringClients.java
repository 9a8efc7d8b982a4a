// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** Clients that answer at once, on the thread that asks, with one token in and one out. */
final class AnsweringClients {
  static final ConverseResponse ANSWER =
      ConverseResponse.builder()
          .usage(usage -> usage.inputTokens(1).outputTokens(1).totalTokens(2))
          .build();

  private AnsweringClients() {}

  static BedrockRuntimeClient sync() {
    return new BedrockRuntimeClient() {
      @Override
      public ConverseResponse converse(ConverseRequest request) {
        return ANSWER;
      }

      @Override
      public String serviceName() {
        return "answering";
      }

      @Override
      public void close() {}
    };
  }

  static BedrockRuntimeAsyncClient async() {
    return new BedrockRuntimeAsyncClient() {
      @Override
      public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
        return CompletableFuture.completedFuture(ANSWER);
      }

      @Override
      public String serviceName() {
        return "answering";
      }

      @Override
      public void close() {}
    };
  }
}
