// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.NOVA;
import static io.github.bedrockmeter.functional.Scene.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/** What budgets do instead of refusing: less output, another model, waiting. */
class RemediesTest {
  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene = new Scene(settings);
    scene.bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(10).outputTokens(20));
  }

  private static Budget.Builder dollars(String limit) {
    return Budget.named("dollars").limit(Amount.usd(limit)).window(Window.daily(ZoneOffset.UTC));
  }

  private static Budget.Builder fitting(Amount limit) {
    return Budget.named("fit")
        .limit(limit)
        .window(Window.daily(ZoneOffset.UTC))
        .onShortfall(Budget.OnShortfall.FIT_OUTPUT)
        .leastOutputTokens(100);
  }

  private String sentBody() {
    return scene.bedrock.requests().get(scene.bedrock.requests().size() - 1).bodyText();
  }

  @Test
  void aCallThatDoesNotFitIsSentWithTheOutputThatFits() {
    with(s -> s.budget(fitting(Amount.usd("0.05")).build()));

    scene.client.converse(Scene.converse(CLAUDE, 4_096));

    var call = scene.listener.reserved().get(0);
    long input = call.estimate().inputTokens();
    long fits = (50_000 - 10 * input) / 50;
    assertThat(sentBody()).contains("\"maxTokens\":" + fits);
    assertThat(call.amendments()).containsExactly(new Amendment.LoweredOutput("fit", 4_096, fits));
    assertThat(call.estimate().outputTokens()).isEqualTo(fits);
    assertThat(scene.listener.usage().call()).isSameAs(call);
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
  }

  @Test
  void aCallThatFitsIsSentAsItIs() {
    with(s -> s.budget(fitting(Amount.usd("1")).build()));

    scene.client.converse(Scene.converse(CLAUDE, 4_096));

    assertThat(sentBody()).contains("\"maxTokens\":4096");
    assertThat(scene.listener.reserved().get(0).amendments()).isEmpty();
  }

  @Test
  void outputIsNotLoweredBelowTheFloor() {
    with(s -> s.budget(fitting(Amount.tokens(130)).build()));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 4_096)))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("it never fits the limit of 130 tokens");
    assertThat(scene.bedrock.requests()).isEmpty();
    assertThat(scene.listener.sequence()).containsExactly("denied");
  }

  @Test
  void everyBudgetThatIsShortLowersTheOutputFurther() {
    Budget tight =
        Budget.named("tight")
            .limit(Amount.tokens(400))
            .window(Window.lifetime())
            .onShortfall(Budget.OnShortfall.FIT_OUTPUT)
            .leastOutputTokens(1)
            .build();
    with(s -> s.budget(fitting(Amount.usd("0.05")).build()).budget(tight));

    scene.client.converse(Scene.converse(CLAUDE, 4_096));

    var call = scene.listener.reserved().get(0);
    assertThat(call.estimate().totalTokens()).isEqualTo(400);
    assertThat(call.amendments())
        .containsExactly(
            new Amendment.LoweredOutput("tight", 4_096, call.estimate().outputTokens()));
  }

  @Test
  void aBudgetThatDoesNotFitTheOutputStillDenies() {
    Budget strict =
        Budget.named("strict").limit(Amount.tokens(400)).window(Window.lifetime()).build();
    with(s -> s.budget(fitting(Amount.usd("0.05")).build()).budget(strict));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 4_096)))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(held()).containsOnly(0L);
  }

  private List<Long> held() {
    return await(scene.meter.status()).stream().map(status -> status.held().units()).toList();
  }

  @Test
  void aCallWithoutALimitGetsOne() {
    with(s -> s.budget(fitting(Amount.usd("0.05")).build()));
    ConverseRequest request =
        ConverseRequest.builder().modelId(CLAUDE).messages(Scene.user("Hello")).build();

    scene.client.converse(request);

    assertThat(sentBody()).contains("\"maxTokens\":");
    assertThat(scene.listener.reserved().get(0).amendments())
        .singleElement()
        .isInstanceOfSatisfying(
            Amendment.LoweredOutput.class, lowered -> assertThat(lowered.from()).isEqualTo(8_192));
  }

  @Test
  void anInvokeModelBodyKeepsEverythingButItsLimit() {
    with(s -> s.budget(fitting(Amount.tokens(2_000)).build()));
    String body =
        """
        {"anthropic_version":"bedrock-2023-05-31", "max_tokens" : 4096 ,
         "messages":[{"role":"user","content":"max_tokens: 4096 ä😀"}], "x":{"max_tokens":4096}}""";

    scene.client.invokeModel(
        InvokeModelRequest.builder().modelId(CLAUDE).body(SdkBytes.fromUtf8String(body)).build());

    var call = scene.listener.reserved().get(0);
    assertThat(call.estimate().totalTokens()).isBetween(1_990L, 2_000L);
    assertThat(sentBody())
        .isEqualTo(
            body.replace(
                "\"max_tokens\" : 4096", "\"max_tokens\" : " + lowered(call.amendments())));
  }

  private static long lowered(List<Amendment> amendments) {
    return ((Amendment.LoweredOutput) amendments.get(0)).to();
  }

  @Test
  void aBodyWhoseLimitIsNotKnownIsNotChanged() {
    with(s -> s.budget(fitting(Amount.tokens(2_000)).build()));

    assertThatThrownBy(
            () ->
                scene.client.invokeModel(
                    InvokeModelRequest.builder()
                        .modelId(CLAUDE)
                        .body(SdkBytes.fromUtf8String("{\"messages\":[]}"))
                        .build()))
        .isInstanceOf(BudgetExceededException.class);
  }

  @Test
  void aModelThatIsToThinkIsNotCutBelowItsThinking() {
    with(s -> s.budget(fitting(Amount.tokens(2_000)).build()));
    ConverseRequest thinking =
        Scene.converse(CLAUDE, 8_000).toBuilder()
            .additionalModelRequestFields(
                Document.mapBuilder()
                    .putDocument(
                        "thinking",
                        Document.mapBuilder()
                            .putString("type", "enabled")
                            .putNumber("budget_tokens", 4_000)
                            .build())
                    .build())
            .build();

    assertThatThrownBy(() -> scene.client.converse(thinking))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(scene.bedrock.requests()).isEmpty();
  }

  @Test
  void asynchronousCallsAndStreamsFitToo() {
    with(s -> s.budget(fitting(Amount.tokens(2_000)).build()));

    await(scene.async.converse(Scene.converse(CLAUDE, 4_096)));
    StreamCollector.Converse collector = StreamCollector.converse();
    await(scene.async.converseStream(Scene.converseStream(CLAUDE, 4_096), collector));

    assertThat(scene.listener.reserved())
        .hasSize(2)
        .allSatisfy(call -> assertThat(call.amendments()).hasSize(1));
  }

  @Test
  void anotherModelIsCalledWhenTheBudgetIsShort() {
    with(s -> s.budget(dollars("0.05").fallback(NOVA).build()));

    scene.client.converse(Scene.converse(CLAUDE, 4_096));

    var event = scene.listener.usage();
    assertThat(event.call().requestedModel()).isEqualTo(CLAUDE);
    assertThat(event.call().modelId()).isEqualTo(NOVA);
    assertThat(event.call().amendments())
        .containsExactly(new Amendment.OtherModel("dollars", CLAUDE, NOVA));
    assertThat(event.cost().atLeastUsd()).isEqualByComparingTo("0.0000054");
    assertThat(scene.bedrock.requests().get(0).modelId()).isEqualTo(NOVA);
  }

  @Test
  void theModelsOfAFallbackMayBeNames() {
    with(
        s ->
            s.modelName("cheap", NOVA)
                .modelName("good", CLAUDE)
                .budget(dollars("0.05").fallback("cheap").build()));

    scene.client.converse(Scene.converse("good", 4_096));

    assertThat(scene.bedrock.requests().get(0).modelId()).isEqualTo(NOVA);
    assertThat(scene.listener.usage().call().requestedModel()).isEqualTo("good");
  }

  @Test
  void anotherModelIsCalledAtOnceWhenAShareIsSpent() {
    with(
        s ->
            s.estimator((request, bound) -> Usage.ofTokens(10, 20))
                .budget(dollars("0.0050").fallbackAt(0.4, NOVA).build()));

    for (int i = 0; i < 3; i++) {
      scene.client.converse(Scene.converse(CLAUDE, 20));
    }

    assertThat(scene.listener.usages())
        .extracting(event -> event.call().modelId())
        .containsExactly(CLAUDE, CLAUDE, NOVA);
  }

  @Test
  void aFallbackThatDoesNotFitEitherIsDeniedForTheModelThatWasAsked() {
    with(s -> s.budget(dollars("0.0000001").fallback(NOVA).build()));

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 4_096)))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("the call was estimated at $0.2");
    assertThat(scene.listener.denials())
        .singleElement()
        .satisfies(denial -> assertThat(denial.call().modelId()).isEqualTo(CLAUDE));
  }

  @Test
  void anInvokeModelBodyGoesOnlyToAModelOfItsFamily() {
    String haiku = "anthropic.claude-3-haiku-20240307-v1:0";
    with(s -> s.budget(dollars("0.05").fallback(NOVA).build()));
    assertThatThrownBy(() -> scene.client.invokeModel(Scene.invokeClaude(4_096)))
        .isInstanceOf(BudgetExceededException.class);

    with(
        s ->
            s.budget(
                Budget.named("tokens")
                    .limit(Amount.usd("0.05"))
                    .window(Window.lifetime())
                    .fallback(haiku)
                    .unknownPrice(Budget.UnknownPrice.ALLOW)
                    .build()));
    scene.client.invokeModel(Scene.invokeClaude(4_096));

    assertThat(scene.bedrock.requests().get(0).modelId()).isEqualTo(haiku);
  }

  /** One call at a time, and the others wait. */
  private static Budget.Builder oneAtATime(Duration wait) {
    return Budget.named("one")
        .limit(Amount.tokens(100))
        .window(Window.daily(ZoneOffset.UTC))
        .waitUpTo(wait);
  }

  private void withOneAtATime(Duration wait) {
    with(
        s ->
            s.estimator((request, bound) -> Usage.ofTokens(10, 90))
                .budget(oneAtATime(wait).build()));
  }

  @Test
  void callsWaitForRoomInTheOrderTheyArrive() {
    withOneAtATime(Duration.ofSeconds(20));
    scene.bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(0).outputTokens(1));
    List<Integer> order = new ArrayList<>();
    List<CompletableFuture<ConverseResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      calls.add(
          scene
              .async
              .converse(Scene.converse(CLAUDE, 20))
              .whenComplete(
                  (answer, failure) -> {
                    synchronized (order) {
                      order.add(number);
                    }
                  }));
    }

    scene.meter.control("one").grant(extra(50));
    calls.forEach(Scene::await);

    assertThat(order).containsExactly(0, 1, 2, 3, 4);
    assertThat(scene.listener.reserved().get(0).amendments()).isEmpty();
    assertThat(scene.listener.reserved().subList(1, 5))
        .allSatisfy(
            call ->
                assertThat(call.amendments()).singleElement().isInstanceOf(Amendment.Waited.class));
    assertThat(held()).containsExactly(0L);
  }

  private static Grant extra(long tokens) {
    return new Grant("", Amount.tokens(tokens), Instant.MAX, "test");
  }

  @Test
  void aSynchronousCallWaitsOnItsThread() {
    withOneAtATime(Duration.ofSeconds(20));
    scene
        .bedrock
        .onAnyModel()
        .replies(
            Reply.text("Hi").inputTokens(0).outputTokens(0).delay(Duration.ofMillis(300)),
            Reply.text("Hi").inputTokens(0).outputTokens(0));
    CompletableFuture<ConverseResponse> first = scene.async.converse(Scene.converse(CLAUDE, 20));

    scene.client.converse(Scene.converse(CLAUDE, 20));

    assertThat(first).isDone();
    assertThat(scene.listener.reserved()).hasSize(2);
  }

  @Test
  void aCallThatWaitedInVainIsDenied() {
    withOneAtATime(Duration.ofMillis(150));
    scene.bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(10).outputTokens(80));
    scene.client.converse(Scene.converse(CLAUDE, 20));

    long start = System.nanoTime();
    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 20)))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("has 10 tokens left");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(149));
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed", "denied");
    assertThatThrownBy(() -> scene.async.converse(Scene.converse(CLAUDE, 20)).join())
        .hasCauseInstanceOf(BudgetExceededException.class);
  }

  @Test
  void aCallThatNeverFitsDoesNotWait() {
    withOneAtATime(Duration.ofMinutes(5));
    scene.meter.replaceBudgets(
        List.of(oneAtATime(Duration.ofMinutes(5)).limit(Amount.tokens(99)).build()), "smaller");

    assertThatThrownBy(() -> scene.client.converse(Scene.converse(CLAUDE, 20)))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("it never fits");
  }

  @Test
  void aNewWindowMakesRoomForThoseWhoWait() {
    with(
        s ->
            s.budget(
                Budget.named("one")
                    .limit(Amount.requests(1))
                    .window(Window.minutely())
                    .waitUpTo(Duration.ofSeconds(20))
                    .build()));
    scene.client.converse(Scene.converse(CLAUDE, 20));
    var waiting = scene.async.converse(Scene.converse(CLAUDE, 20));
    assertThat(scene.bedrock.requests()).hasSize(1);

    scene.time.advance(Duration.ofMinutes(1));
    await(waiting);

    assertThat(scene.listener.reserved().get(1).startedAt()).isEqualTo("2026-11-23T21:01:00Z");
  }

  @Test
  void whoCancelsLeavesTheLineAndTheNextOneGoes() {
    withOneAtATime(Duration.ofSeconds(20));
    scene.bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(10).outputTokens(80));
    scene.client.converse(Scene.converse(CLAUDE, 20));
    var leaver = scene.async.converse(Scene.converse(CLAUDE, 20));
    var next = scene.async.converse(Scene.converse(CLAUDE, 20));

    leaver.cancel(true);
    scene.meter.control("one").grant(extra(90));
    await(next);

    assertThat(scene.listener.sequence())
        .containsExactlyInAnyOrder(
            "reserved", "usage:Completed", "changed:Granted", "reserved", "usage:Completed");
    assertThat(held()).containsExactly(0L);
  }

  @Test
  void anInterruptedCallStopsWaiting() throws Exception {
    withOneAtATime(Duration.ofMinutes(5));
    scene.bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(10).outputTokens(80));
    scene.client.converse(Scene.converse(CLAUDE, 20));
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                scene.client.converse(Scene.converse(CLAUDE, 20));
              } catch (Throwable expected) {
                thrown.complete(expected);
              }
            });

    caller.start();
    while (caller.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    caller.interrupt();

    assertThat(await(thrown)).hasMessageContaining("interrupted while the call waited");
    caller.join();
  }
}
