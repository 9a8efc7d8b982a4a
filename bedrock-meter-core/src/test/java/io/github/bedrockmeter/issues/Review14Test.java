// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;


import static org.assertj.core.api.Assertions.*;
import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** Every attempt of a stream is charged, one attempt is held. */
class Review14Test {
  @Test
  void aStreamThatTheSdkStartsAgainStaysWithinTheLimit() {
    ManualStreams sdk = new ManualStreams();
    BedrockMeter meter =
        BedrockMeter.builder()
            .budget(
                Budget.named("b").limit(Amount.tokens(150)).window(Window.lifetime()).build())
            .build();
    meter
        .wrap(sdk)
        .converseStream(
            ManualStreams.request(),
            new ManualStreams.Handler() {
              @Override
              public void onEventStream(
                  software.amazon.awssdk.core.async.SdkPublisher<ConverseStreamOutput> p) {
                p.subscribe(new ManualStreams.Wanting(100));
              }
            });
    for (int attempt = 0; attempt < 2; attempt++) {
      sdk.handler.responseReceived(ConverseStreamResponse.builder().build());
      sdk.handler.onEventStream(sdk.publisher);
      sdk.subscriber.onNext(
          ConverseStreamOutput.contentBlockDeltaBuilder().delta(d -> d.text("word ")).build());
    }
    sdk.subscriber.onNext(
        ConverseStreamOutput.metadataBuilder()
            .usage(u -> u.inputTokens(10).outputTokens(100).totalTokens(110))
            .build());
    sdk.source.complete(null);
    BudgetStatus status = meter.budgets().toCompletableFuture().join().get(0);
    assertThat(status.settled().units()).isLessThanOrEqualTo(150);
  }
}
