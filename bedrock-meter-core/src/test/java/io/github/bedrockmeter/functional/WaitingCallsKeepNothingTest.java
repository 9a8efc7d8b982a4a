// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** Waiting calls let go of all that they need no more. */
@Timeout(120)
class WaitingCallsKeepNothingTest {
  private final AtomicInteger tries = new AtomicInteger();
  private final List<WeakReference<Object>> tried = new ArrayList<>();

  private BedrockMeter full() {
    BedrockMeter meter =
        BedrockMeter.builder()
            .budget(
                Budget.named("one")
                    .limit(Amount.requests(1))
                    .window(Window.lifetime())
                    .waitUpTo(Duration.ofMinutes(30))
                    .when(
                        call -> {
                          tries.incrementAndGet();
                          synchronized (tried) {
                            tried.add(new WeakReference<>(call));
                          }
                          return true;
                        })
                    .build())
            .build();
    meter.wrap(AnsweringClients.sync()).converse(Scene.converse(CLAUDE, 20));
    return meter;
  }

  /** A request of its own; a string of this length would be seen in a heap soon. */
  private static ConverseRequest large(int number) {
    return ConverseRequest.builder()
        .modelId(CLAUDE)
        .messages(Scene.user(number + "x".repeat(10_000)))
        .inferenceConfig(c -> c.maxTokens(10))
        .build();
  }

  @Test
  void cancelledCallsDoNotKeepTheirRequests() {
    BedrockMeter meter = full();
    BedrockRuntimeAsyncClient client = meter.wrap(AnsweringClients.async());
    CompletableFuture<ConverseResponse> first = client.converse(large(0));
    List<WeakReference<ConverseRequest>> requests = new ArrayList<>();
    for (int i = 1; i <= 900; i++) {
      requests.add(cancelled(client, i));
    }

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              System.gc();
              return requests.stream().allMatch(request -> request.get() == null);
            });
    assertThat(first).isNotDone();
    first.cancel(true);
  }

  private static WeakReference<ConverseRequest> cancelled(
      BedrockRuntimeAsyncClient client, int number) {
    ConverseRequest request = large(number);
    client.converse(request).cancel(true);
    return new WeakReference<>(request);
  }

  @Test
  void theFirstInLineKeepsNothingOfItsEarlierTries() {
    BedrockMeter meter = full();
    CompletableFuture<ConverseResponse> first =
        meter.wrap(AnsweringClients.async()).converse(large(0));
    int before = tries.get();
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> tries.get() > before + 30);

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              System.gc();
              return alive() <= 4;
            });
    first.cancel(true);
  }

  /** How many of the calls that were tried are still in memory. */
  private long alive() {
    synchronized (tried) {
      return tried.stream().filter(call -> call.get() != null).count();
    }
  }
}
