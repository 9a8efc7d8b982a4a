// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** A call that waits tries again and again; a shadow budget tells its denial once. */
class ShadowsOfWaitingCallsTest {
  private static final BedrockRuntimeAsyncClient ANSWERS =
      new BedrockRuntimeAsyncClient() {
        @Override
        public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
          return CompletableFuture.completedFuture(ConverseResponse.builder().build());
        }

        @Override
        public String serviceName() {
          return "answers";
        }

        @Override
        public void close() {}
      };

  private static Budget.Builder budget(String name, long requests) {
    return Budget.named(name).limit(Amount.requests(requests)).window(Window.lifetime());
  }

  @Test
  void aWaitingCallIsToldOnceAsOneThatWouldBeDenied() throws Exception {
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .listener(listener)
            .budget(budget("shadow", 9).mode(Budget.Mode.SHADOW).freeze("", "closed").build())
            .budget(budget("full", 1).waitUpTo(Duration.ofMillis(350)).build())
            .build();
    meter.control("full").charge("", Amount.requests(1), "full").toCompletableFuture().get();

    assertThatThrownBy(() -> meter.wrap(ANSWERS).converse(r -> r.modelId("m")).join())
        .hasCauseInstanceOf(BudgetExceededException.class);

    assertThat(listener.sequence()).containsExactly("changed:Adjusted", "would deny", "denied");
  }
}
