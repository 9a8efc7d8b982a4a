// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.messages.KeptLines.Line;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.quota.ModelQuota;
import io.github.bedrockmeter.quota.ServiceQuotas;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/**
 * Every line about a call names the call, and no text from outside stands in a line as it came:
 * with hostile names everywhere, whatever fails.
 */
class LinesAboutCallsTest {
  private static final String EVIL =
      "x\nConverse m Completed: 1 in\r\u001b[2J\u0085\u2028\u2029\u202e\u0000" + "y".repeat(9_000);
  private static final String MODEL = "zz\n\u001b.anthropic.claude-opus-9:0";

  /** Lines that are about a ledger or a setting, and no one call. */
  private static final List<String> ABOUT_NO_CALL =
      List.of(
          "The ledger failed",
          "The ledger answers",
          ": over after",
          "Budget '",
          "Profile prefix",
          "No burndown rate is known");

  /** Some failures are logged once a half minute, so not by each test. */
  private static final Set<String> LOGGERS = ConcurrentHashMap.newKeySet();

  private final FakeBedrock bedrock = FakeBedrock.start();
  private final Set<String> ids = ConcurrentHashMap.newKeySet();

  /** Knows the id of every call, and fails whenever it is notified. */
  private final class Failing implements MeterListener {
    @Override
    public void onReserved(MeteredCall call) {
      failed(call);
    }

    @Override
    public void onUsage(UsageEvent event) {
      failed(event.call());
    }

    @Override
    public void onDenied(DenialEvent event) {
      failed(event.call());
    }

    @Override
    public void onSettlementFailed(SettlementFailedEvent event) {
      failed(event.call());
    }

    private void failed(MeteredCall call) {
      ids.add(call.id());
      throw hostile();
    }
  }

  private static IllegalStateException hostile() {
    IllegalStateException failure =
        new IllegalStateException(EVIL, new IllegalArgumentException("cause " + EVIL));
    failure.addSuppressed(new IllegalStateException("suppressed " + EVIL));
    return failure;
  }

  @BeforeEach
  void begin() {
    KeptLines.taken();
    bedrock.onAnyModel().reply(Reply.text("ok").inputTokens(10).outputTokens(20));
  }

  @AfterEach
  void close() {
    bedrock.close();
  }

  @AfterAll
  static void manyKindsOfLinesWereLookedAt() {
    System.out.println("lines of " + LOGGERS);
    assertThat(LOGGERS)
        .contains(
            "bedrock-meter",
            "budget.BudgetPolicy",
            "internal.budgets.ObservedFailures",
            "internal.call.Accounting",
            "internal.call.Undecided",
            "internal.client.AsyncCalls",
            "internal.estimate.EstimatedCosts",
            "internal.estimate.Estimates",
            "internal.request.RequestStamp",
            "internal.support.Listeners");
  }

  private static Budget.Builder budget() {
    return Budget.named("b\u001b" + EVIL)
        .limit(Amount.tokens(1_000_000))
        .window(Window.lifetime())
        .warnAt(0.00001)
        .per("tenant");
  }

  private static ConverseRequest request() {
    return ConverseRequest.builder()
        .modelId(MODEL)
        .messages(
            Message.builder()
                .role(ConversationRole.USER)
                .content(ContentBlock.fromText("SECRET PROMPT"))
                .build())
        .overrideConfiguration(BedrockMeter.tags("tenant", EVIL))
        .build();
  }

  /** Makes a call of each kind; returns what was logged, and what its exceptions say. */
  private List<Line> lines(UnaryOperator<BedrockMeter.Builder> settings) {
    BedrockMeter meter =
        settings
            .apply(
                BedrockMeter.builder()
                    .listener(new Failing())
                    .listener(MeterListener.logging())
                    .settlementTime(Duration.ofMillis(50))
                    .tags(Tags.of("na\nme", EVIL)))
            .build();
    List<String> messages = new ArrayList<>();
    try {
      meter.wrap(bedrock.client()).converse(request());
    } catch (BudgetExceededException denied) {
      messages.add(denied.getMessage());
    }
    call(messages, meter.wrap(bedrock.asyncClient()).converse(request()));
    call(messages, stream(meter));
    meter.close();
    messages.forEach(LinesAboutCallsTest::assertOneShortLine);
    List<Line> lines = KeptLines.taken();
    lines.forEach(line -> LOGGERS.add(line.logger().replace("io.github.bedrockmeter.", "")));
    lines.forEach(this::assertNamesItsCall);
    lines.forEach(line -> assertOneShortLine(line.text()));
    lines.forEach(line -> line.below().forEach(LinesAboutCallsTest::assertOneShortLine));
    assertThat(lines).noneMatch(line -> line.all().contains("SECRET PROMPT"));
    return lines;
  }

  private CompletableFuture<Void> stream(BedrockMeter meter) {
    ConverseRequest request = request();
    return meter
        .wrap(bedrock.asyncClient())
        .converseStream(
            ConverseStreamRequest.builder()
                .modelId(MODEL)
                .messages(request.messages())
                .overrideConfiguration(request.overrideConfiguration().orElseThrow())
                .build(),
            ConverseStreamResponseHandler.builder()
                .onError(
                    denied -> {
                      throw hostile();
                    })
                .subscriber(event -> {})
                .build());
  }

  private static void call(List<String> messages, CompletableFuture<?> answer) {
    await().until(answer::isDone);
    answer
        .handle(
            (done, failure) ->
                failure instanceof BudgetExceededException
                    ? messages.add(failure.getMessage())
                    : "")
        .join();
  }

  private void assertNamesItsCall(Line line) {
    if (ABOUT_NO_CALL.stream().noneMatch(line.text()::contains)) {
      assertThat(ids).as(line.toString()).anyMatch(line.text()::contains);
    }
  }

  private static void assertOneShortLine(String text) {
    assertThat(text.codePoints())
        .as(text)
        .noneMatch(
            c ->
                Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || Character.getType(c) == Character.LINE_SEPARATOR
                    || Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
    assertThat(text).hasSizeLessThan(12_000);
  }

  private static void assertLogged(List<Line> lines, String logger, String text) {
    assertThat(lines)
        .anyMatch(line -> line.logger().endsWith(logger) && line.text().contains(text));
  }

  @Test
  void whenAListenerFails() {
    List<Line> lines = lines(s -> s.budget(budget().build()));

    assertLogged(lines, "support.Listeners", "failed and was skipped: call ");
    assertLogged(lines, "bedrock-meter", "Completed");
    assertLogged(lines, "bedrock-meter", "has reached");
  }

  @Test
  void whenTheLedgerFails() {
    List<Line> lines =
        lines(
            s ->
                s.budget(budget().build())
                    .ledger(
                        new ForwardingLedger(Ledger.inMemory()) {
                          @Override
                          public CompletionStage<HoldResult> hold(List<Hold> holds) {
                            return CompletableFuture.failedFuture(hostile());
                          }
                        }));

    assertLogged(
        lines, "call.Undecided", "Calls are denied, since the ledger cannot decide: call ");
    assertThat(lines.stream().filter(line -> line.logger().endsWith("Undecided")))
        .as("one stack trace an outage")
        .hasSize(1)
        .allMatch(line -> line.below().size() >= 3);
  }

  @Test
  void whenTheLedgerFailsAndCallsPass() {
    List<Line> lines =
        lines(
            s ->
                s.budget(budget().build())
                    .failOpen(true)
                    .ledger(
                        new ForwardingLedger(Ledger.inMemory()) {
                          @Override
                          public CompletionStage<HoldResult> hold(List<Hold> holds) {
                            return CompletableFuture.failedFuture(hostile());
                          }
                        }));

    assertLogged(lines, "budget.BudgetPolicy", "Calls pass unreserved");
  }

  @Test
  void whenSettlementsFail() {
    List<Line> lines =
        lines(
            s ->
                s.budget(budget().build())
                    .ledger(
                        new ForwardingLedger(Ledger.inMemory()) {
                          @Override
                          public CompletionStage<List<Settled>> settle(
                              List<Hold> holds, long[] actuals) {
                            return CompletableFuture.failedFuture(hostile());
                          }
                        }));

    assertLogged(lines, "call.Accounting", "A call could not be settled: call ");
    assertLogged(lines, "bedrock-meter", "its estimate stays held");
  }

  @Test
  void whenAPolicyDeniesOrFails() {
    lines(s -> s.policy(call -> BudgetDecision.denied("own\n\u001b" + EVIL, EVIL)));
    List<Line> lines =
        lines(
            s ->
                s.policy(
                    call -> {
                      throw hostile();
                    }));

    assertLogged(lines, "call.Undecided", "since their policy cannot decide: call ");
  }

  @Test
  void whenTheEstimatorAndThePriceBookFail() {
    PriceBook broken =
        new PriceBook() {
          @Override
          public Cost costOf(PriceKey key, Usage usage) {
            throw hostile();
          }
        };
    List<Line> lines =
        lines(
            s ->
                s.prices(broken)
                    .estimator(
                        (request, bound) -> {
                          throw hostile();
                        }));

    assertLogged(lines, "estimate.Estimates", "The estimator fails");
    assertLogged(
        lines, "estimate.EstimatedCosts", "The price book fails, and costs are unknown: call ");
  }

  @Test
  void whenABudgetThatOnlyObservesFails() {
    List<Line> lines =
        lines(
            s ->
                s.budget(
                    budget()
                        .mode(Budget.Mode.SHADOW)
                        .limitFor(
                            scope -> {
                              throw hostile();
                            })
                        .build()));

    assertLogged(lines, "budgets.ObservedFailures", "stops no call now");
  }

  @Test
  void whenABudgetIsShortFrozenOrChanged() {
    lines(s -> s.budget(budget().limit(Amount.tokens(40_000)).build()));
    lines(s -> s.budget(budget().limit(Amount.tokens(1)).build()));
    lines(s -> s.budget(budget().freeze("", EVIL).build()));
    lines(s -> s.budget(budget().limit(Amount.usd("1")).build()));
    lines(s -> s.requireTag("tenant", "a", EVIL + "z"));
    lines(s -> s.requireTag("other\n" + EVIL));
    BedrockMeter meter =
        BedrockMeter.builder().listener(MeterListener.logging()).budget(budget().build()).build();
    meter.control(budget().build().name()).freeze("", EVIL);
    meter.replaceBudgets(List.of(), EVIL);
    List<Line> lines = KeptLines.taken();

    assertThat(lines).hasSize(2);
    lines.forEach(line -> assertOneShortLine(line.text()));
  }

  @Test
  void whenAModelHasNoBurndownRate() {
    lines(
        s ->
            s.policy(
                ServiceQuotas.builder().model(MODEL, ModelQuota.tokensPerMinute(100)).build()));
  }
}
