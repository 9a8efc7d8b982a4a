// SPDX-License-Identifier: Apache-2.0
package com.example.micronaut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.BudgetExceededException;
import io.micronaut.context.ApplicationContext;
import org.junit.jupiter.api.Test;

class MicronautRecipeTest {
  @Test
  void aUsersThirdCallIsDeniedAndAnotherUsersPasses() {
    FakeAws.use();
    try (ApplicationContext context = ApplicationContext.run()) {
      Chat chat = context.getBean(Chat.class);

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
