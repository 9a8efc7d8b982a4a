// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The three rules for streams that end before they have told their usage. */
class AbandonedStreamsTest {
  private static final Reply SLOW =
      Reply.text("one two three four")
          .chunks(4)
          .inputTokens(10)
          .outputTokens(20)
          .delayBetweenChunks(Duration.ofMillis(20));

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void with(AbandonedStreams rule) {
    scene.close();
    scene =
        new Scene(
            s ->
                s.abandonedStreams(rule)
                    .budget(
                        Budget.named("all")
                            .limit(Amount.tokens(100_000))
                            .window(Window.lifetime())
                            .build()));
    scene.bedrock.on(CLAUDE).reply(SLOW);
  }

  private UsageEvent usage() {
    Awaitility.await().until(() -> !scene.listener.usages().isEmpty());
    return scene.listener.usage();
  }

  private void assertSettled(long tokens) {
    var status = Scene.await(scene.meter.status()).get(0);
    assertThat(status.held()).isEqualTo(Amount.tokens(0));
    assertThat(status.settled()).isEqualTo(Amount.tokens(tokens));
  }

  @Test
  void holdWorstCaseChargesTheEstimate() {
    with(AbandonedStreams.HOLD_WORST_CASE);

    Scene.await(
        scene.async.converseStream(
            Scene.converseStream(CLAUDE, 100), StreamCollector.cancellingAfter(2)));

    assertThat(usage().usage()).isEqualTo(usage().call().estimate());
    assertStream(usage(), 1, 1, AbandonedStreams.HOLD_WORST_CASE);
    assertSettled(usage().call().estimate().totalTokens());
  }

  @Test
  void drainReadsOnUnseenAndChargesWhatTheStreamTells() {
    with(AbandonedStreams.DRAIN);
    var handler = StreamCollector.cancellingAfter(2);

    Scene.await(scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler));

    UsageEvent event = usage();
    assertThat(event.usage()).isEqualTo(Usage.ofTokens(10, 20));
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    assertThat(event.outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertStream(event, 1, 1, AbandonedStreams.DRAIN);
    assertThat(handler.signals).containsExactly("response", "stream", "event", "event");
    assertSettled(30);
  }

  @Test
  void drainCompletesTheCallersFutureBeforeTheStreamEnds() {
    with(AbandonedStreams.DRAIN);
    scene.bedrock.on(CLAUDE).reply(SLOW.delayBetweenChunks(Duration.ofMillis(300)));

    CompletableFuture<Void> future =
        scene.async.converseStream(
            Scene.converseStream(CLAUDE, 100), StreamCollector.cancellingAfter(2));
    Scene.await(future);

    assertThat(scene.listener.usages()).isEmpty();
    assertThat(usage().usage()).isEqualTo(Usage.ofTokens(10, 20));
  }

  @Test
  void drainOutlivesACancelledFuture() {
    with(AbandonedStreams.DRAIN);
    scene.bedrock.on(CLAUDE).reply(SLOW.delayBetweenChunks(Duration.ofMillis(400)));
    var handler = StreamCollector.converse();
    CompletableFuture<Void> future =
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler);
    Awaitility.await().until(() -> !handler.events.isEmpty());

    future.cancel(true);

    assertThat(future).isCancelled();
    assertThat(usage().usage()).isEqualTo(Usage.ofTokens(10, 20));
    assertThat(usage().outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertThat(handler.signals).doesNotContain("exception", "error", "end", "complete");
  }

  @Test
  void drainFollowsAStreamThatTheSdkStartsAgain() {
    with(AbandonedStreams.DRAIN);
    scene
        .bedrock
        .on(CLAUDE)
        .replies(SLOW.failAfterChunks(3, "throttlingException", "slow down"), SLOW);
    var handler = StreamCollector.cancellingAfter(2);

    Scene.await(scene.async.converseStream(Scene.converseStream(CLAUDE, 100), handler));

    UsageEvent event = usage();
    assertStream(event, 2, 2, AbandonedStreams.DRAIN);
    assertThat(event.usage().outputTokens()).isEqualTo(100 + 20);
    assertThat(handler.events).hasSize(2);
  }

  @Test
  void drainThatFindsNoUsageChargesTheEstimate() {
    with(AbandonedStreams.DRAIN);
    scene.bedrock.on(CLAUDE).reply(SLOW.endAfterChunks(3));

    Scene.await(
        scene.async.converseStream(
            Scene.converseStream(CLAUDE, 100), StreamCollector.cancellingAfter(2)));

    assertThat(usage().usage()).isEqualTo(usage().call().estimate());
    assertThat(usage().charge()).isEqualTo(Charge.ESTIMATED);
  }

  @Test
  void estimateFromDeliveredCountsThreeCharactersAToken() {
    with(AbandonedStreams.ESTIMATE_FROM_DELIVERED);
    scene.bedrock.on(CLAUDE).reply(SLOW.endAfterChunks(4));

    Scene.await(
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse()));

    UsageEvent event = usage();
    assertThat(event.usage().outputTokens()).isEqualTo(("one two three four".length() + 2) / 3);
    assertThat(event.usage().inputTokens()).isEqualTo(event.call().estimate().inputTokens());
    assertThat(event.usage().sources().of(Meter.OUTPUT)).isEqualTo(Source.ESTIMATED);
    assertThat(event.stream().abandoned()).isEqualTo(AbandonedStreams.ESTIMATE_FROM_DELIVERED);
    assertSettled(event.usage().totalTokens());
  }

  @Test
  void estimateFromDeliveredNeverExceedsTheEstimate() {
    with(AbandonedStreams.ESTIMATE_FROM_DELIVERED);
    scene.bedrock.on(CLAUDE).reply(SLOW.endAfterChunks(4));

    Scene.await(
        scene.async.converseStream(Scene.converseStream(CLAUDE, 2), StreamCollector.converse()));

    assertThat(usage().usage().outputTokens()).isEqualTo(2);
  }

  @Test
  void aRequestCanHaveARuleOfItsOwn() {
    with(AbandonedStreams.HOLD_WORST_CASE);

    Scene.await(
        scene.async.converseStream(
            Scene.converseStream(CLAUDE, 100).toBuilder()
                .overrideConfiguration(BedrockMeter.abandonedStreams(AbandonedStreams.DRAIN))
                .build(),
            StreamCollector.cancellingAfter(2)));

    assertThat(usage().stream().abandoned()).isEqualTo(AbandonedStreams.DRAIN);
    assertThat(usage().usage()).isEqualTo(Usage.ofTokens(10, 20));
  }

  @Test
  void aStreamThatToldItsUsageIsNotAbandoned() {
    with(AbandonedStreams.DRAIN);

    Scene.await(
        scene.async.converseStream(Scene.converseStream(CLAUDE, 100), StreamCollector.converse()));

    assertStream(usage(), 1, 1, null);
    assertThat(usage().outcome()).isEqualTo(new CallOutcome.Completed());
  }

  private static void assertStream(
      UsageEvent event, int attempts, int withOutput, AbandonedStreams abandoned) {
    StreamFacts facts = event.stream();
    assertThat(facts.attempts()).isEqualTo(attempts);
    assertThat(facts.attemptsWithOutput()).isEqualTo(withOutput);
    assertThat(facts.abandoned()).isEqualTo(abandoned);
  }
}
