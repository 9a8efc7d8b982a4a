// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.call.UnwrappedCall;
import io.github.bedrockmeter.call.UnwrappedCall.Reserved;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that go through no wrapped client: agents, other endpoints, batch jobs, contracts. */
class UnwrappedCallsTest {
  private static final UnwrappedCall AGENT =
      UnwrappedCall.of("InvokeAgent", CLAUDE)
          .region("us-east-1")
          .estimate(Usage.ofTokens(100, 100));

  private Scene scene = Scene.unlimited();

  private static Budget dollars(String limit) {
    return Budget.named("daily")
        .limit(Amount.usd(limit))
        .window(Window.lifetime())
        .per("team")
        .build();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene = new Scene(settings);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private BudgetStatus status() {
    return scene.meter.status().join().get(0);
  }

  @Test
  void aReservationIsHeldThenChargedWhatWasUsed() {
    with(s -> s.budget(dollars("1.00")));
    Reserved reserved = scene.meter.reserve(AGENT.tags(Tags.of("team", "search")));
    assertThat(status().held()).isEqualTo(Amount.usd("0.006"));
    assertThat(scene.meter.openCalls()).containsExactly(reserved.call());

    Cost cost = reserved.commit(Usage.ofTokens(10, 20), "request-1");

    assertThat(cost.usd()).contains(new BigDecimal("0.0011"));
    assertThat(status().settled()).isEqualTo(Amount.usd("0.0011"));
    assertThat(status().held()).isEqualTo(Amount.usd("0"));
    assertThat(status().scope()).isEqualTo("team=search");
    assertThat(scene.meter.openCalls()).isEmpty();
    UsageEvent event = scene.listener.usage();
    assertThat(event.call().operation()).isEqualTo("InvokeAgent");
    assertThat(event.call().region()).isEqualTo("us-east-1");
    assertThat(event.sent()).isEqualTo(Sent.STATED);
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
    assertThat(event.requestId()).isEqualTo("request-1");
    assertThat(scene.listener.sequence()).containsExactly("reserved", "usage:Completed");
  }

  @Test
  void itIsDeniedLikeAnyOther() throws Exception {
    with(s -> s.budget(dollars("0.005")));

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> scene.meter.reserve(AGENT));
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> scene.meter.reserveAsync(AGENT).get())
        .withCauseInstanceOf(BudgetExceededException.class);

    assertThat(scene.listener.sequence()).containsExactly("denied", "denied");
  }

  @Test
  void tagRulesAndScopesApply() {
    with(s -> s.budget(dollars("1.00")).requireTag("team").tags(Tags.of("stage", "test")));
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> scene.meter.reserve(AGENT))
        .satisfies(denied -> assertThat(denied.denial().kind()).isEqualTo(DenialKind.TAG_MISSING));

    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("team", "scope"))) {
      assertThat(scope).isNotNull();
      MeteredCall call = scene.meter.reserve(AGENT).call();
      assertThat(call.tags()).isEqualTo(Tags.of("team", "scope", "stage", "test"));
    }
  }

  @Test
  void aModelNameOfTheMeterIsUnderstood() {
    with(s -> s.modelName("sales", CLAUDE));

    MeteredCall call = scene.meter.reserve(UnwrappedCall.of("InvokeAgent", "sales")).call();

    assertThat(call.requestedModel()).isEqualTo("sales");
    assertThat(call.modelId()).isEqualTo(CLAUDE);
  }

  @Test
  void whatIsReleasedIsNotCharged() {
    with(s -> s.budget(dollars("1.00")));
    Reserved reserved = scene.meter.reserve(AGENT);

    reserved.release();
    reserved.commit(Usage.ofTokens(10, 20));
    reserved.close();

    assertThat(scene.meter.status().join()).isEmpty();
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.RELEASED);
  }

  @Test
  void whatIsClosedWithoutAUsageIsChargedItsEstimate() {
    with(s -> s.budget(dollars("1.00")));

    try (Reserved reserved = scene.meter.reserve(AGENT)) {
      assertThat(reserved.call().estimate().totalTokens()).isEqualTo(200);
    }

    assertThat(status().settled()).isEqualTo(Amount.usd("0.006"));
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(scene.listener.usage().anomalies())
        .extracting(Usage.Anomaly::kind)
        .containsExactly(Usage.Anomaly.Kind.USAGE_MISSING);
  }

  @Test
  void whatIsNeverClosedIsChargedItsEstimateAtTheDeadline() {
    with(s -> s.budget(dollars("1.00")));
    scene.meter.reserve(AGENT.deadline(Duration.ofMillis(50)));

    Awaitility.await().until(() -> !scene.listener.usages().isEmpty());

    assertThat(scene.listener.usage().outcome()).isEqualTo(new CallOutcome.Cancelled());
    assertThat(scene.listener.usage().charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(status().settled()).isEqualTo(Amount.usd("0.006"));
    assertThat(scene.meter.openCalls()).isEmpty();
  }

  @Test
  void whatIsRecordedIsChargedBeyondTheLimit() {
    with(s -> s.budget(dollars("0.001")));

    Cost cost = scene.meter.record(AGENT, Usage.ofTokens(10, 20));
    scene.meter.record(AGENT, Usage.ofTokens(10, 20));

    assertThat(cost.usd()).contains(new BigDecimal("0.0011"));
    assertThat(status().settled()).isEqualTo(Amount.usd("0.0022"));
    assertThat(scene.listener.sequence())
        .containsExactly("reserved", "usage:Completed", "reserved", "usage:Completed");
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> scene.meter.reserve(AGENT));
  }

  @Test
  void aCostThatNoCountGivesCanBeRecorded() {
    with(s -> s.budget(dollars("100")));
    Cost hour = Cost.stated(new BigDecimal("39.60"), "contract 2026-11");

    scene.meter.record(UnwrappedCall.of("ProvisionedThroughput", CLAUDE), Usage.NONE, hour);

    assertThat(status().settled()).isEqualTo(Amount.usd("39.60"));
    assertThat(scene.listener.usage().cost()).isEqualTo(hour);
    assertThatIllegalArgumentException().isThrownBy(() -> Cost.stated(new BigDecimal("-1"), "x"));
  }

  @Test
  void whatIsRecordedWhileTheLedgerIsUnavailableIsChargedWhenItIsBack() {
    List<Hold> charged = new ArrayList<>();
    Ledger down =
        new ForwardingLedger(Ledger.inMemory()) {
          @Override
          public CompletionStage<HoldResult> hold(List<Hold> holds) {
            return CompletableFuture.failedFuture(new IllegalStateException("down"));
          }

          @Override
          public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
            if (actuals[0] > 0) {
              charged.addAll(holds);
            }
            return super.settle(holds, actuals);
          }
        };
    with(s -> s.budget(dollars("1.00")).ledger(down));

    Cost cost = scene.meter.record(AGENT, Usage.ofTokens(10, 20));

    assertThat(cost.usd()).contains(new BigDecimal("0.0011"));
    assertThat(charged).hasSize(1);
    assertThat(charged.get(0).id()).isEqualTo(scene.listener.usage().call().id() + "+");
  }

  @Test
  void itSaysWhatIsWrong() {
    assertThatIllegalArgumentException().isThrownBy(() -> UnwrappedCall.of(" ", CLAUDE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UnwrappedCall.of("InvokeAgent", ""))
        .withMessageContaining("modelId must not be blank");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AGENT.deadline(Duration.ZERO))
        .withMessageContaining("deadline must be positive");
  }
}
