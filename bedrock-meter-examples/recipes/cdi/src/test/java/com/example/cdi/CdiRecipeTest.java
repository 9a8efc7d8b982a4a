// SPDX-License-Identifier: Apache-2.0
package com.example.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.BudgetExceededException;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import org.junit.jupiter.api.Test;

class CdiRecipeTest {
  @Test
  void aUsersThirdCallIsDeniedAndAnotherUsersPasses() {
    FakeAws.use();
    try (SeContainer container = SeContainerInitializer.newInstance().initialize()) {
      Chat chat = container.select(Chat.class).get();

      assertThat(chat.ask("ann", "Hi")).isEqualTo("Hello");
      assertThat(chat.ask("ann", "Hi")).isEqualTo("Hello");
      assertThatThrownBy(() -> chat.ask("ann", "Hi"))
          .isInstanceOf(BudgetExceededException.class)
          .hasMessageContaining("user-daily");
      assertThat(chat.ask("bob", "Hi")).isEqualTo("Hello");
      assertThat(FakeAws.BEDROCK.requests()).hasSize(3);
    }
  }
}
