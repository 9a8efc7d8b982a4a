// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/**
 * Thousands of callers at once, each on a virtual thread. Needs a JDK that has them, 21 or newer.
 */
class VirtualThreadsTest {
  private static final int CALLERS = 5_000;

  private ExecutorService callers;

  @BeforeEach
  void needsVirtualThreads() throws Exception {
    if (Runtime.version().feature() < 21) {
      System.out.println(
          "NOT RUN: VirtualThreadsTest needs JDK 21 or newer, and this is " + Runtime.version());
      Assumptions.abort("no virtual threads");
    }
    callers =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }

  /** Answers after a moment, so that calls overlap. */
  private static BedrockRuntimeClient slow(AtomicInteger sent) {
    BedrockRuntimeClient answering = AnsweringClients.sync();
    return new BedrockRuntimeClient() {
      @Override
      public ConverseResponse converse(ConverseRequest request) {
        sent.incrementAndGet();
        try {
          Thread.sleep(2);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return answering.converse(request);
      }

      @Override
      public String serviceName() {
        return "slow";
      }

      @Override
      public void close() {}
    };
  }

  private List<Boolean> storm(BedrockRuntimeClient client) throws Exception {
    List<Future<Boolean>> calls = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      String team = "team" + i % 10;
      calls.add(
          callers.submit(
              () -> {
                try {
                  client.converse(
                      request ->
                          request
                              .modelId("model")
                              .overrideConfiguration(BedrockMeter.tags("team", team)));
                  return true;
                } catch (BudgetExceededException denied) {
                  return false;
                }
              }));
    }
    List<Boolean> sent = new ArrayList<>();
    for (Future<Boolean> call : calls) {
      sent.add(call.get(60, TimeUnit.SECONDS));
    }
    return sent;
  }

  @Test
  void aStormOfHoldsAndSettlementsKeepsTheLimitToTheCall() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    try (BedrockMeter meter =
        BedrockMeter.builder()
            .budget(
                Budget.named("all").limit(Amount.requests(3_000)).window(Window.lifetime()).build())
            .budget(
                Budget.named("team")
                    .limit(Amount.requests(400))
                    .window(Window.lifetime())
                    .per("team")
                    .build())
            .build()) {
      List<Boolean> results = storm(meter.wrap(slow(sent)));

      assertThat(results.stream().filter(Boolean::booleanValue).count()).isEqualTo(3_000);
      assertThat(sent).hasValue(3_000);
      assertThat(meter.status().get(60, TimeUnit.SECONDS))
          .allSatisfy(
              status -> {
                assertThat(status.balance().settled()).isLessThanOrEqualTo(status.limit().units());
                assertThat(status.balance().held()).isZero();
              });
      assertThat(meter.openCalls()).isEmpty();
    }
  }

  @Test
  void callersThatWaitInLineAllGetTheirTurn() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    try (BedrockMeter meter =
        BedrockMeter.builder()
            // Room for a hundred estimates at a time; what is used is a fraction of them.
            .estimator((request, bound) -> Usage.ofTokens(500, 500))
            .budget(
                Budget.named("tokens")
                    .limit(Amount.tokens(100_000))
                    .window(Window.lifetime())
                    .waitUpTo(Duration.ofSeconds(60))
                    .build())
            .build()) {
      List<Boolean> results = storm(meter.wrap(slow(sent)));

      assertThat(results).hasSize(CALLERS).doesNotContain(false);
      assertThat(sent).hasValue(CALLERS);
      assertThat(meter.status().get(60, TimeUnit.SECONDS))
          .allSatisfy(
              status -> {
                assertThat(status.balance().settled()).isEqualTo(2L * CALLERS);
                assertThat(status.balance().held()).isZero();
              });
    }
  }
}
