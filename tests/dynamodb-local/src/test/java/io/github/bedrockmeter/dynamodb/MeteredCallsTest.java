// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/** Calls whose budgets are in DynamoDB, when its replies are late or lost. */
class MeteredCallsTest {
  private static final ConverseRequest REQUEST =
      ConverseRequest.builder()
          .modelId("anthropic.claude-sonnet-4-6")
          .messages(
              Message.builder()
                  .role(ConversationRole.USER)
                  .content(ContentBlock.fromText("Hello"))
                  .build())
          .inferenceConfig(c -> c.maxTokens(50))
          .build();

  private static final FaultyNetwork NETWORK = new FaultyNetwork();
  private static final DynamoDbAsyncClient CLIENT =
      LocalDynamoDb.newClient(
          o -> o.addExecutionInterceptor(NETWORK).retryStrategy(AwsRetryStrategy.doNotRetry()));

  private final RecordingListener listener = new RecordingListener();
  private final FakeBedrock bedrock = FakeBedrock.start();

  @AfterAll
  static void closeClient() {
    CLIENT.close();
  }

  @AfterEach
  void close() {
    NETWORK.deliver();
    NETWORK.lose(request -> false);
    bedrock.close();
  }

  private BedrockMeter meter(Duration ledgerTimeout) {
    bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(10).outputTokens(20));
    return BedrockMeter.builder()
        .budget(Budget.named("all").limit(Amount.tokens(10_000)).window(Window.lifetime()).build())
        .budget(
            Budget.named("team")
                .limit(Amount.tokens(10_000))
                .window(Window.lifetime())
                .per("team")
                .build())
        .ledger(DynamoDbLedger.over(CLIENT, LocalDynamoDb.newTable()))
        .ledgerTimeout(ledgerTimeout)
        .listener(listener)
        .build();
  }

  private static void awaitTokens(BedrockMeter meter, long settled, long held) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(meter.status().join())
                    .isNotEmpty()
                    .extracting(status -> status.balance())
                    .extracting(Balance::settled, Balance::held)
                    .containsOnly(tuple(settled, held)));
  }

  @Test
  void aCallWhoseHoldIsAnsweredTooLateIsDeniedAndTheHoldGivenBack() {
    BedrockMeter meter = meter(Duration.ofMillis(200));
    NETWORK.keepBack();

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> meter.wrap(bedrock.client()).converse(REQUEST));
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(
            () -> meter.wrap(bedrock.asyncClient()).converse(REQUEST).get(10, TimeUnit.SECONDS))
        .withCauseInstanceOf(BudgetExceededException.class);
    assertThat(bedrock.requests()).isEmpty();

    NETWORK.deliver();

    awaitTokens(meter, 0, 0);
  }

  @Test
  void aSettlementThatIsAnsweredLateDelaysNoAnswer() throws Exception {
    BedrockMeter meter = meter(Duration.ofSeconds(20));
    bedrock
        .onAnyModel()
        .reply(
            request -> {
              NETWORK.keepBack();
              return Reply.text("Hi").inputTokens(10).outputTokens(20);
            });

    meter.wrap(bedrock.client()).converse(REQUEST);
    NETWORK.deliver();
    meter.close();

    assertThat(listener.sequence()).containsExactly("reserved", "usage:Completed");
    awaitTokens(meter, 30, 0);
  }

  @Test
  void aSettlementWhoseReplyIsLostIsRepeatedAndChargedOnce() {
    BedrockMeter meter = meter(Duration.ofSeconds(20));
    for (int call = 1; call <= 5; call++) {
      AtomicInteger writes = new AtomicInteger();
      // The hold of both budgets is one transaction; then, for each, two replies are lost.
      NETWORK.lose(request -> FaultyNetwork.isWrite(request) && lostOf(writes.getAndIncrement()));

      meter.wrap(bedrock.client()).converse(REQUEST);
      meter.close();
    }

    awaitTokens(meter, 150, 0);
    assertThat(listener.sequence()).doesNotContain("settlementFailed");
  }

  private static boolean lostOf(int write) {
    return write >= 1 && write <= 2;
  }
}
