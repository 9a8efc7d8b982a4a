// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A budget in OBSERVE or SHADOW never stops a call, whatever fails about it. */
class ObservingBudgetsStopNothingTest {
  private final RecordingListener listener = new RecordingListener();

  /** What fails about the observed budget, and the denial it would have been. */
  enum Fault {
    LEDGER_IS_SILENT(DenialKind.LEDGER_UNAVAILABLE),
    LEDGER_THROWS(DenialKind.LEDGER_UNAVAILABLE),
    LEDGER_THROWS_AN_ERROR(DenialKind.LEDGER_UNAVAILABLE),
    LEDGER_FAILS(DenialKind.LEDGER_UNAVAILABLE),
    LEDGER_ANSWERS_NULL(DenialKind.LEDGER_UNAVAILABLE),
    LEDGER_IS_FULL(DenialKind.LEDGER_FULL),
    FILTER_THROWS(DenialKind.POLICY),
    LIMIT_THROWS(DenialKind.POLICY),
    LIMIT_OVERFLOWS_THE_STACK(DenialKind.POLICY),
    PRICE_IS_UNKNOWN(DenialKind.UNPRICED),
    IS_FROZEN(DenialKind.FROZEN);

    private final DenialKind kind;

    Fault(DenialKind kind) {
      this.kind = kind;
    }

    Budget.Builder budget(Budget.Builder budget) {
      return switch (this) {
        case FILTER_THROWS -> budget.when(call -> broken());
        case LIMIT_THROWS ->
            budget
                .per("team")
                .limitFor(
                    scope -> {
                      throw new IllegalStateException("broken on purpose");
                    });
        case LIMIT_OVERFLOWS_THE_STACK ->
            budget
                .per("team")
                .limitFor(
                    scope -> {
                      throw new StackOverflowError("broken on purpose");
                    });
        case PRICE_IS_UNKNOWN -> budget.limit(Amount.usd("1"));
        case IS_FROZEN -> budget.freeze("", "closed");
        default -> budget;
      };
    }

    private static boolean broken() {
      throw new IllegalStateException("broken on purpose");
    }

    /** A ledger that fails at the observed account alone. */
    Ledger ledger() {
      return new ForwardingLedger(Ledger.inMemory()) {
        @Override
        public CompletionStage<HoldResult> hold(List<Hold> holds) {
          return holds.stream().anyMatch(hold -> hold.account().budget().equals("watched"))
              ? answer(holds)
              : inner.hold(holds);
        }

        @SuppressWarnings("NullAway") // a ledger that does what it should not
        private CompletionStage<HoldResult> answer(List<Hold> holds) {
          return switch (Fault.this) {
            case LEDGER_IS_SILENT -> new CompletableFuture<>();
            case LEDGER_THROWS -> throw new LedgerUnavailableException("broken on purpose", null);
            case LEDGER_THROWS_AN_ERROR -> throw new StackOverflowError("broken on purpose");
            case LEDGER_FAILS ->
                CompletableFuture.failedFuture(new IllegalStateException("broken on purpose"));
            case LEDGER_ANSWERS_NULL -> CompletableFuture.completedFuture(null);
            case LEDGER_IS_FULL ->
                CompletableFuture.completedFuture(new HoldResult.Full("full on purpose"));
            default -> inner.hold(holds);
          };
        }
      };
    }
  }

  private static Budget.Builder budget(String name) {
    return Budget.named(name).limit(Amount.requests(2)).window(Window.lifetime());
  }

  private static Budget watched(Mode mode, Fault fault) {
    return fault.budget(budget("watched").mode(mode)).build();
  }

  private BedrockMeter meter(UnaryOperator<BedrockMeter.Builder> settings) {
    return settings
        .apply(BedrockMeter.builder().listener(listener).ledgerTimeout(Duration.ofMillis(200)))
        .build();
  }

  private static void call(BedrockMeter meter) {
    meter.wrap(AnsweringClients.sync()).converse(Scene.converse(CLAUDE, 20));
  }

  private static void asyncCall(BedrockMeter meter) {
    Scene.await(meter.wrap(AnsweringClients.async()).converse(Scene.converse(CLAUDE, 20)));
  }

  static Stream<Arguments> faults() {
    return Stream.of(Mode.OBSERVE, Mode.SHADOW)
        .flatMap(mode -> Stream.of(Fault.values()).map(fault -> Arguments.of(mode, fault)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aCallPassesWhateverFailsAboutAnObservedBudget(Mode mode, Fault fault) {
    BedrockMeter meter = meter(s -> s.ledger(fault.ledger()).budget(watched(mode, fault)));

    call(meter);
    asyncCall(meter);

    assertThat(listener.usages()).hasSize(2);
    if (mode == Mode.SHADOW) {
      assertThat(listener.denials())
          .hasSize(2)
          .allSatisfy(
              event -> {
                assertThat(event.enforced()).isFalse();
                assertThat(event.denial().kind()).isEqualTo(fault.kind);
                assertThat(event.denial().budget()).isEqualTo("watched");
              });
    } else {
      assertThat(listener.denials()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void anEnforcedBudgetBesideItIsEnforced(Mode mode, Fault fault) {
    BedrockMeter meter =
        meter(
            s ->
                s.ledger(fault.ledger())
                    .budget(budget("enforced").build())
                    .budget(watched(mode, fault)));

    call(meter);
    asyncCall(meter);

    assertThatThrownBy(() -> call(meter))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("budget 'enforced' has 0 requests left");
    assertThatThrownBy(() -> asyncCall(meter))
        .hasRootCauseInstanceOf(BudgetExceededException.class);
    BudgetStatus enforced = Scene.await(meter.status()).get(0);
    assertThat(enforced.settled()).isEqualTo(Amount.requests(2));
    assertThat(enforced.held()).isEqualTo(Amount.requests(0));
  }

  @ParameterizedTest
  @EnumSource(names = {"OBSERVE", "SHADOW"})
  void aWholeLedgerThatIsSilentStopsOnlyEnforcedBudgets(Mode mode) {
    Ledger silent =
        new ForwardingLedger(Ledger.inMemory()) {
          @Override
          public CompletionStage<HoldResult> hold(List<Hold> holds) {
            return new CompletableFuture<>();
          }
        };
    Budget watched = budget("watched").mode(mode).build();

    BedrockMeter observing =
        meter(s -> s.ledger(silent).ledgerTimeout(Duration.ofMillis(20)).budget(watched));
    for (int i = 0; i < 10; i++) {
      call(observing);
    }
    BedrockMeter both =
        meter(
            s ->
                s.ledger(silent)
                    .ledgerTimeout(Duration.ofMillis(20))
                    .budget(watched)
                    .budget(budget("enforced").build()));

    assertThatThrownBy(() -> call(both))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageStartingWith("Ledger unavailable");
    assertThatThrownBy(() -> asyncCall(both)).hasRootCauseInstanceOf(Throwable.class);
    assertThat(listener.usages()).hasSize(10);
  }

  @ParameterizedTest
  @EnumSource(names = {"OBSERVE", "SHADOW"})
  void aFullLedgerInMemoryStopsOnlyEnforcedBudgets(Mode mode) {
    Ledger full = Ledger.inMemory(InstantSource.system(), 1);
    // The room is each budget's own; another scope of it, with an open hold, takes all of it.
    for (String name : List.of("watched", "e")) {
      Account other = new Account(name, Unit.REQUESTS, "team=x", Instant.EPOCH, Instant.MAX);
      full.hold(List.of(new Hold("x", other, 1, 10, true)));
    }
    Budget watched = budget("watched").mode(mode).build();

    call(meter(s -> s.ledger(full).budget(watched)));
    asyncCall(meter(s -> s.ledger(full).budget(watched)));
    assertThatThrownBy(
            () -> call(meter(s -> s.ledger(full).budget(watched).budget(budget("e").build()))))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageStartingWith("Ledger full: budget 'e'");
  }

  @ParameterizedTest
  @EnumSource(names = {"OBSERVE", "SHADOW"})
  void aHoldOfADeniedCallIsGivenBackWhenItsAnswerComesLate(Mode mode) {
    CompletableFuture<HoldResult> gate = new CompletableFuture<>();
    Ledger late =
        new ForwardingLedger(Ledger.inMemory()) {
          @Override
          public CompletionStage<HoldResult> hold(List<Hold> holds) {
            return inner.hold(holds).thenCombine(gate, (result, open) -> result);
          }
        };
    BedrockMeter meter =
        meter(
            s ->
                s.ledger(late)
                    .ledgerTimeout(Duration.ofMillis(30))
                    .budget(budget("enforced").build())
                    .budget(budget("watched").mode(mode).build()));

    assertThatThrownBy(() -> call(meter)).isInstanceOf(BudgetExceededException.class);
    assertThatThrownBy(() -> asyncCall(meter)).isInstanceOf(AssertionError.class);
    gate.complete(HoldResult.CLEAN);

    assertThat(Scene.await(meter.status()))
        .hasSize(2)
        .allSatisfy(status -> assertThat(status.held()).isEqualTo(Amount.requests(0)));
  }

  @ParameterizedTest
  @EnumSource(names = {"OBSERVE", "SHADOW"})
  void aSettlementThatFailsInAnObservedBalanceIsNotMissedInTheOthers(Mode mode) {
    Ledger failing =
        new ForwardingLedger(Ledger.inMemory()) {
          @Override
          public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
            if (holds.stream().anyMatch(hold -> hold.account().budget().equals("watched"))) {
              throw new ArithmeticException("broken on purpose");
            }
            return inner.settle(holds, actuals);
          }
        };
    BedrockMeter meter =
        meter(
            s ->
                s.ledger(failing)
                    .budget(budget("watched").mode(mode).build())
                    .budget(budget("enforced").build()));

    call(meter);
    asyncCall(meter);

    assertThat(Scene.await(meter.status()).get(1).settled()).isEqualTo(Amount.requests(2));
    assertThat(Scene.await(meter.status()).get(1).held()).isEqualTo(Amount.requests(0));
    Awaitility.await().until(() -> listener.settlementFailures().size() == 2);
  }
}
