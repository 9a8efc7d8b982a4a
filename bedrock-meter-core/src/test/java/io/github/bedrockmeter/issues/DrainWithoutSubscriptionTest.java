// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.testkit.*;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** DRAIN: a caller who leaves before it subscribes must not leave the call open for ever. */
class DrainWithoutSubscriptionTest {
  private final ManualStreams sdk = new ManualStreams();
  private final ManualStreams.Handler handler = new ManualStreams.Handler();
  private final RecordingListener listener = new RecordingListener();

  private CompletableFuture<Void> open() {
    BedrockMeter meter =
        BedrockMeter.builder().abandonedStreams(AbandonedStreams.DRAIN).listener(listener).build();
    CompletableFuture<Void> future =
        meter.wrap(sdk).converseStream(ManualStreams.request(), handler);
    sdk.handler.responseReceived(ConverseStreamResponse.builder().build());
    sdk.handler.onEventStream(sdk.publisher);
    return future;
  }

  @Test
  void aHandlerThatNeverSubscribesIsCancelledAndSettled() {
    open().cancel(true);
    // Without DRAIN the source is cancelled here (trap 11). With it: nobody reads and nobody
    // cancels.
    assertThat(sdk.source.isDone() || sdk.requested == Long.MAX_VALUE)
        .as("the source is cancelled or read on")
        .isTrue();
  }

  @Test
  void aSubscriptionThatArrivesAfterTheCallerHasLeftEndsTheCall() {
    open().cancel(true);
    handler.given.subscribe(new ManualStreams.Wanting(1));
    assertThat(sdk.source.isDone() || sdk.requested == Long.MAX_VALUE)
        .as("the source is cancelled or read on; requested " + sdk.requested)
        .isTrue();
  }

  /** The same with the real client: HOLD_WORST_CASE closes the call at once, DRAIN never does. */
  @Test
  void aHandlerThatNeverSubscribesIsSettledWithTheRealClient() throws Exception {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.on("m").reply(Reply.text("one two").chunks(2).inputTokens(10).outputTokens(20));
      CompletableFuture<Void> future =
          BedrockMeter.builder()
              .abandonedStreams(AbandonedStreams.DRAIN)
              .listener(listener)
              .build()
              .wrap(bedrock.asyncClient())
              .converseStream(ManualStreams.request().toBuilder().modelId("m").build(), handler);
      for (int i = 0; handler.given == null && i < 500; i++) {
        Thread.sleep(10);
      }
      future.cancel(true);
      for (int i = 0; listener.usages().isEmpty() && i < 800; i++) {
        Thread.sleep(10);
      }
      assertThat(listener.sequence()).hasSize(2);
    }
  }
}
