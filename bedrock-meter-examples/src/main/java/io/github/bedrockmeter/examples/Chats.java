// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** The few lines of SDK code that every example needs. Stateless. */
final class Chats {
  static final String CLAUDE_SONNET = "anthropic.claude-sonnet-4-6";
  static final String NOVA_LITE = "amazon.nova-lite-v1:0";

  private Chats() {}

  /** A message of the user. */
  static Message user(String text) {
    return Message.builder()
        .role(ConversationRole.USER)
        .content(ContentBlock.fromText(text))
        .build();
  }

  /** The text of the model's answer. */
  static String textOf(ConverseResponse response) {
    return response.output().message().content().get(0).text();
  }
}
