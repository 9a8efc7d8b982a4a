// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** Calls of earlier windows that end late must not erase what is known of the present one. */
class LateCallsKeepThePresentTest {
  private final FakeTime time = FakeTime.at("2026-11-28T12:00:01Z");
  private final RecordingListener listener = new RecordingListener();
  private final SlowPolicy policy = new SlowPolicy();
  private final Deque<CompletableFuture<ConverseResponse>> sent = new ConcurrentLinkedDeque<>();

  private BedrockRuntimeAsyncClient client(BedrockMeter meter) {
    return meter.wrap(
        new BedrockRuntimeAsyncClient() {
          @Override
          public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
            CompletableFuture<ConverseResponse> answer = new CompletableFuture<>();
            sent.add(answer);
            return answer;
          }

          @Override
          public String serviceName() {
            return "late";
          }

          @Override
          public void close() {}
        });
  }

  /** Decides about calls later, those that were made while it is slow. */
  private static final class SlowPolicy implements BudgetPolicy {
    private final List<CompletableFuture<BudgetDecision>> open = new ArrayList<>();
    private boolean isSlow;

    @Override
    public BudgetDecision reserve(MeteredCall call) {
      return BudgetDecision.granted();
    }

    @Override
    public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
      CompletableFuture<BudgetDecision> decision = new CompletableFuture<>();
      if (isSlow) {
        open.add(decision);
      } else {
        decision.complete(BudgetDecision.granted());
      }
      return decision;
    }
  }

  private BedrockMeter meter() {
    return BedrockMeter.builder()
        .policy(policy)
        .clock(time)
        .listener(listener)
        .estimator((request, bound) -> Usage.ofTokens(10, 20))
        .budget(
            Budget.named("b")
                .limit(Amount.tokens(10_000))
                .window(Window.minutely())
                .per("team")
                .fallbackAt(0.5, "small")
                .build())
        .build();
  }

  private static ConverseRequest request() {
    return ConverseRequest.builder()
        .modelId("large")
        .overrideConfiguration(BedrockMeter.tags("team", "x"))
        .build();
  }

  private void answer(int input, int output) {
    sent.removeFirst()
        .complete(
            ConverseResponse.builder()
                .usage(u -> u.inputTokens(input).outputTokens(output).totalTokens(input + output))
                .build());
  }

  @Test
  void statusAndEarlyFallbackStayWithThePresentWindow() {
    BedrockMeter meter = meter();
    BedrockRuntimeAsyncClient client = client(meter);
    client.converse(request());
    time.advance(Duration.ofMinutes(1));
    client.converse(request());
    time.advance(Duration.ofMinutes(2));
    client.converse(request());
    CompletableFuture<ConverseResponse> firstMinute = sent.removeFirst();
    CompletableFuture<ConverseResponse> secondMinute = sent.removeFirst();
    answer(1_000, 5_000);
    assertThat(meter.status().join()).hasSize(1);

    sent.add(firstMinute);
    sent.add(secondMinute);
    answer(1, 1);
    answer(1, 1);

    assertThat(meter.status().join())
        .singleElement()
        .satisfies(status -> assertThat(status.settled()).isEqualTo(Amount.tokens(6_000)));
    client.converse(request());
    assertThat(listener.reserved().get(3).modelId()).isEqualTo("small");
  }

  @Test
  void callsOfEarlierWindowsThatAreReservedLateChangeNothingEither() {
    BedrockMeter meter = meter();
    BedrockRuntimeAsyncClient client = client(meter);
    policy.isSlow = true;
    for (int minute = 0; minute < 4; minute++) {
      client.converse(request());
      time.advance(Duration.ofMinutes(1));
    }
    policy.isSlow = false;
    client.converse(request());
    answer(1_000, 5_000);

    policy.open.forEach(decision -> decision.complete(BudgetDecision.granted()));
    Awaitility.await().until(() -> sent.size() == 4);
    for (int i = 0; i < 4; i++) {
      answer(1, 1);
    }

    assertThat(meter.status().join())
        .singleElement()
        .satisfies(status -> assertThat(status.settled()).isEqualTo(Amount.tokens(6_000)));
  }
}
