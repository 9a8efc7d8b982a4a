// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples.springai;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A chat whose users have a budget each. Nothing here knows of budgets: they are in
 * application.yaml, and so is who is charged.
 */
@SpringBootApplication
public class SpringAiSample {
  /** Starts the application. */
  public static void main(String[] arguments) {
    SpringApplication.run(SpringAiSample.class, arguments);
  }

  /** Answers questions. */
  @RestController
  static class Chat {
    private final ChatClient chat;

    Chat(ChatClient.Builder chat) {
      this.chat = chat.build();
    }

    @GetMapping("/chat")
    String answer(@RequestParam String question) {
      return chat.prompt().user(question).call().content();
    }
  }
}
