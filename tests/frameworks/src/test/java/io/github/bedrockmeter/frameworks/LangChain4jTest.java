// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.model.bedrock.BedrockChatModel;
import dev.langchain4j.model.bedrock.BedrockStreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LangChain4j's own chat models, with its default of two retries. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LangChain4jTest {

  @Test
  void aChatIsMetered() {
    try (Scene scene = Scene.granting(1)) {
      assertThat(chatModel(scene).chat("Hello")).isEqualTo("one two three");

      scene.assertMeteredOnce("Converse");
    }
  }

  @Test
  void aDeniedChatIsNotTriedAgain() {
    try (Scene scene = Scene.denying()) {
      Throwable failure = catchThrowable(() -> chatModel(scene).chat("Hello"));

      assertThat(failure).isInstanceOf(NonRetriableException.class);
      assertThat(Scene.denialIn(failure))
          .hasMessageStartingWith("Never fits: budget 'calls' has 0 requests");
      scene.assertDeniedOnce();
    }
  }

  @Test
  void aStreamIsMetered() throws Exception {
    try (Scene scene = Scene.granting(1)) {
      Collector collector = new Collector();

      streamingChatModel(scene).chat("Hello", collector);

      ChatResponse response = collector.response.get(20, TimeUnit.SECONDS);
      assertThat(response.aiMessage().text()).isEqualTo("one two three");
      assertThat(String.join("", collector.partial)).isEqualTo("one two three");
      scene.assertMeteredOnce("ConverseStream");
    }
  }

  @Test
  void aDeniedStreamIsReportedToItsHandlerOnceAndIsNotTriedAgain() {
    try (Scene scene = Scene.denying()) {
      Collector collector = new Collector();

      streamingChatModel(scene).chat("Hello", collector);

      Throwable failure = catchThrowable(() -> collector.response.get(20, TimeUnit.SECONDS));
      assertThat(failure).isInstanceOf(ExecutionException.class);
      assertThat(Scene.denialIn(failure))
          .hasMessageStartingWith("Never fits: budget 'calls' has 0 requests");
      assertThat(collector.errors).hasSize(1);
      scene.assertDeniedOnce();
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.bedrockmeter.frameworks.UnavailableLedger#all")
  void aChatIsNotTriedAgainWhenTheLedgerIsUnavailable(UnavailableLedger ledger) {
    try (Scene scene = Scene.withUnavailableLedger(ledger)) {
      Throwable failure = catchThrowable(() -> chatModel(scene).chat("Hello"));

      scene.assertUnavailableOnce(failure, ledger);
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.bedrockmeter.frameworks.UnavailableLedger#all")
  void aStreamIsNotTriedAgainWhenTheLedgerIsUnavailable(UnavailableLedger ledger) {
    try (Scene scene = Scene.withUnavailableLedger(ledger)) {
      Collector collector = new Collector();

      streamingChatModel(scene).chat("Hello", collector);

      Throwable failure = catchThrowable(() -> collector.response.get(20, TimeUnit.SECONDS));
      scene.assertUnavailableOnce(failure, ledger);
      assertThat(collector.errors).hasSize(1);
    }
  }

  private static BedrockChatModel chatModel(Scene scene) {
    return BedrockChatModel.builder().client(scene.client).modelId(Scene.MODEL).build();
  }

  private static BedrockStreamingChatModel streamingChatModel(Scene scene) {
    return BedrockStreamingChatModel.builder().client(scene.async).modelId(Scene.MODEL).build();
  }

  private static final class Collector implements StreamingChatResponseHandler {
    final CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    final List<String> partial = new CopyOnWriteArrayList<>();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();

    @Override
    public void onPartialResponse(String text) {
      partial.add(text);
    }

    @Override
    public void onCompleteResponse(ChatResponse complete) {
      response.complete(complete);
    }

    @Override
    public void onError(Throwable error) {
      errors.add(error);
      response.completeExceptionally(error);
    }
  }
}
