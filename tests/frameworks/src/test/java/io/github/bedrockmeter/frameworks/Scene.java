// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * A server, a meter that grants some number of calls, and the metered clients for a framework. The
 * model answers "one two three" with counts that differ from each other.
 */
final class Scene implements AutoCloseable {
  static final String MODEL = "anthropic.claude-sonnet-4-6";

  final FakeBedrock bedrock = FakeBedrock.start();
  final RecordingListener events = new RecordingListener();
  final BedrockRuntimeClient client;
  final BedrockRuntimeAsyncClient async;

  private Scene(long grantedCalls, Ledger ledger, Duration ledgerTimeout) {
    bedrock
        .on(MODEL)
        .reply(
            Reply.text("one two three")
                .chunks(3)
                .inputTokens(11)
                .outputTokens(23)
                .cacheReadTokens(1_700)
                .cacheWriteTokens("5m", 310));
    BedrockMeter meter =
        BedrockMeter.builder()
            .ledger(ledger)
            .ledgerTimeout(ledgerTimeout)
            .budget(
                Budget.named("calls")
                    .limit(Amount.requests(grantedCalls))
                    .window(Window.lifetime())
                    .build())
            .listener(events)
            .build();
    client = meter.wrap(bedrock.client());
    async = meter.wrap(bedrock.asyncClient());
  }

  static Scene granting(long calls) {
    return new Scene(calls, Ledger.inMemory(), Duration.ofSeconds(2));
  }

  static Scene denying() {
    return granting(0);
  }

  /** A meter that denies because its ledger gives no answer within 200 milliseconds. */
  static Scene withUnavailableLedger(UnavailableLedger ledger) {
    return new Scene(1, ledger, Duration.ofMillis(200));
  }

  /**
   * One call was sent, and its event has the counts the server reported. A framework may hand over
   * the last part of a stream a moment before the stream has ended, so this waits for the event.
   */
  void assertMeteredOnce(String operation) {
    Awaitility.await().until(() -> !events.usages().isEmpty());
    assertThat(bedrock.requests()).hasSize(1);
    assertThat(events.denials()).isEmpty();
    assertThat(events.usages())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.call().operation()).isEqualTo(operation);
              assertThat(event.call().modelId()).isEqualTo(MODEL);
              assertThat(event.charge()).isEqualTo(UsageEvent.Charge.REPORTED);
              assertThat(event.usage().inputTokens()).isEqualTo(11);
              assertThat(event.usage().outputTokens()).isEqualTo(23);
              assertThat(event.usage().cacheReadTokens()).isEqualTo(1_700);
              assertThat(event.usage().cacheWrite5mTokens()).isEqualTo(310);
            });
  }

  /** Nothing was sent, and the framework did not try again. */
  void assertDeniedOnce() {
    assertThat(events.denials()).singleElement().matches(DenialEvent::enforced);
    assertThat(bedrock.requests()).isEmpty();
    assertThat(events.usages()).isEmpty();
  }

  /** The call was denied once because of the ledger, and was not tried again. */
  void assertUnavailableOnce(Throwable failure, UnavailableLedger ledger) {
    BudgetDecision.Denied denial = denialIn(failure).denial();
    assertThat(denial.kind()).isEqualTo(BudgetDecision.DenialKind.LEDGER_UNAVAILABLE);
    assertThat(denial.cause())
        .rootCause()
        .isInstanceOfAny(TimeoutException.class, SocketTimeoutException.class);
    assertDeniedOnce();
    assertThat(ledger.holds()).isEqualTo(1);
  }

  /** The denial in the causes of the exception that a framework threw. */
  static BudgetExceededException denialIn(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BudgetExceededException denial) {
        return denial;
      }
    }
    throw new AssertionError("no denial among the causes", failure);
  }

  @Override
  public void close() {
    bedrock.close();
  }
}
