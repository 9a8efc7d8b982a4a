// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.NOVA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What budgets do to calls, through a wrapped client. Each call costs 10 + 20 tokens, $0.0011. */
class BudgetsTest {
  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene = new Scene(s -> settings.apply(s.estimator((request, bound) -> Usage.ofTokens(10, 20))));
    scene.bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(10).outputTokens(20));
  }

  private void call() {
    scene.client.converse(Scene.converse(CLAUDE, 20));
  }

  private void callAs(String... tags) {
    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder()
            .overrideConfiguration(BedrockMeter.tags(tags))
            .build());
  }

  private static Budget.Builder calls(String name, long limit) {
    return Budget.named(name).limit(Amount.requests(limit)).window(Window.daily(ZoneOffset.UTC));
  }

  private List<BudgetStatus> status() {
    return Scene.await(scene.meter.status());
  }

  private void assertDenied(Runnable call, String budget) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            BudgetExceededException.class, e -> assertThat(e.denial().budget()).isEqualTo(budget));
  }

  @Test
  void aLimitInRequestsCountsCalls() {
    with(s -> s.budget(calls("two-a-day", 2).build()));

    call();
    call();

    assertThatThrownBy(this::call)
        .hasMessage(
            "Over limit: budget 'two-a-day' has 0 requests left; the call was estimated at 1 request; resets"
                + " in 3h");
    assertThat(scene.bedrock.requests()).hasSize(2);
  }

  @Test
  void aLimitInTokensCountsAllTokens() {
    with(
        s ->
            s.budget(
                Budget.named("tokens").limit(Amount.tokens(65)).window(Window.lifetime()).build()));

    call();
    call();

    assertThatThrownBy(this::call)
        .hasMessage(
            "Over limit: budget 'tokens' has 5 tokens left; the call was estimated at 30 tokens; the limit is"
                + " for all time; raise it to go on");
  }

  @Test
  void aNewWindowBeginsAtZero() {
    with(s -> s.budget(calls("one-a-day", 1).build()));
    call();
    assertDenied(this::call, "one-a-day");

    scene.time.advance(Duration.ofHours(3));

    call();
    assertDenied(this::call, "one-a-day");
  }

  @Test
  void eachTagValueHasABalanceOfItsOwn() {
    with(s -> s.budget(calls("per-team", 1).per("team").build()));

    callAs("team", "search");
    callAs("team", "ads");

    assertThatThrownBy(() -> callAs("team", "search"))
        .hasMessage(
            "Over limit: budget 'per-team' (team=search) has 0 requests left; the call was estimated at 1"
                + " request; resets in 3h");
    assertThat(status()).extracting(BudgetStatus::scope).contains("team=search", "team=ads");
  }

  @Test
  void callsWithoutTheTagShareOneBalance() {
    with(s -> s.budget(calls("per-team", 1).per("team").build()));

    call();

    assertDenied(this::call, "per-team");
  }

  @Test
  void severalTagsAreABalanceForEachCombination() {
    with(s -> s.budget(calls("both", 1).per("team", "env").build()));

    callAs("team", "search", "env", "prod");
    callAs("team", "search", "env", "dev");

    assertDenied(() -> callAs("env", "prod", "team", "search"), "both");
  }

  @Test
  void tagValuesThatLookLikeOtherScopesStayApart() {
    with(s -> s.budget(calls("both", 1).per("team", "env").build()));

    callAs("team", "a,env=b", "env", "");
    callAs("team", "a", "env", "b,env=");

    assertThat(scene.bedrock.requests()).hasSize(2);
  }

  @Test
  void perModelIsABalanceForEachModel() {
    with(s -> s.budget(calls("per-model", 1).perModel().build()));

    call();
    scene.client.converse(Scene.converse(NOVA, 20));

    assertDenied(this::call, "per-model");
  }

  @Test
  void aFilterLeavesOtherCallsAlone() {
    with(s -> s.budget(calls("claude", 1).when(c -> c.modelId().contains("claude")).build()));

    call();
    scene.client.converse(Scene.converse(NOVA, 20));
    scene.client.converse(Scene.converse(NOVA, 20));

    assertDenied(this::call, "claude");
  }

  @Test
  void aFilterThatThrowsDenies() {
    with(
        s ->
            s.budget(
                calls("odd", 1)
                    .when(
                        c -> {
                          throw new IllegalStateException("broken filter");
                        })
                    .build()));

    assertThatThrownBy(this::call)
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("broken filter");
    assertThat(scene.bedrock.requests()).isEmpty();
  }

  @Test
  void severalBudgetsAreHeldAllOrNone() {
    with(s -> s.budget(calls("wide", 10).build()).budget(calls("narrow", 1).build()));
    call();

    assertDenied(this::call, "narrow");

    assertThat(status())
        .allSatisfy(
            each -> {
              assertThat(each.settled()).isEqualTo(Amount.requests(1));
              assertThat(each.held()).isEqualTo(Amount.requests(0));
            });
  }

  @Test
  void aWarningIsGivenOnceForEachShareBalanceAndWindow() {
    with(s -> s.budget(calls("warned", 4).warnAt(0.5, 0.75, 1.0).build()));

    call();
    assertThat(scene.listener.thresholds()).isEmpty();
    call();
    call();
    call();
    scene.time.advance(Duration.ofHours(3));
    call();
    call();

    assertThat(scene.listener.thresholds())
        .extracting(e -> e.share().toPlainString() + " " + e.settled() + " of " + e.limit())
        .containsExactly(
            "0.5 2 requests of 4 requests",
            "0.75 3 requests of 4 requests",
            "1 4 requests of 4 requests",
            "0.5 2 requests of 4 requests");
  }

  @Test
  void oneCallCanPassSeveralShares() {
    with(
        s ->
            s.budget(
                Budget.named("dear")
                    .limit(Amount.usd("0.0011"))
                    .window(Window.lifetime())
                    .warnAt(0.8, 0.5)
                    .build()));

    call();

    assertThat(scene.listener.sequence())
        .containsExactly("reserved", "threshold:0.5", "threshold:0.8", "usage:Completed");
  }

  @Test
  void anObservingBudgetCountsBeyondItsLimit() {
    with(s -> s.budget(calls("watched", 1).warnAt(1).mode(Budget.Mode.OBSERVE).build()));

    call();
    call();

    assertThat(scene.listener.sequence())
        .containsExactly(
            "reserved", "threshold:1", "usage:Completed", "reserved", "usage:Completed");
    assertThat(status())
        .singleElement()
        .extracting(BudgetStatus::settled)
        .isEqualTo(Amount.requests(2));
  }

  @Test
  void aShadowBudgetTellsWhatItWouldDenyAndDoesNotCountIt() {
    with(s -> s.budget(calls("shadow", 1).mode(Budget.Mode.SHADOW).build()));

    call();
    call();

    assertThat(scene.listener.sequence())
        .containsExactly(
            "reserved", "usage:Completed", "would deny", "reserved", "usage:Completed");
    assertThat(scene.listener.denials().get(0).denial().message())
        .isEqualTo(
            "Over limit: budget 'shadow' has 0 requests left; the call was estimated at 1 request; resets in"
                + " 3h");
    assertThat(status())
        .singleElement()
        .satisfies(
            status -> {
              assertThat(status.settled()).isEqualTo(Amount.requests(1));
              assertThat(status.held()).isEqualTo(Amount.requests(0));
            });
  }

  @Test
  void anObservingBudgetDoesNotWeakenAnEnforcingOne() {
    with(
        s ->
            s.budget(calls("watched", 1).mode(Budget.Mode.OBSERVE).build())
                .budget(calls("hard", 2).build()));
    call();
    call();

    assertDenied(this::call, "hard");

    assertThat(status()).allSatisfy(e -> assertThat(e.settled()).isEqualTo(Amount.requests(2)));
  }

  @Test
  void aBudgetCanLetUnpricedCallsPass() {
    with(
        s ->
            s.budget(
                Budget.named("lenient")
                    .limit(Amount.usd("1"))
                    .window(Window.lifetime())
                    .unknownPrice(Budget.UnknownPrice.ALLOW)
                    .build()));

    scene.client.converse(Scene.converse("meta.llama9-v1:0", 20));

    assertThat(status())
        .singleElement()
        .extracting(BudgetStatus::settled)
        .isEqualTo(Amount.usd("0"));
  }

  @Test
  void aConservativeBudgetChargesUnpricedCallsAtTheDearestRates() {
    PriceBook dearest =
        new PriceBook() {
          @Override
          public Cost costOf(PriceKey key, Usage usage) {
            return Scene.PRICES.costOf(key, usage);
          }

          @Override
          public Cost conservativeCostOf(PriceKey key, Usage usage) {
            return Scene.PRICES.costOf(key.withModelId(CLAUDE), usage);
          }
        };
    with(
        s ->
            s.prices(dearest)
                .budget(
                    Budget.named("careful")
                        .limit(Amount.usd("1"))
                        .window(Window.lifetime())
                        .unknownPrice(Budget.UnknownPrice.CONSERVATIVE)
                        .build()));

    scene.client.converse(Scene.converse("meta.llama9-v1:0", 20));

    assertThat(status())
        .singleElement()
        .extracting(BudgetStatus::settled)
        .isEqualTo(Amount.usd("0.0011"));
    assertThat(scene.listener.usage().cost()).isInstanceOf(Cost.Unknown.class);
  }

  @Test
  void aConservativeBudgetDeniesWhereTheBookHasNoSuchRates() {
    with(
        s ->
            s.budget(
                Budget.named("careful")
                    .limit(Amount.usd("1"))
                    .window(Window.lifetime())
                    .unknownPrice(Budget.UnknownPrice.CONSERVATIVE)
                    .build()));

    assertDenied(() -> scene.client.converse(Scene.converse("meta.llama9-v1:0", 20)), "careful");
  }

  @Test
  void aCallBeyondItsEstimateIsBookedInFullAndRefusesTheNext() {
    with(
        s ->
            s.budget(
                Budget.named("tokens")
                    .limit(Amount.tokens(100))
                    .window(Window.lifetime())
                    .build()));
    scene.bedrock.on(CLAUDE).reply(Reply.text("long").inputTokens(10).outputTokens(500));

    call();

    assertThat(status())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.settled()).isEqualTo(Amount.tokens(510));
              assertThat(each.available()).isEqualTo(Amount.tokens(0));
            });
    assertDenied(this::call, "tokens");
  }

  @Test
  void aPolicyOfYourOwnIsALambda() {
    with(
        s ->
            s.policy(
                call ->
                    call.tags().get("env") == null
                        ? BudgetDecision.denied("env-required", "tag the call with env")
                        : BudgetDecision.granted()));

    callAs("env", "dev");

    assertThatThrownBy(this::call)
        .isInstanceOf(BudgetExceededException.class)
        .hasMessage("Denied by policy 'env-required': tag the call with env");
  }

  @Test
  void aPolicyThatSaysNoAfterABudgetGivesTheBudgetBack() {
    BudgetPolicy no = call -> BudgetDecision.denied("no", "never");
    with(
        s ->
            s.policy(BudgetPolicy.allOf(call -> BudgetDecision.granted(), no))
                .budget(calls("counted", 1).build()));

    assertDenied(this::call, "no");

    assertThat(status()).singleElement().extracting(b -> b.held().units()).isEqualTo(0L);
  }

  @Test
  void aFullLedgerDeniesAndSaysWhatToDo() {
    with(
        s ->
            s.budget(calls("per-user", 5).per("user").build())
                .ledger(Ledger.inMemory(scene.time, 2)));
    callAs("user", "a");
    callAs("user", "b");

    assertThatThrownBy(() -> callAs("user", "c"))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("the in-memory ledger already keeps 2 accounts");
  }

  @Test
  void contradictionsAreRefusedWhereTheyAreWritten() {
    assertThatIllegalArgumentException().isThrownBy(() -> Budget.named(" "));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> calls("a", 1).warnAt(0))
        .withMessageContaining("0.0");
    assertThatIllegalArgumentException().isThrownBy(() -> calls("a", 1).per("team", "team"));
    assertThatIllegalStateException()
        .isThrownBy(() -> Budget.named("a").window(Window.lifetime()).build())
        .withMessage("budget 'a' has no limit; give it one, as .limit(Amount.usd(\"25.00\"))");
    assertThatIllegalStateException()
        .isThrownBy(() -> Budget.named("a").limit(Amount.usd("1")).build())
        .withMessageContaining("has no window");
    Budget twice = calls("same", 1).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMeter.builder().budget(twice).budget(twice))
        .withMessage("two budgets are named 'same'");
  }

  @Test
  void aSnapshotShowsWhatEveryProcessUsed() {
    Ledger shared = Ledger.inMemory();
    Budget teams =
        Budget.named("teams")
            .limit(Amount.tokens(10_000))
            .window(Window.lifetime())
            .per("team")
            .build();
    try (Scene one = new Scene(s -> s.budget(teams).ledger(shared));
        Scene other = new Scene(s -> s.budget(teams).ledger(shared))) {
      one.meter.control("teams").charge("team=a", Amount.tokens(10), "x").join();
      one.meter.control("teams").charge("team=b", Amount.tokens(30), "x").join();
      one.meter.control("teams").charge("team=c", Amount.tokens(20), "x").join();

      assertThat(other.meter.snapshot(2).join())
          .extracting(BudgetStatus::scope, status -> status.settled().units())
          .containsExactly(tuple("team=b", 30L), tuple("team=c", 20L));
      assertThat(other.meter.snapshot(2).join().get(0).limit()).isEqualTo(Amount.tokens(10_000));
    }
  }
}
