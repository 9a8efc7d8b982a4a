// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.time.Duration;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.*;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** Once Bedrock has answered, nothing in the meter may stand in the way. */
class BrokenClocksTest {
  private final AtomicInteger asked = new AtomicInteger();

  private BedrockMeter meter() {
    return BedrockMeter.builder()
        .nanoClock(
            () -> {
              if (asked.incrementAndGet() > 1) {
                throw new IllegalStateException("the clock is gone");
              }
              return 0;
            })
        .build();
  }

  @Test
  void aBrokenNanoClockCostsNoAnswer() {
    assertThat(meter().wrap(CannedBedrock.client()).converse(r -> r.modelId("m"))).isNotNull();
  }

  @Test
  void aBrokenNanoClockLeavesNoFutureOpen() {
    BedrockRuntimeAsyncClient sdk =
        new BedrockRuntimeAsyncClient() {
          @Override
          public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
            return CompletableFuture.completedFuture(ConverseResponse.builder().build());
          }

          @Override
          public String serviceName() {
            return "stub";
          }

          @Override
          public void close() {}
        };
    assertThat(meter().wrap(sdk).converse(r -> r.modelId("m")))
        .succeedsWithin(Duration.ofSeconds(2));
  }

  @Test
  void aFailureWhoseCausesGoInACircleStillReachesTheCaller() throws Exception {
    RuntimeException a = new RuntimeException("a");
    RuntimeException b = new RuntimeException("b", a);
    a.initCause(b);
    BedrockRuntimeClient sdk =
        new BedrockRuntimeClient() {
          @Override
          public ConverseResponse converse(ConverseRequest request) {
            throw a;
          }

          @Override
          public String serviceName() {
            return "stub";
          }

          @Override
          public void close() {}
        };
    BedrockRuntimeClient client = BedrockMeter.builder().build().wrap(sdk);
    Thread caller =
        new Thread(
            () -> {
              try {
                client.converse(r -> r.modelId("m"));
              } catch (RuntimeException expected) {
                // a
              }
            });
    caller.setDaemon(true);
    caller.start();
    caller.join(3_000);
    assertThat(caller.isAlive()).as("the caller still waits for its exception").isFalse();
  }
}
