// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.call.AbandonedStreams;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/**
 * DRAIN: cancelling a bidirectional session must end it; it has no end of its own to read on to.
 */
class CancelledSessionTest {
  @Test
  void cancellingASessionEndsIt() {
    ManualStreams sdk = new ManualStreams();
    BedrockMeter meter = BedrockMeter.builder().abandonedStreams(AbandonedStreams.DRAIN).build();
    Publisher<InvokeModelWithBidirectionalStreamInput> microphone = s -> {};
    CompletableFuture<Void> future =
        meter
            .wrap(sdk)
            .invokeModelWithBidirectionalStream(
                InvokeModelWithBidirectionalStreamRequest.builder()
                    .modelId("amazon.nova-sonic-v1:0")
                    .build(),
                microphone,
                new InvokeModelWithBidirectionalStreamResponseHandler() {
                  @Override
                  public void responseReceived(
                      InvokeModelWithBidirectionalStreamResponse response) {}

                  @Override
                  public void onEventStream(
                      SdkPublisher<InvokeModelWithBidirectionalStreamOutput> publisher) {}

                  @Override
                  public void exceptionOccurred(Throwable throwable) {}

                  @Override
                  public void complete() {}
                });
    future.cancel(true);
    assertThat(sdk.source.isCancelled()).as("the session ends").isTrue();
  }
}
