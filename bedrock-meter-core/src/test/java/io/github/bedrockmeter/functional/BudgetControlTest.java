// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Budgets that are changed while they are in force, have limits by tag, and tell their state. */
class BudgetControlTest {
  private static final Instant TOMORROW = Instant.parse("2026-11-24T00:00:00Z");

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

  private static Budget.Builder teams(long limit) {
    return Budget.named("teams")
        .limit(Amount.requests(limit))
        .window(Window.daily(ZoneOffset.UTC))
        .per("team");
  }

  private void callAs(String team) {
    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder()
            .overrideConfiguration(BedrockMeter.tags("team", team))
            .build());
  }

  private int callsUntilDenied(String team) {
    for (int calls = 0; calls < 100; calls++) {
      try {
        callAs(team);
      } catch (BudgetExceededException denied) {
        return calls;
      }
    }
    throw new AssertionError("never denied");
  }

  private List<BudgetStatus> status() {
    return await(scene.meter.status());
  }

  @Test
  void tagValuesHaveLimitsOfTheirOwn() {
    with(s -> s.budget(teams(2).limits(Map.of("team=search", Amount.requests(3))).build()));

    assertThat(callsUntilDenied("search")).isEqualTo(3);
    assertThat(callsUntilDenied("ads")).isEqualTo(2);
    assertThat(status())
        .extracting(BudgetStatus::scope, BudgetStatus::limit)
        .containsExactly(
            tuple("team=search", Amount.requests(3)), tuple("team=ads", Amount.requests(2)));
  }

  @Test
  void limitsMayComeFromAFunctionOfTheTagsValue() {
    with(
        s ->
            s.budget(
                teams(1)
                    .limitFor(
                        scope -> scope.value("team").contains(",") ? Amount.requests(2) : null)
                    .build()));

    assertThat(callsUntilDenied("a,b\\c")).isEqualTo(2);
    assertThat(callsUntilDenied("ads")).isEqualTo(1);
  }

  @Test
  void aLimitInAnotherUnitDeniesAndSaysWhy() {
    with(s -> s.budget(teams(1).limitFor(team -> Amount.tokens(5)).build()));

    assertThatThrownBy(() -> callAs("ads"))
        .hasMessageContaining("budget 'teams' counts REQUESTS; its limit of team=ads is 5 tokens");
    assertThatIllegalStateException()
        .isThrownBy(() -> teams(1).limits(Map.of("team=ads", Amount.usd("5"))).build())
        .withMessageContaining("has a limit of 1 request, but the limit of 'team=ads' is $5.00");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                Budget.named("all")
                    .limit(Amount.requests(1))
                    .window(Window.lifetime())
                    .limits(Map.of("team=ads", Amount.requests(2)))
                    .build())
        .withMessageContaining("name the tag it counts per");
  }

  @Test
  void aGrantRaisesTheLimitOfItsScopeUntilItEnds() {
    with(s -> s.budget(teams(1).build()));
    Grant grant =
        new Grant("team=search", Amount.requests(2), TOMORROW.plusSeconds(3_600), "launch");

    scene.meter.control("teams").grant(grant);

    assertThat(scene.listener.changes())
        .containsExactly(
            new BudgetChange.Granted(
                "teams", "team=search", Amount.requests(2), grant.until(), "launch"));
    assertThat(callsUntilDenied("search")).isEqualTo(3);
    assertThat(callsUntilDenied("ads")).isEqualTo(1);
    scene.time.set("2026-11-24T00:30:00Z");
    assertThat(callsUntilDenied("search")).isEqualTo(3);
    scene.time.set("2026-11-25T00:30:00Z");
    assertThat(callsUntilDenied("search")).isEqualTo(1);
  }

  @Test
  void whatAGrantAllowedStaysSpentWhenItEnds() {
    with(s -> s.budget(teams(1).build()));
    scene
        .meter
        .control("teams")
        .grant(
            new Grant(
                "team=search", Amount.requests(2), scene.time.instant().plusSeconds(60), "now"));
    assertThat(callsUntilDenied("search")).isEqualTo(3);

    scene.time.advance(Duration.ofMinutes(2));

    assertThatThrownBy(() -> callAs("search")).hasMessageContaining("has 0 requests left");
    assertThat(status().get(0).available()).isEqualTo(Amount.requests(0));
  }

  @Test
  void aFrozenScopeDeniesWhateverIsLeftUntilItIsThawed() {
    with(s -> s.budget(teams(9).build()));
    var control = scene.meter.control("teams");

    control.freeze("team=search", "runaway agent");
    assertThatThrownBy(() -> callAs("search"))
        .hasMessage("Frozen: budget 'teams' (team=search): runaway agent");
    callAs("ads");
    control.freeze("", "all of it");
    assertThatThrownBy(() -> callAs("ads"))
        .hasMessageContaining("Frozen: budget 'teams' (team=ads): all of it");
    control.thaw("", "checked");
    control.thaw("team=search", "fixed");
    control.thaw("team=search", "again");
    callAs("search");

    assertThat(scene.listener.changes())
        .extracting(change -> change.getClass().getSimpleName() + " " + change.reason())
        .containsExactly(
            "Frozen runaway agent", "Frozen all of it", "Thawed checked", "Thawed fixed");
  }

  @Test
  void whoCorrectsABalanceAndWhyReachTheLedger() {
    List<Correction> kept = new ArrayList<>();
    with(
        s ->
            s.budget(teams(5).build())
                .ledger(
                    new ForwardingLedger(Ledger.inMemory()) {
                      @Override
                      public CompletionStage<Settled> adjust(
                          Account account, long delta, Correction correction) {
                        kept.add(correction);
                        return super.adjust(account, delta, correction);
                      }
                    }));

    await(scene.meter.control("teams").charge("team=ads", Amount.requests(4), "batch"));
    await(scene.meter.control("teams").credit("team=ads", Amount.requests(1), "refund"));

    assertThat(kept)
        .containsExactly(
            new Correction("application", "batch"), new Correction("application", "refund"));
  }

  @Test
  void whatWasChargedCanBeCorrectedWithAReason() {
    with(s -> s.budget(teams(5).warnAt(0.8).build()));
    var control = scene.meter.control("teams");

    assertThat(await(control.charge("team=ads", Amount.requests(4), "batch").toCompletableFuture()))
        .isEqualTo(Amount.requests(4));
    assertThat(callsUntilDenied("ads")).isEqualTo(1);
    assertThat(
            await(control.credit("team=ads", Amount.requests(3), "refund").toCompletableFuture()))
        .isEqualTo(Amount.requests(2));
    assertThat(callsUntilDenied("ads")).isEqualTo(3);

    assertThat(scene.listener.changes())
        .containsExactly(
            new BudgetChange.Adjusted(
                "teams", "team=ads", Amount.requests(0), Amount.requests(4), "batch"),
            new BudgetChange.Adjusted(
                "teams", "team=ads", Amount.requests(5), Amount.requests(2), "refund"));
    assertThat(scene.listener.thresholds()).hasSize(2);
  }

  @Test
  void aBudgetGoesFromObservingToEnforcingWhileItRuns() {
    with(s -> s.budget(teams(1).mode(Budget.Mode.OBSERVE).build()));
    var control = scene.meter.control("teams");
    callAs("ads");
    callAs("ads");

    control.mode(Budget.Mode.SHADOW, "look");
    callAs("ads");
    control.mode(Budget.Mode.ENFORCE, "now");

    assertThatThrownBy(() -> callAs("ads")).isInstanceOf(BudgetExceededException.class);
    assertThat(scene.listener.sequence())
        .containsExactly(
            "reserved",
            "usage:Completed",
            "reserved",
            "usage:Completed",
            "changed:ModeChanged",
            "would deny",
            "reserved",
            "usage:Completed",
            "changed:ModeChanged",
            "denied");
    assertThat(status().get(0).mode()).isEqualTo(Budget.Mode.ENFORCE);
    assertThat(status().get(0).settled()).isEqualTo(Amount.requests(2));
  }

  @Test
  void newBudgetsKeepWhatWasSpentAndWhatWasChangedByHand() {
    with(s -> s.budget(teams(3).build()));
    var control = scene.meter.control("teams");
    callAs("ads");
    control.freeze("team=search", "by hand");
    control.mode(Budget.Mode.SHADOW, "by hand");

    Budget all = Budget.named("all").limit(Amount.requests(9)).window(Window.lifetime()).build();
    scene.meter.replaceBudgets(List.of(teams(2).build(), all), "new file");
    control.mode(Budget.Mode.ENFORCE, "by hand");

    assertThat(callsUntilDenied("ads")).isEqualTo(1);
    assertThatThrownBy(() -> callAs("search"))
        .hasMessageContaining("Frozen: budget 'teams' (team=search): by hand");
    assertThat(status())
        .extracting(s -> s.budget().name(), BudgetStatus::settled)
        .containsExactly(tuple("teams", Amount.requests(2)), tuple("all", Amount.requests(1)));
    assertThat(scene.listener.changes())
        .extracting(change -> change.getClass().getSimpleName() + " " + change.budget())
        .containsExactly(
            "Frozen teams",
            "ModeChanged teams",
            "Redefined teams",
            "Added all",
            "ModeChanged teams");

    scene.meter.replaceBudgets(List.of(all), "fewer");
    callAs("search");
    assertThatIllegalStateException()
        .isThrownBy(() -> control.freeze("", "gone"))
        .withMessageContaining("no longer in force");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scene.meter.control("teams"))
        .withMessage("there is no budget 'teams'; there are [all]");
  }

  @Test
  void aCallInFlightSettlesWithTheBudgetsItWasGrantedBy() {
    with(s -> s.budget(teams(3).build()));
    scene.bedrock.onAnyModel().reply(Reply.text("Hi").delay(Duration.ofMillis(200)));
    var inFlight =
        scene.async.converse(
            Scene.converse(CLAUDE, 20).toBuilder()
                .overrideConfiguration(BedrockMeter.tags("team", "ads"))
                .build());

    scene.meter.replaceBudgets(List.of(), "none");
    await(inFlight);
    scene.meter.replaceBudgets(List.of(teams(3).build()), "back");
    callAs("ads");

    assertThat(status())
        .singleElement()
        .satisfies(s -> assertThat(s.settled()).isEqualTo(Amount.requests(2)));
  }

  @Test
  void aStatusForecastsTheWindowsEnd() {
    with(
        s ->
            s.budget(
                Budget.named("day")
                    .limit(Amount.requests(100))
                    .window(Window.daily(ZoneOffset.UTC))
                    .build()));
    scene.time.set("2026-11-23T06:00:00Z");
    for (int i = 0; i < 5; i++) {
      callAs("any");
    }

    BudgetStatus status = status().get(0);

    assertThat(status.forecast()).isEqualTo(Amount.requests(20));
    assertThat(status.windowEnd()).isEqualTo(TOMORROW);
    assertThat(status.available()).isEqualTo(Amount.requests(95));
    assertThat(status.abandoned()).isEqualTo(Amount.requests(0));
    scene.time.set("2026-11-24T00:00:00Z");
    assertThat(status().get(0).forecast()).isNull();
  }

  @Test
  void theTenLargestBalancesOfABudgetAreTold() {
    with(s -> s.budget(teams(100).build()));
    for (int team = 1; team <= 12; team++) {
      for (int call = 0; call < team; call++) {
        callAs("t" + team);
      }
    }

    assertThat(status())
        .extracting(BudgetStatus::scope)
        .containsExactly(
            "team=t12",
            "team=t11",
            "team=t10",
            "team=t9",
            "team=t8",
            "team=t7",
            "team=t6",
            "team=t5",
            "team=t4",
            "team=t3");
  }

  @Test
  void aRunEndsWhenItWasIdle() {
    with(
        s ->
            s.budget(
                Budget.named("run")
                    .limit(Amount.requests(2))
                    .window(Window.untilIdle(Duration.ofHours(2)))
                    .per("team")
                    .build()));
    assertThat(callsUntilDenied("agent-7")).isEqualTo(2);

    assertThatThrownBy(() -> callAs("agent-7"))
        .hasMessage(
            "Over limit: budget 'run' (team=agent-7) has 0 requests left; the call was estimated at 1 request;"
                + " the limit is for the whole run");
    assertThat(callsUntilDenied("agent-8")).isEqualTo(2);
    assertThat(status()).hasSize(2).allSatisfy(s -> assertThat(s.windowEnd()).isNull());
  }

  @Test
  void wrongScopesUnitsAndReasonsAreRefused() {
    with(s -> s.budget(teams(2).build()));
    var control = scene.meter.control("teams");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> control.freeze("search", "typo"))
        .withMessageContaining("has scopes written as 'team=...'; got 'search'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> control.charge("team=ads", Amount.usd("1"), "wrong"))
        .withMessageContaining("another unit than $1.00");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> control.freeze("team=ads", " "))
        .withMessage("reason must not be blank");
  }

  @Test
  void callsWithoutTheirRequiredTagsAreDeniedWithTheListOfThem() {
    with(
        s ->
            s.requireTag("applicationId")
                .requireTag("environment", "dev", "staging", "prod")
                .optionalTag("costCenter", "c1", "c2"));

    assertThatThrownBy(() -> callWith("team", "ads"))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining(
            "the call must have the tags applicationId, environment (one of dev, staging, prod)");
    assertThatThrownBy(
            () -> callWith("applicationId", "a", "environment", "test", "costCenter", "c3"))
        .hasMessageContaining(
            "environment is 'test' (one of dev, staging, prod), costCenter is 'c3' (one of c1,"
                + " c2)");
    assertThat(scene.bedrock.requests()).isEmpty();

    callWith("applicationId", "a", "environment", "prod");
    callWith("applicationId", "a", "environment", "prod", "costCenter", "c2");
    assertThat(scene.bedrock.requests()).hasSize(2);
  }

  private void callWith(String... tags) {
    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder()
            .overrideConfiguration(BedrockMeter.tags(tags))
            .build());
  }
}
