// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Meter;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/**
 * A meter over a fake Bedrock, with alerts to a webhook on a socket. Time is assigned; alerts are
 * sent where the test says so.
 */
final class Scene implements AutoCloseable {
  static final String MODEL = "anthropic.claude-sonnet-4-6";
  static final String KEY = "a-signing-key-of-many-characters";

  final FakeTime time;
  final Receiver receiver = new Receiver();
  final FakeBedrock bedrock = FakeBedrock.start();
  final Alerts alerts;
  final BedrockMeter meter;
  final BedrockRuntimeClient client;

  /** A dollar for each input token and each output token; a call with 10 of each costs 20. */
  static Rates rates() {
    return Rates.builder("test")
        .perMillion(Meter.INPUT, "1000000")
        .perMillion(Meter.OUTPUT, "1000000")
        .build();
  }

  /** A budget of a thousand dollars a day and team. */
  static Budget.Builder daily() {
    return Budget.named("daily")
        .limit(Amount.usd("1000"))
        .window(Window.daily(ZoneOffset.UTC))
        .per("team");
  }

  Scene(Budget... budgets) {
    this(FakeTime.at("2026-11-30T10:00:00Z"), null, alerts -> alerts, meter -> meter, budgets);
  }

  Scene(
      FakeTime time,
      @Nullable Ledger ledger,
      UnaryOperator<Alerts.Builder> alertSettings,
      UnaryOperator<BedrockMeter.Builder> meterSettings,
      Budget... budgets) {
    this.time = time;
    Ledger shared = ledger == null ? Ledger.inMemory(time, time, 100_000) : ledger;
    alerts =
        alertSettings
            .apply(
                Alerts.builder()
                    .channel(
                        AlertChannel.webhook(receiver.url(), KEY), Route.from(Alert.Severity.INFO))
                    .clock(time)
                    .nanoClock(time)
                    .withoutThread())
            .build();
    BedrockMeter.Builder builder =
        BedrockMeter.builder()
            .prices(PriceBook.of(Map.of(MODEL, rates())))
            .clock(time)
            .nanoClock(time)
            .ledger(shared)
            .ledgerTimeout(Duration.ofSeconds(20))
            .listener(alerts);
    for (Budget budget : budgets) {
      builder.budget(budget);
    }
    meter = meterSettings.apply(builder).build();
    client = meter.wrap(bedrock.client());
    bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(10).outputTokens(10));
  }

  /** A call of a team, allowed so many output tokens. Returns whether it was made. */
  boolean call(String team, int maxTokens) {
    return call(MODEL, team, maxTokens);
  }

  boolean call(String model, String team, int maxTokens) {
    try {
      client.converse(
          ConverseRequest.builder()
              .modelId(model)
              .messages(
                  Message.builder()
                      .role(ConversationRole.USER)
                      .content(ContentBlock.fromText("Hi"))
                      .build())
              .inferenceConfig(c -> c.maxTokens(maxTokens))
              .overrideConfiguration(BedrockMeter.tags("team", team))
              .build());
      return true;
    } catch (BudgetExceededException denied) {
      return false;
    }
  }

  /** Sends what is due, and returns all messages so far. */
  List<JsonNode> messages() throws InterruptedException {
    alerts.work();
    return receiver.messages();
  }

  /** Titles of all messages so far, after sending what is due. */
  List<String> titles() throws InterruptedException {
    return messages().stream().map(message -> message.get("title").textValue()).toList();
  }

  @Override
  public void close() {
    meter.close();
    alerts.close();
    client.close();
    bedrock.close();
    receiver.close();
  }
}
