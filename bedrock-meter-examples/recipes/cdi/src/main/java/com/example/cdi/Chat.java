// SPDX-License-Identifier: Apache-2.0
package com.example.cdi;

import io.github.bedrockmeter.BedrockMeter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** A service that knows nothing of the meter but for the user's tag. */
@Singleton
public class Chat {
  private final BedrockRuntimeClient client;

  @Inject
  public Chat(BedrockRuntimeClient client) {
    this.client = client;
  }

  /** The model's answer to one question of a user. */
  public String ask(String user, String question) {
    Message message =
        Message.builder()
            .role(ConversationRole.USER)
            .content(ContentBlock.fromText(question))
            .build();
    return client
        .converse(
            request ->
                request
                    .modelId("amazon.nova-lite-v1:0")
                    .messages(message)
                    .overrideConfiguration(BedrockMeter.tags("user", user)::accept))
        .output()
        .message()
        .content()
        .get(0)
        .text();
  }
}
