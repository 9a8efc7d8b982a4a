// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.testkit.ReceivedRequest;
import io.github.bedrockmeter.usage.ModelAliases;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelNamesTest {
  private static final String PROFILE =
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdef123456";

  private final Scene scene =
      new Scene(s -> s.modelName("claude", CLAUDE).modelName("support", PROFILE));

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void aNameIsReplacedBeforeTheCallIsSentAndTheEventTellsBoth() {
    scene.client.converse(Scene.converse("claude", 20));

    assertThat(scene.bedrock.requests())
        .extracting(ReceivedRequest::modelId)
        .containsExactly(CLAUDE);
    UsageEvent event = scene.listener.usage();
    assertThat(event.call().requestedModel()).isEqualTo("claude");
    assertThat(event.call().modelId()).isEqualTo(CLAUDE);
    assertThat(event.call().modelMetric()).isEqualTo(CLAUDE);
    assertThat(event.cost().usd()).isPresent();
  }

  @Test
  void aCostCentresNameStandsForItsProfileAndItsMetric() {
    scene.client.converse(Scene.converse("support", 20));

    UsageEvent event = scene.listener.usage();
    assertThat(event.call().modelId()).isEqualTo(PROFILE);
    assertThat(event.call().modelMetric()).isEqualTo("abcdef123456");
  }

  @Test
  void aliasesOfAMeterNameWhatIsCalled() {
    ModelAliases aliases =
        ModelAliases.none().with("support", PROFILE).with(PROFILE, "us." + CLAUDE);
    try (Scene aliased = new Scene(s -> s.modelAliases(aliases))) {
      aliased.client.converse(Scene.converse("support", 20));

      assertThat(aliased.bedrock.requests())
          .extracting(ReceivedRequest::modelId)
          .containsExactly(PROFILE);
      assertThat(aliased.listener.usage().call().requestedModel()).isEqualTo("support");
    }
  }

  @Test
  void everyOperationTakesNames() {
    Scene.await(scene.async.converse(Scene.converse("claude", 20)));
    Scene.await(
        scene.async.converseStream(Scene.converseStream("claude", 20), StreamCollector.converse()));
    scene.client.invokeModel(Scene.invokeClaude(20).toBuilder().modelId("claude").build());
    Scene.await(
        scene.async.invokeModelWithResponseStream(
            Scene.invokeClaudeStream(20).toBuilder().modelId("claude").build(),
            StreamCollector.invoke()));
    scene.client.countTokens(
        r -> r.modelId("claude").input(i -> i.converse(c -> c.messages(Scene.user("Hello")))));

    assertThat(scene.bedrock.requests())
        .hasSize(5)
        .extracting(ReceivedRequest::modelId)
        .containsOnly(CLAUDE);
  }

  @Test
  void otherModelsAreLeftAlone() {
    scene.client.converse(Scene.converse(CLAUDE, 20));

    assertThat(scene.listener.usage().call().requestedModel()).isEqualTo(CLAUDE);
  }

  @Test
  void aNameStandsForOneModel() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMeter.builder().modelName("a", "x").modelName("a", "y"))
        .withMessage("model name 'a' stands for 'x' already, not for 'y'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMeter.builder().modelName(" ", "x"));
  }
}
