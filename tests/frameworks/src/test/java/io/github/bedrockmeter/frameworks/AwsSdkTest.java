// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.bedrockmeter.budget.BudgetExceededException;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.retries.api.RetryToken;
import software.amazon.awssdk.retries.api.TokenAcquisitionFailedException;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;

/** The SDK's own retry strategies, given the exceptions of a metered client. */
class AwsSdkTest {

  static Stream<RetryStrategy> strategies() {
    return Stream.of(
        AwsRetryStrategy.standardRetryStrategy(),
        AwsRetryStrategy.legacyRetryStrategy(),
        AwsRetryStrategy.adaptiveRetryStrategy());
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aDenialIsNotRetried(RetryStrategy strategy) {
    try (Scene scene = Scene.denying()) {
      BudgetExceededException denial =
          catchThrowableOfType(BudgetExceededException.class, () -> converse(scene));

      RetryToken token =
          strategy.acquireInitialToken(AcquireInitialTokenRequest.create("test")).token();
      assertThatThrownBy(() -> strategy.refreshRetryToken(failed(token, denial)))
          .isInstanceOf(TokenAcquisitionFailedException.class);
      assertThat(strategy.refreshRetryToken(failed(token, throttled())).delay())
          .as("a throttle is retried")
          .isNotNull();
      scene.assertDeniedOnce();
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aDenialWithAnIoExceptionAsItsCauseIsNotRetried(RetryStrategy strategy) {
    UnavailableLedger ledger = UnavailableLedger.all().toList().get(1);
    try (Scene scene = Scene.withUnavailableLedger(ledger)) {
      BudgetExceededException denial =
          catchThrowableOfType(BudgetExceededException.class, () -> converse(scene));

      assertThat(denial).hasRootCauseInstanceOf(IOException.class);
      RetryToken token =
          strategy.acquireInitialToken(AcquireInitialTokenRequest.create("test")).token();
      assertThatThrownBy(() -> strategy.refreshRetryToken(failed(token, denial)))
          .isInstanceOf(TokenAcquisitionFailedException.class);
      scene.assertUnavailableOnce(denial, ledger);
    }
  }

  private static void converse(Scene scene) {
    Message hello =
        Message.builder()
            .role(ConversationRole.USER)
            .content(ContentBlock.fromText("Hello"))
            .build();
    scene.client.converse(request -> request.modelId(Scene.MODEL).messages(hello));
  }

  private static RefreshRetryTokenRequest failed(RetryToken token, Throwable failure) {
    return RefreshRetryTokenRequest.builder()
        .token(token)
        .failure(failure)
        .suggestedDelay(Duration.ZERO)
        .build();
  }

  private static Throwable throttled() {
    return ThrottlingException.builder().statusCode(429).message("slow down").build();
  }
}
