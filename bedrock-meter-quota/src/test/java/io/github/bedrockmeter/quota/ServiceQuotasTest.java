// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import static io.github.bedrockmeter.quota.Calls.CLAUDE;
import static io.github.bedrockmeter.quota.Calls.NOVA;
import static io.github.bedrockmeter.quota.Calls.call;
import static io.github.bedrockmeter.quota.Calls.converse;
import static io.github.bedrockmeter.quota.Calls.denied;
import static io.github.bedrockmeter.quota.Calls.ended;
import static io.github.bedrockmeter.quota.Calls.granted;
import static io.github.bedrockmeter.quota.Calls.isGranted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelAliases;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ServiceQuotasTest {
  private final ManualTime time = new ManualTime();

  /** A quota of 1,000 tokens a minute, 200 of them at once: 800 flow in a minute. */
  private ServiceQuotas.Builder thousandTokens(String model) {
    return builder().model(model, ModelQuota.tokensPerMinute(1_000));
  }

  private ServiceQuotas.Builder builder() {
    return ServiceQuotas.builder().time(time, time, Runnable::run);
  }

  private static CompletableFuture<BudgetDecision> ask(ServiceQuotas quotas, long tokens) {
    return quotas.reserveAsync(converse(NOVA, tokens, 0)).toCompletableFuture();
  }

  // What a call takes

  @Test
  void callTakesInputAndMaxTokensAtItsStart() {
    ServiceQuotas quotas = thousandTokens(NOVA).build();

    granted(quotas.reserve(converse(NOVA, 50, 100)));

    assertThat(denied(quotas.reserve(converse(NOVA, 51, 0))).available())
        .isEqualTo(Amount.tokens(50));
  }

  @Test
  void anEstimatorNarrowsTheInputButNotMaxTokens() {
    ServiceQuotas quotas = thousandTokens(NOVA).build();

    granted(
        quotas.reserve(
            call(
                "Converse",
                NOVA,
                "us-east-1",
                PriceKey.STANDARD,
                Usage.ofTokens(90, 100),
                Usage.ofTokens(30, 10))));

    assertThat(denied(quotas.reserve(converse(NOVA, 200, 0))).available())
        .isEqualTo(Amount.tokens(70));
  }

  @Test
  void whatWasNotUsedIsGivenBack() {
    ServiceQuotas quotas = thousandTokens(NOVA).build();

    ended(granted(quotas.reserve(converse(NOVA, 50, 150))), 40, 10);

    assertThat(denied(quotas.reserve(converse(NOVA, 151, 0))).available())
        .isEqualTo(Amount.tokens(150));
  }

  @Test
  void cacheReadsAreFreeAndCacheWritesAreNot() {
    ServiceQuotas quotas = thousandTokens(NOVA).build();
    Usage usage =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 10)
            .count(Meter.OUTPUT, 20)
            .count(Meter.CACHE_READ, 100_000)
            .count(Meter.CACHE_WRITE_5M, 3)
            .count(Meter.CACHE_WRITE_1H, 4)
            .build();

    granted(quotas.reserve(converse(NOVA, 100, 100))).commit(usage, Cost.NOTHING);

    assertThat(denied(quotas.reserve(converse(NOVA, 200, 0))).available())
        .isEqualTo(Amount.tokens(200 - 37));
  }

  @Test
  void outputTakesItsBurndownRateAndTheDebtIsRefilled() {
    ServiceQuotas quotas = thousandTokens(CLAUDE).build();

    ended(granted(quotas.reserve(converse(CLAUDE, 50, 100))), 50, 100); // 50 + 5 x 100 of 200

    Denied denied = denied(quotas.reserve(converse(CLAUDE, 10, 0)));
    assertThat(denied.available()).isEqualTo(Amount.tokens(0));
    // 350 of debt and 10 more, at 800 a minute
    assertThat(denied.retryAfter()).isCloseTo(Duration.ofSeconds(27), Duration.ofMillis(1));
    time.advance(Duration.ofMillis(26_990));
    denied(quotas.reserve(converse(CLAUDE, 10, 0)));
    time.advance(Duration.ofMillis(20));
    granted(quotas.reserve(converse(CLAUDE, 10, 0)));
  }

  @Test
  void failedCallGivesEverythingBack() {
    ServiceQuotas quotas =
        builder().model(NOVA, ModelQuota.tokensPerMinute(1_000).withRequestsPerMinute(10)).build();

    for (int i = 0; i < 100; i++) {
      granted(quotas.reserve(converse(NOVA, 100, 100))).release();
    }
  }

  @Test
  void madeUpModelIdsLeaveNothingBehind() {
    ServiceQuotas quotas = thousandTokens("amazon.nova-*").build();
    Reservation open = granted(quotas.reserve(converse(NOVA, 100, 0)));

    for (int i = 0; i < 20_000; i++) {
      granted(quotas.reserve(converse("amazon.nova-made-up-" + i, 100, 0))).release();
    }

    assertThat(quotas.lanes()).isLessThanOrEqualTo(2_000);
    // What a call in flight has taken is not forgotten with them.
    assertThat(denied(quotas.reserve(converse(NOVA, 101, 0))).available())
        .isEqualTo(Amount.tokens(100));
    open.release();
    granted(quotas.reserve(converse(NOVA, 200, 0)));
  }

  @Test
  void modelsThatCountNoTokensTakeOnlyRequests() {
    String canvas = "amazon.nova-canvas-v1:0";
    ServiceQuotas quotas =
        builder()
            .model(canvas, ModelQuota.tokensPerMinute(1_000).withRequestsPerMinute(10))
            .build();
    Usage image =
        Usage.builder(Source.ESTIMATED).count(Meter.outputImages("1024", "standard"), 1).build();

    granted(quotas.reserve(call("InvokeModel", canvas, PriceKey.STANDARD, image)));
    granted(quotas.reserve(call("StartAsyncInvoke", canvas, PriceKey.STANDARD, image)));

    Denied denied = denied(quotas.reserve(call("InvokeModel", canvas, PriceKey.STANDARD, image)));
    assertThat(denied.budget()).isEqualTo("requests-per-minute");
    assertThat(denied.requested()).isEqualTo(Amount.requests(1));
  }

  @Test
  void aCallTakesOfAllItsQuotasOrOfNone() {
    ServiceQuotas quotas =
        builder()
            .model(
                NOVA,
                ModelQuota.tokensPerMinute(1_000).withTokensPerDay(300).withRequestsPerMinute(100))
            .build();

    assertThat(denied(quotas.reserve(converse(NOVA, 160, 0))).budget()).isEqualTo("tokens-per-day");
    granted(quotas.reserve(converse(NOVA, 150, 0)));

    assertThat(denied(quotas.reserve(converse(NOVA, 60, 0))).available())
        .isEqualTo(Amount.tokens(0));
    time.advance(Duration.ofDays(1));
    granted(quotas.reserve(converse(NOVA, 150, 0)));
  }

  // Whose quota it is

  @Test
  void profilesModelsAndRegionsHaveQuotasOfTheirOwn() {
    ServiceQuotas quotas = thousandTokens("*").build();
    Usage all = Usage.ofTokens(200, 0);

    for (String region : List.of("us-east-1", "us-west-2")) {
      for (String model : List.of(NOVA, "us." + NOVA, "global." + NOVA, CLAUDE)) {
        granted(quotas.reserve(call("Converse", model, region, PriceKey.STANDARD, all, all)));
        denied(quotas.reserve(call("Converse", model, region, PriceKey.STANDARD, all, all)));
      }
    }
  }

  @Test
  void arnsAndAliasesTakeFromTheQuotaOfTheirModel() {
    String profile = "us.anthropic.claude-sonnet-4-6";
    String arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/" + profile;
    String application =
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl";
    ServiceQuotas quotas = thousandTokens(profile).alias(application, profile).build();

    granted(quotas.reserve(converse(arn, 100, 0)));
    granted(quotas.reserve(converse(application, 50, 0)));

    assertThat(denied(quotas.reserve(converse(profile, 51, 0))).available())
        .isEqualTo(Amount.tokens(50));
  }

  @Test
  void aliasesOfTheMeterTakeFromTheQuotaOfTheirModel() {
    String profile =
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl";
    ModelAliases aliases = ModelAliases.none().with("support", profile).with(profile, NOVA);
    ServiceQuotas quotas = thousandTokens(NOVA).aliases(aliases).build();

    granted(quotas.reserve(converse("support", 100, 0)));
    granted(quotas.reserve(converse(profile, 50, 0)));

    assertThat(denied(quotas.reserve(converse(NOVA, 51, 0))).available())
        .isEqualTo(Amount.tokens(50));
  }

  @Test
  void theLongestPatternWins() {
    ServiceQuotas quotas =
        thousandTokens("amazon.*")
            .model("amazon.nova-*", ModelQuota.tokensPerMinute(500))
            .model(NOVA, ModelQuota.tokensPerMinute(250))
            .build();

    assertThat(List.of("amazon.titan-x", "amazon.nova-pro-v1:0", NOVA))
        .extracting(model -> denied(quotas.reserve(converse(model, 201, 0))).available())
        .containsExactly(Amount.tokens(200), Amount.tokens(100), Amount.tokens(50));
  }

  @Test
  void whatHasOtherLimitsPasses() {
    ServiceQuotas quotas = thousandTokens("*").build();
    Usage much = Usage.ofTokens(1_000_000, 0);
    String provisioned = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl";

    granted(quotas.reserve(call("ApplyGuardrail", "my-guardrail", PriceKey.STANDARD, much)));
    granted(quotas.reserve(call("Converse", NOVA, "reserved", much)));
    granted(quotas.reserve(call("Converse", provisioned, PriceKey.STANDARD, much)));
    granted(thousandTokens(CLAUDE).build().reserve(converse(NOVA, 1_000_000, 0)));
    denied(quotas.reserve(call("Converse", NOVA, "flex", much)));
  }

  @Test
  void shareIsThePartOfThisJvm() {
    ServiceQuotas quotas = thousandTokens(NOVA).share(1, 3).build();

    assertThat(denied(quotas.reserve(converse(NOVA, 334, 0))).reason())
        .startsWith("the quota here is 333 tokens a minute, 66 tokens at once;");
  }

  // Denials

  @Test
  void denialNamesQuotaRequestedAvailableAndWhen() {
    ServiceQuotas quotas = thousandTokens(NOVA).build();
    granted(quotas.reserve(converse(NOVA, 150, 0)));

    assertThat(denied(quotas.reserve(converse(NOVA, 90, 0))).message())
        .isEqualTo(
            "AWS quota: quota 'tokens-per-minute' (model=amazon.nova-lite-v1:0,region=us-east-1) has 50"
                + " tokens left; the call was estimated at 90 tokens; the quota here is 1,000"
                + " tokens a minute, 200 tokens at once; it did not wait; retry in 4s");
  }

  @Test
  void callLargerThanTheQuotaIsDeniedAtOnceHoweverLongItMayWait() {
    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofHours(1)).build();

    Denied denied = denied(ask(quotas, 1_001));

    assertThat(denied.retryAfter()).isNull();
    assertThat(denied.reason()).endsWith("no wait makes room for it; lower its maxTokens");
  }

  @Test
  void callLargerThanTheCapacityGoesOnlyIfItMayWait() {
    ServiceQuotas impatient = thousandTokens(NOVA).waitUpTo(Duration.ofSeconds(29)).build();
    assertThat(denied(ask(impatient, 600)).reason())
        .endsWith(
            "it would have to wait 30s; lower its maxTokens, or raise waitUpTo or the headroom");

    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofSeconds(40)).build();
    CompletableFuture<BudgetDecision> large = ask(quotas, 600);
    time.advance(Duration.ofMillis(29_990)); // 400 at 800 a minute
    assertThat(large).isNotDone();
    time.advance(Duration.ofMillis(20));
    assertThat(isGranted(large)).isTrue();
  }

  // Waiting

  @Test
  void callWaitsUntilThereIsRoom() {
    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofSeconds(20)).build();
    granted(ask(quotas, 200));

    CompletableFuture<BudgetDecision> waiting = ask(quotas, 100);

    time.advance(Duration.ofMillis(7_490));
    assertThat(waiting).isNotDone();
    time.advance(Duration.ofMillis(20));
    assertThat(isGranted(waiting)).isTrue();
  }

  @Test
  void whatIsGivenBackLetsTheNextOneGoAtOnce() {
    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofSeconds(20)).build();
    Reservation first = granted(ask(quotas, 200));
    CompletableFuture<BudgetDecision> waiting = ask(quotas, 100);

    ended(first, 100, 0);

    assertThat(isGranted(waiting)).isTrue();
  }

  @Test
  void callsGoInTheOrderInWhichTheyCameSoALargeOneIsNotStarved() {
    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofMinutes(5)).build();
    granted(ask(quotas, 200));
    List<String> order = new ArrayList<>();

    ask(quotas, 200).thenAccept(large -> order.add("large"));
    for (int i = 0; i < 5; i++) {
      String name = "small " + i;
      ask(quotas, 10).thenAccept(small -> order.add(name));
    }
    time.advance(Duration.ofMinutes(2));

    assertThat(order)
        .containsExactly("large", "small 0", "small 1", "small 2", "small 3", "small 4");
  }

  @Test
  void callThatWaitedWithoutFindingRoomIsDenied() {
    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofSeconds(10)).build();
    granted(ask(quotas, 200));
    CompletableFuture<BudgetDecision> first = ask(quotas, 200);
    time.advance(Duration.ofSeconds(4));
    CompletableFuture<BudgetDecision> second = ask(quotas, 100);

    time.advance(Duration.ofMillis(5_999));
    assertThat(first).isNotDone();
    time.advance(Duration.ofMillis(1));

    assertThat(denied(first).message()).contains("it waited 10s").endsWith("retry in 6s");
    assertThat(isGranted(second)).as("there was room for the one behind").isTrue();
  }

  @Test
  void cancelledCallLeavesTheQueueAndTakesNothing() {
    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofMinutes(1)).build();
    granted(ask(quotas, 100));
    CompletableFuture<BudgetDecision> head = ask(quotas, 700); // has the other 100 set aside
    CompletableFuture<BudgetDecision> next = ask(quotas, 100);
    assertThat(next).isNotDone();

    head.cancel(false);

    assertThat(isGranted(next)).isTrue();
    assertThat(denied(quotas.reserve(converse(NOVA, 1_001, 0))).available())
        .isEqualTo(Amount.tokens(0));
  }

  @Test
  void callCancelledWhileItIsAnsweredTakesNothing() {
    List<Runnable> answers = new ArrayList<>();
    ServiceQuotas quotas =
        ServiceQuotas.builder()
            .model(NOVA, ModelQuota.tokensPerMinute(1_000))
            .waitUpTo(Duration.ofMinutes(1))
            .time(time, time, answers::add)
            .build();
    Reservation first = granted(ask(quotas, 200));
    CompletableFuture<BudgetDecision> waiting = ask(quotas, 200);
    first.release();

    waiting.cancel(false);
    answers.forEach(Runnable::run);

    assertThat(isGranted(ask(quotas, 200))).isTrue();
  }

  @Test
  void synchronousCallWaitsOnItsThread() throws Exception {
    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofSeconds(20)).build();
    Reservation first = granted(quotas.reserve(converse(NOVA, 200, 0)));
    CompletableFuture<BudgetDecision> answer = new CompletableFuture<>();
    Thread caller =
        new Thread(() -> answer.complete(quotas.reserve(converse(NOVA, 100, 0))), "caller");
    caller.start();
    awaitWaiting(caller);

    first.release();

    granted(answer.get());
    caller.join();
  }

  @Test
  void interruptedThreadIsDeniedAndLeavesTheQueue() throws Exception {
    ServiceQuotas quotas = thousandTokens(NOVA).waitUpTo(Duration.ofSeconds(20)).build();
    Reservation first = granted(quotas.reserve(converse(NOVA, 200, 0)));
    CompletableFuture<BudgetDecision> answer = new CompletableFuture<>();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              answer.complete(quotas.reserve(converse(NOVA, 200, 0)));
              interrupted.complete(Thread.currentThread().isInterrupted());
            },
            "caller");
    caller.start();
    awaitWaiting(caller);

    caller.interrupt();

    assertThat(denied(answer.get()).reason())
        .isEqualTo("the thread was interrupted while the call waited for a quota");
    assertThat(interrupted.get()).isTrue();
    caller.join();
    first.release();
    assertThat(isGranted(ask(quotas, 200))).isTrue();
  }

  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void withRealTimeACallThatWaitedGoesOn() {
    ServiceQuotas quotas =
        ServiceQuotas.builder()
            .model(NOVA, ModelQuota.tokensPerMinute(1_000_000))
            .waitUpTo(Duration.ofSeconds(20))
            .build();
    granted(quotas.reserve(converse(NOVA, 200_000, 0)));

    // 1,000 at 800,000 a minute: after some 75 ms
    granted(quotas.reserve(converse(NOVA, 500, 0)));
    granted(quotas.reserveAsync(converse(NOVA, 500, 0)).toCompletableFuture().join());
  }

  // Settings

  @Test
  void settingsThatCannotWorkAreRefusedWhereTheyAreMade() {
    assertThatThrownBy(() -> ServiceQuotas.builder().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("no model has a quota; give one, as .model(");
    assertThatThrownBy(() -> thousandTokens(NOVA).model(NOVA, ModelQuota.requestsPerMinute(5)))
        .hasMessage("'amazon.nova-lite-v1:0' has a quota already");
    assertThatThrownBy(() -> thousandTokens("ama*nova")).hasMessageEndingWith(": 'ama*nova'");
    assertThatThrownBy(() -> ModelQuota.tokensPerMinute(0))
        .hasMessage("tokensPerMinute must be positive: 0");
    assertThatThrownBy(() -> new ModelQuota(null, null, null))
        .hasMessageContaining("must limit tokens or requests");
    assertThatThrownBy(() -> builder().share(5, 4)).hasMessageEndingWith(": 5 of 4");
    assertThatThrownBy(() -> builder().headroomPercent(0))
        .hasMessageEndingWith("must be from 1 to 90: 0");
    assertThatThrownBy(() -> builder().headroomPercent(91))
        .hasMessageEndingWith("must be from 1 to 90: 91");
    assertThatThrownBy(() -> builder().waitUpTo(Duration.ofMillis(-1)))
        .hasMessageEndingWith(": PT-0.001S");
    assertThatThrownBy(
            () -> builder().model(NOVA, ModelQuota.requestsPerMinute(5)).share(1, 4).build())
        .hasMessage(
            "the share of 'amazon.nova-lite-v1:0' in its requests-per-minute is 1 of 5, too little"
                + " for a capacity and a refill");
  }

  @Test
  void builderTakesBurndownRates() {
    ServiceQuotas quotas =
        thousandTokens("*").burndown(BurndownRates.bundled().with(NOVA, 3)).build();

    ended(granted(quotas.reserve(converse(NOVA, 0, 100))), 0, 50);

    assertThat(denied(quotas.reserve(converse(NOVA, 200, 0))).available())
        .isEqualTo(Amount.tokens(50));
  }
}
