// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.NOVA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The last warning: nothing more fits, whether or not the limit was settled to the last unit. */
class ExhaustedBudgetsTest {
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

  private static Budget.Builder tokens(long limit) {
    return Budget.named("all").limit(Amount.tokens(limit)).window(Window.daily(ZoneOffset.UTC));
  }

  private boolean passes(String... tags) {
    try {
      scene.client.converse(
          Scene.converse(NOVA, 40).toBuilder()
              .overrideConfiguration(
                  BedrockMeter.tags(tags.length == 0 ? new String[] {"a", "b"} : tags))
              .build());
      return true;
    } catch (BudgetExceededException denied) {
      return false;
    }
  }

  private List<String> thresholds() {
    return thresholds(scene.listener);
  }

  private static List<String> thresholds(RecordingListener listener) {
    return listener.thresholds().stream()
        .map(event -> event.share().toPlainString() + " " + event.account().scope())
        .map(String::strip)
        .toList();
  }

  @Test
  void theLastOfManySmallCallsIsReportedAlthoughTheLimitIsNeverSettled() {
    with(s -> s.budget(tokens(2_000).warnAt(0.5, 0.8, 1.0).build()));

    int passed = 0;
    for (int i = 0; i < 250; i++) {
      passed += passes() ? 1 : 0;
    }

    assertThat(passed).isBetween(60, 66);
    assertThat(thresholds()).containsExactly("0.5", "0.8", "1");
    var last = scene.listener.thresholds().get(2);
    assertThat(last.isExhausted()).isTrue();
    assertThat(last.settled().units()).isBetween(1_800L, 1_999L);
    assertThat(scene.listener.sequence()).containsSubsequence("denied", "threshold:1");
  }

  @Test
  void aSmallBudgetThatRefusesAtTwoThirdsIsExhausted() {
    with(s -> s.budget(tokens(90).warnAt(0.5, 0.8, 1.0).build()));

    assertThat(passes()).isTrue();
    assertThat(passes()).isFalse();
    assertThat(passes()).isFalse();

    assertThat(thresholds()).containsExactly("1");
  }

  @Test
  void aLimitThatIsSettledExactlyIsExhaustedBeforeACallIsDenied() {
    with(
        s ->
            s.budget(
                Budget.named("all")
                    .limit(Amount.requests(2))
                    .window(Window.lifetime())
                    .warnAt(1)
                    .build()));

    passes();
    passes();
    assertThat(thresholds()).containsExactly("1");

    assertThat(passes()).isFalse();
    assertThat(thresholds()).containsExactly("1");
  }

  @Test
  void itIsReportedOnceForEachScopeAndWindow() {
    with(s -> s.budget(tokens(90).per("team").warnAt(1.0).build()));

    for (int day = 0; day < 2; day++) {
      for (int i = 0; i < 3; i++) {
        passes("team", "a");
        passes("team", "b");
      }
      scene.time.advance(Duration.ofDays(1));
    }

    assertThat(thresholds()).containsExactly("1 team=a", "1 team=b", "1 team=a", "1 team=b");
  }

  @Test
  void aRaisedLimitCanBeExhaustedAgain() {
    with(s -> s.budget(tokens(90).warnAt(1.0).build()));
    passes();
    passes();

    scene
        .meter
        .control("all")
        .grant(new Grant("", Amount.tokens(30), Instant.MAX, "one more call"));
    assertThat(passes()).isTrue();
    assertThat(passes()).isFalse();
    assertThat(passes()).isFalse();

    assertThat(thresholds()).containsExactly("1", "1");
  }

  @Test
  void aBudgetThatDoesNotWarnAtOneReportsItsDenialsAlone() {
    with(s -> s.budget(tokens(90).warnAt(0.5).build()));
    passes();
    passes();

    assertThat(thresholds()).isEmpty();
    assertThat(scene.listener.sequence()).contains("denied");
  }

  @Test
  void aCallThatNeverFitsExhaustsNothing() {
    with(s -> s.budget(tokens(10).warnAt(1.0).build()));

    assertThat(passes()).isFalse();

    assertThat(thresholds()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"SHADOW", "OBSERVE"})
  void budgetsThatStopNothingAreExhaustedToo(Budget.Mode mode) {
    with(s -> s.budget(tokens(90).warnAt(1.0).mode(mode).build()));

    for (int i = 0; i < 5; i++) {
      assertThat(passes()).isTrue();
    }

    assertThat(thresholds()).containsExactly("1");
  }

  @Test
  void streamsAndAsynchronousCallsExhaustABudget() {
    with(s -> s.budget(tokens(90).warnAt(1.0).build()));
    Scene.await(scene.async.converse(Scene.converse(NOVA, 40)));

    assertThatThrownBy(() -> scene.async.converse(Scene.converse(NOVA, 40)).join())
        .hasCauseInstanceOf(BudgetExceededException.class);

    assertThat(thresholds()).containsExactly("1");
  }

  @Test
  void aCallThatWaitedInVainExhaustsABudget() {
    with(s -> s.budget(tokens(90).warnAt(1.0).waitUpTo(Duration.ofMillis(20)).build()));

    assertThat(passes()).isTrue();
    assertThat(passes()).isFalse();

    assertThat(thresholds()).containsExactly("1");
  }

  @Test
  void ofASharedLedgerTheOneWhoPassesTheLimitReportsItAndThoseWhoAreDenied() {
    Ledger shared = Ledger.inMemory();
    Budget budget =
        Budget.named("all").limit(Amount.requests(2)).window(Window.lifetime()).warnAt(1.0).build();
    with(s -> s.budget(budget).ledger(shared));
    RecordingListener other = new RecordingListener();
    var second =
        BedrockMeter.builder()
            .prices(Scene.PRICES)
            .budget(budget)
            .ledger(shared)
            .listener(other)
            .build()
            .wrap(scene.bedrock.client());

    passes();
    second.converse(Scene.converse(NOVA, 40));
    assertThat(thresholds()).isEmpty();
    assertThat(thresholds(other)).containsExactly("1");

    assertThat(passes()).isFalse();
    assertThat(passes()).isFalse();
    assertThat(thresholds()).containsExactly("1");
    assertThat(thresholds(other)).containsExactly("1");
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.01, 1.5, 50, 100})
  void aShareBeyondTheLimitIsRefusedUnlessTheBudgetOnlyObserves(double share) {
    for (Budget.Mode mode : new Budget.Mode[] {Budget.Mode.ENFORCE, Budget.Mode.SHADOW}) {
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> tokens(9).warnAt(0.5, share).mode(mode).build())
          .withMessageContaining(
              "budget 'all' is in mode " + mode + ", so warnAt must be at most 1");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens(9).fallbackAt(share, NOVA))
        .withMessageContaining("fallbackAt must be at most 1");
    assertThat(tokens(9).warnAt(share).mode(Budget.Mode.OBSERVE).build().warnings()).hasSize(1);
  }

  @Test
  void whatWasMeantByFiftyIsNamed() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> tokens(9).warnAt(50, 80, 100).build())
        .withMessageContaining("such as 0.8 for 80 %: 100 (did you mean 1 for 100 %?)");
  }
}
