// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.Effort;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/** Whatever bytes Bedrock answers with, the caller of a metered client gets those, as they are. */
class DamagedAnswersTest {
  private static final int MUTATIONS = 4_000 * Effort.TIMES;

  private final Mutations mutations = new Mutations(42);
  private final List<byte[]> bodies = MalformedInputTest.bodies();
  private final List<UsageEvent> events = new ArrayList<>();
  private final BedrockMeter meter =
      BedrockMeter.builder()
          .budget(
              Budget.named("all")
                  .limit(Amount.tokens(Long.MAX_VALUE / 2))
                  .window(Window.lifetime())
                  .build())
          .listener(
              new MeterListener() {
                @Override
                public void onUsage(UsageEvent event) {
                  events.add(event);
                }
              })
          .build();

  private SdkBytes mutant(int i) {
    return SdkBytes.fromByteArrayUnsafe(mutations.mutate(bodies.get(i % bodies.size())));
  }

  private String model() {
    return MalformedInputTest.MODELS.get(mutations.pick(MalformedInputTest.MODELS.size()));
  }

  private void assertEachCallEndedOnceAndNothingIsHeld() {
    assertThat(events).hasSize(MUTATIONS);
    assertThat(meter.status().join())
        .allSatisfy(status -> assertThat(status.held()).isEqualTo(Amount.tokens(0)));
  }

  @Test
  void aDamagedBodyReachesTheCallerAsTheSameInstance() {
    List<InvokeModelResponse> answer = new ArrayList<>();
    BedrockRuntimeClient metered =
        meter.wrap(
            new BedrockRuntimeClient() {
              @Override
              public InvokeModelResponse invokeModel(InvokeModelRequest request) {
                return answer.get(answer.size() - 1);
              }

              @Override
              public String serviceName() {
                return "damaged";
              }

              @Override
              public void close() {}
            });

    for (int i = 0; i < MUTATIONS; i++) {
      InvokeModelResponse damaged = InvokeModelResponse.builder().body(mutant(i)).build();
      answer.clear();
      answer.add(damaged);
      SdkBytes request = mutant(i + 1);
      String model = model();
      assertThat(metered.invokeModel(r -> r.modelId(model).body(request))).isSameAs(damaged);
    }

    assertEachCallEndedOnceAndNothingIsHeld();
  }

  @Test
  void aDamagedChunkReachesTheCallerAsTheSameInstance() {
    List<ResponseStream> chunk = new ArrayList<>();
    BedrockRuntimeAsyncClient metered =
        meter.wrap(
            new BedrockRuntimeAsyncClient() {
              @Override
              public CompletableFuture<Void> invokeModelWithResponseStream(
                  InvokeModelWithResponseStreamRequest request,
                  InvokeModelWithResponseStreamResponseHandler handler) {
                handler.onEventStream(SdkPublisher.fromIterable(List.copyOf(chunk)));
                handler.complete();
                return CompletableFuture.completedFuture(null);
              }

              @Override
              public String serviceName() {
                return "damaged";
              }

              @Override
              public void close() {}
            });
    List<ResponseStream> seen = new ArrayList<>();

    for (int i = 0; i < MUTATIONS; i++) {
      ResponseStream damaged = ResponseStream.chunkBuilder().bytes(mutant(i)).build();
      chunk.clear();
      chunk.add(damaged);
      String model = model();
      seen.clear();
      metered
          .invokeModelWithResponseStream(
              r -> r.modelId(model).body(SdkBytes.fromUtf8String("{\"max_tokens\":10}")),
              InvokeModelWithResponseStreamResponseHandler.builder().subscriber(seen::add).build())
          .join();
      assertThat(seen).singleElement().isSameAs(damaged);
    }

    assertEachCallEndedOnceAndNothingIsHeld();
  }
}
