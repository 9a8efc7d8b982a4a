// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What docs/tags.md says about executors and Reactor. */
class CarriedTagsTest {
  private static final Tags ACME = Tags.of("tenant", "acme");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final ExecutorService executor = Executors.newFixedThreadPool(2);

  @AfterEach
  void close() {
    Schedulers.resetOnScheduleHook("bedrock-meter");
    executor.shutdownNow();
  }

  @Test
  void executorsRunTasksWithTheTagsOfWhoeverSubmits() throws Exception {
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(ACME)) {
      assertThat(scope).isNotNull();

      assertThat(
              CompletableFuture.supplyAsync(
                      () -> BedrockMeter.currentTags(), BedrockMeter.carryTags(executor))
                  .join())
          .isEqualTo(ACME);
      assertThat(executor.submit(BedrockMeter.carryTags(() -> BedrockMeter.currentTags())).get())
          .isEqualTo(ACME);
    }
  }

  @Test
  void aSchedulerOverACarryingExecutorHasTheTagsOfTheSubscriber() {
    Mono<Tags> tags =
        Mono.fromCallable(() -> BedrockMeter.currentTags())
            .subscribeOn(Schedulers.fromExecutor(BedrockMeter.carryTags(executor)));

    try (BedrockMeter.Scope scope = BedrockMeter.openScope(ACME)) {
      assertThat(scope).isNotNull();
      assertThat(tags.block(LIMIT)).isEqualTo(ACME);
    }
    assertThat(tags.block(LIMIT)).isEqualTo(Tags.none());
  }

  @Test
  void aHookCarriesTagsThroughEverySchedulerOfReactor() {
    Schedulers.onScheduleHook("bedrock-meter", BedrockMeter::carryTags);
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(ACME)) {
      assertThat(scope).isNotNull();

      assertThat(
              Flux.range(0, 3)
                  .publishOn(Schedulers.parallel())
                  .publishOn(Schedulers.boundedElastic())
                  .map(i -> BedrockMeter.currentTags())
                  .collectList()
                  .block(LIMIT))
          .containsExactly(ACME, ACME, ACME);
    }
  }
}
