// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

class OpenCallsTest {
  private final BedrockMeter meter = BedrockMeter.builder().tags(Tags.of("team", "search")).build();

  /** A client whose answers are completed by the test. */
  private static final class Pending implements BedrockRuntimeAsyncClient {
    final List<CompletableFuture<ConverseResponse>> answers = new CopyOnWriteArrayList<>();

    @Override
    public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
      CompletableFuture<ConverseResponse> answer = new CompletableFuture<>();
      answers.add(answer);
      return answer;
    }

    @Override
    public String serviceName() {
      return "pending";
    }

    @Override
    public void close() {}
  }

  @Test
  void aCallIsOpenWhileItIsOnItsWay() {
    AtomicReference<List<MeteredCall>> seen = new AtomicReference<>();
    BedrockRuntimeClient client =
        meter.wrap(
            new BedrockRuntimeClient() {
              @Override
              public ConverseResponse converse(ConverseRequest request) {
                seen.set(meter.openCalls());
                return ConverseResponse.builder()
                    .usage(u -> u.inputTokens(1).outputTokens(1))
                    .build();
              }

              @Override
              public String serviceName() {
                return "looking";
              }

              @Override
              public void close() {}
            });

    client.converse(Scene.converse(CLAUDE, 20));

    assertThat(seen.get()).hasSize(1);
    MeteredCall open = seen.get().get(0);
    assertThat(open.modelId()).isEqualTo(CLAUDE);
    assertThat(open.tags()).isEqualTo(Tags.of("team", "search"));
    assertThat(open.estimate().outputTokens()).isEqualTo(20);
    assertThat(meter.openCalls()).isEmpty();
  }

  @Test
  void callsAreOpenUntilTheyAreAnsweredFailOrAreCancelled() {
    Pending pending = new Pending();
    BedrockRuntimeAsyncClient client = meter.wrap(pending);
    List<CompletableFuture<ConverseResponse>> results = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      results.add(client.converse(Scene.converse(CLAUDE, 20)));
    }
    List<MeteredCall> before = meter.openCalls();

    for (int i = 0; i < 99; i++) {
      switch (i % 3) {
        case 0 ->
            pending
                .answers
                .get(i)
                .complete(
                    ConverseResponse.builder()
                        .usage(u -> u.inputTokens(1).outputTokens(1))
                        .build());
        case 1 -> pending.answers.get(i).completeExceptionally(new IllegalStateException("broken"));
        default -> results.get(i).cancel(false);
      }
    }

    assertThat(before).hasSize(100).extracting(MeteredCall::id).doesNotHaveDuplicates();
    assertThat(meter.openCalls()).hasSize(1).isSubsetOf(before);
    pending.answers.get(99).complete(ConverseResponse.builder().build());
    assertThat(meter.openCalls()).isEmpty();
  }

  @Test
  void whatIsReturnedIsASnapshot() {
    Pending pending = new Pending();
    CompletableFuture<ConverseResponse> result =
        meter.wrap(pending).converse(Scene.converse(CLAUDE, 20));
    List<MeteredCall> seen = meter.openCalls();

    pending.answers.get(0).complete(ConverseResponse.builder().build());

    assertThat(result).isCompleted();
    assertThat(seen).hasSize(1);
    assertThatThrownBy(seen::clear).isInstanceOf(UnsupportedOperationException.class);
  }
}
