// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bedrockmeter.budget.BudgetExceededException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.ai.bedrock.converse.BedrockChatOptions;
import org.springframework.ai.bedrock.converse.BedrockProxyChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.retry.RetryUtils;

/** Spring AI's own Bedrock model, alone and inside the retry template of its other models. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SpringAiTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test
  void aChatIsMetered() {
    try (Scene scene = Scene.granting(1)) {
      assertThat(model(scene).call("Hello")).isEqualTo("one two three");

      scene.assertMeteredOnce("Converse");
    }
  }

  @Test
  void whatSpringAiWritesIntoTheMetadataIsSentAndIsNoTag() {
    try (Scene scene = Scene.granting(1)) {
      model(scene).call("Hello");

      scene.assertMeteredOnce("Converse");
      assertThat(scene.bedrock.requests().get(0).bodyText()).contains("\"messageType\":\"USER\"");
      assertThat(scene.events.usages().get(0).call().tags().asMap()).isEmpty();
    }
  }

  @Test
  void aDeniedChatIsNotTriedAgain() {
    try (Scene scene = Scene.denying()) {
      Throwable failure = catchThrowable(() -> model(scene).call("Hello"));

      assertThat(failure).isInstanceOf(BudgetExceededException.class);
      scene.assertDeniedOnce();
    }
  }

  @Test
  void theDefaultRetryTemplateDoesNotTryADenialAgain() {
    try (Scene scene = Scene.denying()) {
      BedrockProxyChatModel model = model(scene);

      Throwable failure =
          catchThrowable(
              () -> RetryUtils.DEFAULT_RETRY_TEMPLATE.execute(context -> model.call("Hello")));

      assertThat(failure).isInstanceOf(BudgetExceededException.class);
      scene.assertDeniedOnce();
    }
  }

  @Test
  void aStreamIsMetered() {
    try (Scene scene = Scene.granting(1)) {
      List<ChatResponse> chunks =
          model(scene).stream(new Prompt("Hello")).collectList().block(LIMIT);

      assertThat(chunks).isNotNull();
      assertThat(chunks.stream().map(SpringAiTest::textOf).collect(Collectors.joining()))
          .isEqualTo("one two three");
      scene.assertMeteredOnce("ConverseStream");
    }
  }

  @Test
  void aDeniedStreamFailsItsFluxAndIsNotTriedAgain() {
    try (Scene scene = Scene.denying()) {
      Throwable failure =
          catchThrowable(() -> model(scene).stream(new Prompt("Hello")).blockLast(LIMIT));

      assertThat(Scene.denialIn(failure))
          .hasMessageStartingWith("Never fits: budget 'calls' has 0 requests");
      scene.assertDeniedOnce();
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.bedrockmeter.frameworks.UnavailableLedger#all")
  void theDefaultRetryTemplateDoesNotTryAgainWhenTheLedgerIsUnavailable(UnavailableLedger ledger) {
    try (Scene scene = Scene.withUnavailableLedger(ledger)) {
      BedrockProxyChatModel model = model(scene);

      Throwable failure =
          catchThrowable(
              () -> RetryUtils.DEFAULT_RETRY_TEMPLATE.execute(context -> model.call("Hello")));

      scene.assertUnavailableOnce(failure, ledger);
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.bedrockmeter.frameworks.UnavailableLedger#all")
  void aStreamIsNotTriedAgainWhenTheLedgerIsUnavailable(UnavailableLedger ledger) {
    try (Scene scene = Scene.withUnavailableLedger(ledger)) {
      Throwable failure =
          catchThrowable(() -> model(scene).stream(new Prompt("Hello")).blockLast(LIMIT));

      scene.assertUnavailableOnce(failure, ledger);
    }
  }

  private static String textOf(ChatResponse chunk) {
    String text = chunk.getResult() == null ? null : chunk.getResult().getOutput().getText();
    return text == null ? "" : text;
  }

  private static BedrockProxyChatModel model(Scene scene) {
    return BedrockProxyChatModel.builder()
        .bedrockRuntimeClient(scene.client)
        .bedrockRuntimeAsyncClient(scene.async)
        .defaultOptions(BedrockChatOptions.builder().model(Scene.MODEL).maxTokens(100).build())
        .build();
  }
}
