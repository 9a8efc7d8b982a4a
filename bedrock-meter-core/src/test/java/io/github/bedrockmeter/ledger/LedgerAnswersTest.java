// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class LedgerAnswersTest {
  private static final Account ACCOUNT =
      new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  @Test
  void whatIsThrownIsAnAnswerThatFails() {
    CompletableFuture<String> answer =
        LedgerSupport.answer(
            () -> {
              throw new NoClassDefFoundError("thrown");
            });

    assertThat(answer)
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(NoClassDefFoundError.class);
  }

  @Test
  void aLateAnswerMeansThatTheLedgerIsUnavailableAndMayStillCome() {
    CompletableFuture<String> answer = new CompletableFuture<>();

    CompletableFuture<String> inTime =
        LedgerSupport.inTime(answer, Duration.ofMillis(10), "the store");

    assertThat(inTime)
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOf(LedgerUnavailableException.class)
        .withMessage(
            "the store did not answer within PT0.01S; check that its store is reachable and not"
                + " overloaded")
        .withCauseInstanceOf(TimeoutException.class);
    assertThat(answer).isNotDone();
  }

  @Test
  void anAnswerThatFailsInTimeFailsAsItIs() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    CompletableFuture<String> inTime =
        LedgerSupport.inTime(answer, Duration.ofHours(1), "the store");

    answer.completeExceptionally(new IllegalStateException("why"));

    assertThat(inTime)
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOf(IllegalStateException.class)
        .withMessage("why");
  }

  @Test
  void wrappersAreTakenOffAndNothingElse() {
    IllegalStateException why = new IllegalStateException(new TimeoutException());

    assertThat(LedgerSupport.unwrapped(new CompletionException(new ExecutionException(why))))
        .isSameAs(why);
    assertThat(LedgerSupport.unwrapped(why)).isSameAs(why);
    CompletionException empty = new CompletionException("without a cause", null);
    assertThat(LedgerSupport.unwrapped(empty)).isSameAs(empty);
  }

  @Test
  void holdsThatWereTakenAreGivenBackAndOthersAreNot() {
    Ledger ledger = Ledger.inMemory();
    Hold taken = new Hold("taken", ACCOUNT, 40, 100, true);
    ledger.hold(List.of(taken));
    ledger.hold(List.of(new Hold("other", ACCOUNT, 10, 100, true)));

    assertThat(
            LedgerSupport.giveBack(ledger, List.of(taken, new Hold("no", ACCOUNT, 5, 100, true))))
        .isCompleted();

    assertThat(ledger.balances(List.of(ACCOUNT)).toCompletableFuture().join())
        .containsExactly(new Balance(ACCOUNT, 0, 10, 0));
  }

  @Test
  void aLedgerThatThrowsFailsToGiveBackAndThrowsNothing() {
    Ledger broken =
        new ForwardingLedger(Ledger.inMemory()) {
          @Override
          public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
            throw new IllegalStateException("broken");
          }
        };

    assertThat(LedgerSupport.giveBack(broken, List.of(new Hold("a", ACCOUNT, 5, 100, true))))
        .isCompletedExceptionally();
  }
}
