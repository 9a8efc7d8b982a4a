// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The emergency switch: every call passes, is metered, logged and reported. */
class BypassTest {
  private static final Instant UNTIL = Instant.parse("2026-11-23T22:00:00Z");
  private static final Budget SMALL = tokens("small", 40);

  private Scene scene = Scene.unlimited();

  private static Budget tokens(String name, long limit) {
    return Budget.named(name).limit(Amount.tokens(limit)).window(Window.lifetime()).build();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene = new Scene(settings);
    scene.bedrock.on(CLAUDE).reply(Reply.text("Hi").inputTokens(10).outputTokens(20));
  }

  @AfterEach
  void close() {
    System.clearProperty("bedrockmeter.bypass");
    scene.close();
  }

  private void call() {
    scene.client.converse(Scene.converse(CLAUDE, 100));
  }

  private void assertDenied(DenialKind kind) {
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(this::call)
        .satisfies(denied -> assertThat(denied.denial().kind()).isEqualTo(kind));
  }

  private List<DenialKind> unenforced() {
    return scene.listener.denials().stream()
        .filter(event -> !event.enforced())
        .map(DenialEvent::denial)
        .map(BudgetDecision.Denied::kind)
        .toList();
  }

  private long settled(String budget) {
    return scene.meter.status().join().stream()
        .filter(status -> status.budget().name().equals(budget))
        .findFirst()
        .orElseThrow()
        .settled()
        .units();
  }

  @Test
  void callsPassAndAreChargedBeyondTheLimitUntilItEnds() {
    with(s -> s.budget(SMALL));
    assertDenied(DenialKind.NEVER_FITS);

    scene.meter.bypass("the limit is wrong", UNTIL);
    call();
    call();

    assertThat(settled("small")).isEqualTo(60);
    assertThat(unenforced()).containsExactly(DenialKind.NEVER_FITS, DenialKind.NEVER_FITS);
    assertThat(scene.listener.usages()).hasSize(2);
    assertThat(scene.meter.health().bypassedUntil()).isEqualTo(UNTIL);

    scene.time.advance(Duration.ofHours(2));
    assertDenied(DenialKind.NEVER_FITS);

    assertThat(scene.meter.health().bypassedUntil()).isNull();
    assertThat(scene.listener.bypasses())
        .containsExactly(
            new BypassEvent("the limit is wrong", UNTIL, true),
            new BypassEvent("the limit is wrong", UNTIL, false));
  }

  @Test
  void itCanBeEndedBefore() {
    with(s -> s.budget(SMALL));
    scene.meter.bypass("the limit is wrong", UNTIL);
    call();

    scene.meter.endBypass("the limit is mended");
    scene.meter.endBypass("twice is once");

    assertDenied(DenialKind.NEVER_FITS);
    assertThat(scene.listener.bypasses())
        .extracting(BypassEvent::reason, BypassEvent::begins)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("the limit is wrong", true),
            org.assertj.core.groups.Tuple.tuple("the limit is mended", false));
  }

  @Test
  void asynchronousCallsAndStreamsPass() {
    with(s -> s.budget(SMALL));
    scene.meter.bypass("emergency", UNTIL);

    scene.async.converse(Scene.converse(CLAUDE, 100)).join();
    StreamCollector.Converse collector = StreamCollector.converse();
    scene.async.converseStream(Scene.converseStream(CLAUDE, 100), collector).join();

    assertThat(unenforced()).hasSize(2);
    assertThat(settled("small")).isEqualTo(60);
  }

  @Test
  void itPassesWhateverTheReasonOfTheDenial() {
    Budget frozen = tokens("frozen", 1_000);
    with(
        s ->
            s.budget(frozen)
                .requireTag("team")
                .policy(call -> BudgetDecision.denied("mine", "I say no")));
    scene.meter.control("frozen").freeze("", "maintenance");
    scene.meter.bypass("emergency", UNTIL);

    call();

    assertThat(unenforced()).containsExactly(DenialKind.TAG_MISSING);
    assertThat(settled("frozen")).isEqualTo(30);
  }

  @Test
  void aPolicyThatFailsOrAFilterThatThrowsStopsNothing() {
    Budget broken =
        Budget.named("broken")
            .limit(Amount.tokens(1_000))
            .window(Window.lifetime())
            .when(
                call -> {
                  throw new IllegalStateException("no");
                })
            .build();
    with(s -> s.budget(broken).budget(SMALL));
    scene.meter.bypass("emergency", UNTIL);

    call();
    scene.async.converse(Scene.converse(CLAUDE, 100)).join();

    assertThat(unenforced()).containsExactly(DenialKind.POLICY, DenialKind.POLICY);
    assertThat(settled("small")).isEqualTo(60);
  }

  @Test
  void aLedgerThatIsSilentStopsNothing() {
    Ledger silent =
        new ForwardingLedger(Ledger.inMemory()) {
          @Override
          public CompletionStage<HoldResult> hold(List<Hold> holds) {
            return new CompletableFuture<>();
          }
        };
    with(s -> s.budget(SMALL).ledger(silent).ledgerTimeout(Duration.ofMillis(20)));
    scene.meter.bypass("the store is down", UNTIL);

    for (int i = 0; i < 8; i++) {
      call();
      scene.async.converse(Scene.converse(CLAUDE, 100)).join();
    }

    assertThat(unenforced()).hasSize(16).containsOnly(DenialKind.LEDGER_UNAVAILABLE);
    assertThat(scene.listener.usages()).hasSize(16);
  }

  @Test
  void aCallWithoutAModelPasses() {
    with(s -> s.budget(SMALL));
    scene.meter.bypass("emergency", UNTIL);

    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> scene.client.converse(r -> r.messages(Scene.user("Hello"))))
        .isNotInstanceOf(BudgetExceededException.class);
  }

  @Test
  void aCallThatWaitsForRoomPassesWhenItIsSwitchedOn() throws Exception {
    Budget waits =
        Budget.named("waits")
            .limit(Amount.tokens(10_000))
            .window(Window.lifetime())
            .waitUpTo(Duration.ofMinutes(1))
            .build();
    with(s -> s.budget(waits).nanoClock(System::nanoTime));
    scene.meter.control("waits").charge("", Amount.tokens(9_999), "spent").join();
    CompletableFuture<?> waiting = scene.async.converse(Scene.converse(CLAUDE, 20));

    scene.meter.bypass("emergency", UNTIL);

    assertThat(waiting).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  void theSystemPropertySwitchesEveryMeter() {
    with(s -> s.budget(SMALL));
    System.setProperty("bedrockmeter.bypass", "2026-11-23T22:00:00Z the store is being restored");

    call();

    assertThat(scene.listener.bypasses())
        .containsExactly(new BypassEvent("the store is being restored", UNTIL, true));
    scene.time.advance(Duration.ofHours(2));
    assertDenied(DenialKind.NEVER_FITS);
  }

  @Test
  void aMalformedPropertyDeniesAsBefore() {
    with(s -> s.budget(SMALL));
    for (String value :
        List.of("true", "yes please", "2026-11-23", " ", "2020-01-01T00:00:00Z x")) {
      System.setProperty("bedrockmeter.bypass", value);
      assertDenied(DenialKind.NEVER_FITS);
    }
    assertThat(scene.listener.bypasses()).isEmpty();
  }

  @Test
  void itNeedsAReasonAndAnEnd() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scene.meter.bypass(" ", UNTIL))
        .withMessageContaining("reason");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scene.meter.bypass("emergency", UNTIL.minusSeconds(7_200)))
        .withMessageContaining("until must be in the future: 2026-11-23T20:00:00Z");
  }

  @Test
  void whatIsGrantedAnywayIsNotTouched() {
    with(s -> s.budget(tokens("large", 1_000)));
    scene.meter.bypass("emergency", UNTIL);

    call();

    assertThat(unenforced()).isEmpty();
    assertThat(settled("large")).isEqualTo(30);
  }

  @Test
  void anAsynchronousDenialIsADenialAsBefore() {
    with(s -> s.budget(SMALL));

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> scene.async.converse(Scene.converse(CLAUDE, 100)).join())
        .withCauseInstanceOf(BudgetExceededException.class);
  }
}
