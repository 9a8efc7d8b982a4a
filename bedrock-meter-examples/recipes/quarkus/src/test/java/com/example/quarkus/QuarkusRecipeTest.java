// SPDX-License-Identifier: Apache-2.0
package com.example.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.BudgetExceededException;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

@QuarkusTest
class QuarkusRecipeTest {
  static {
    FakeAws.use();
  }

  @Inject Chat chat;

  @Test
  void aUsersThirdCallIsDeniedAndAnotherUsersPasses() {
    assertThat(chat.ask("ann", "Hi")).isEqualTo("Hello");
    assertThat(chat.ask("ann", "Hi")).isEqualTo("Hello");
    assertThatThrownBy(() -> chat.ask("ann", "Hi"))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("user-daily");
    assertThat(chat.ask("bob", "Hi")).isEqualTo("Hello");
    assertThat(FakeAws.BEDROCK.requests()).hasSize(3);
  }
}
