// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** What was not reported is told as estimated, whatever source an estimator of one's own names. */
class ForeignEstimatesTest {
  private static final BedrockRuntimeAsyncClient SILENT =
      new BedrockRuntimeAsyncClient() {
        @Override
        public CompletableFuture<Void> converseStream(
            ConverseStreamRequest request, ConverseStreamResponseHandler handler) {
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public String serviceName() {
          return "silent";
        }

        @Override
        public void close() {}
      };

  @Test
  void aStreamThatToldNothingIsChargedAtTheEstimate() {
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .listener(listener)
            .estimator((request, bound) -> Usage.ofTokens(10, 20))
            .build();

    meter
        .wrap(SILENT)
        .converseStream(
            request -> request.modelId("m"),
            ConverseStreamResponseHandler.builder().subscriber(event -> {}).build())
        .join();

    assertThat(listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
  }
}
