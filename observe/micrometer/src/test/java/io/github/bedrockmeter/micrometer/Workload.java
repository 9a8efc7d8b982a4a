// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** Calls of every kind that a metric is for, through a meter over a fake server. */
final class Workload implements AutoCloseable {
  static final String CLAUDE = "anthropic.claude-sonnet-4-6";

  /** All that a balance has; one refresh adds them one after the other. */
  private static final List<String> BALANCE_GAUGES =
      List.of(
          "bedrock.meter.budget.used",
          "bedrock.meter.budget.held",
          "bedrock.meter.budget.abandoned",
          "bedrock.meter.budget.limit",
          "bedrock.meter.budget.forecast");

  final FakeBedrock bedrock = FakeBedrock.start();
  final RecordingListener events = new RecordingListener();
  private final MeterRegistry registry;
  final BedrockMetrics metrics;
  final BedrockMeter meter;
  final BedrockRuntimeClient client;
  final BedrockRuntimeAsyncClient async;

  Workload(MeterRegistry registry) {
    this(registry, 1_000);
  }

  Workload(MeterRegistry registry, int mostSeries) {
    this.registry = registry;
    metrics =
        BedrockMetrics.builder(registry)
            .tags("team")
            .tokenUsage(true)
            .mostSeries(mostSeries)
            .mostBalances(2)
            .refreshEvery(Duration.ofSeconds(1))
            .build();
    meter =
        BedrockMeter.builder()
            .prices(
                PriceBook.of(
                    Map.of(
                        CLAUDE,
                        Rates.builder("test")
                            .perMillion(Meter.INPUT, "3.33")
                            .perMillion(Meter.OUTPUT, "15.07")
                            .perMillion(Meter.CACHE_READ, "0.33")
                            .perMillion(Meter.CACHE_WRITE_5M, "3.75")
                            .build())))
            .budget(
                Budget.named("daily")
                    .limit(Amount.usd("0.50"))
                    .window(Window.daily(ZoneOffset.UTC))
                    .per("team")
                    .warnAt(0.001)
                    .build())
            .ledger(metrics.timed(Ledger.inMemory()))
            .listener(metrics)
            .listener(events)
            .build();
    client = meter.wrap(bedrock.client());
    async = meter.wrap(bedrock.asyncClient());
    bedrock
        .on(CLAUDE)
        .reply(Reply.text("Hi").inputTokens(1_234).outputTokens(56).cacheReadTokens(789));
    metrics.watch(meter);
    metrics.watchJournal(() -> 3, () -> 0);
    metrics.watchCatalogue(() -> Instant.parse("2026-10-08T00:00:00Z"));
  }

  void call(String team, int maxTokens) {
    try {
      client.converse(
          ConverseRequest.builder()
              .modelId(CLAUDE)
              .messages(hello())
              .inferenceConfig(c -> c.maxTokens(maxTokens))
              .overrideConfiguration(BedrockMeter.tags("team", team))
              .build());
    } catch (BudgetExceededException denied) {
      // Counted by what is tested.
    }
  }

  private static Message hello() {
    return Message.builder()
        .role(ConversationRole.USER)
        .content(ContentBlock.fromText("CANARY-IN-THE-PROMPT"))
        .build();
  }

  /** Every kind of event once or more. */
  void run() throws Exception {
    for (int i = 0; i < 6; i++) {
      call("team-" + i % 3, 100);
    }
    call("team-0", 1_000_000);
    async
        .converseStream(
            ConverseStreamRequest.builder()
                .modelId(CLAUDE)
                .messages(hello())
                .inferenceConfig(c -> c.maxTokens(100))
                .build(),
            ConverseStreamResponseHandler.builder().subscriber(event -> {}).build())
        .join();
    MeteredCall amended =
        SampleCalls.converse()
            .tags("team", "x")
            .amendments(new MeteredCall.Amendment.LoweredOutput("daily", 1_000, 100))
            .build();
    publish(
        SampleEvents.completed(amended)
            .anomalies(new Anomaly(Anomaly.Kind.TOTAL_MISMATCH, "total"))
            .usage(
                Usage.builder(Usage.Source.BODY)
                    .count(Meter.INPUT, 10)
                    .count(Meter.CACHE_WRITE_5M, 20)
                    .count(Meter.SEARCH_UNITS, 2)
                    .build())
            .build());
    publish(SampleEvents.completed(SampleCalls.converse().unpriced("no row").build()).build());
    publish(SampleEvents.failed(amended, "ThrottlingException", 429).build());
    meter.control("daily").charge("team=team-1", Amount.usd("0.01"), "correction").join();
    metrics.onChargedWithoutHold(
        new ChargedWithoutHoldEvent(
            amended,
            new Account("daily", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX),
            Amount.tokens(1)));
    Awaitility.await()
        .until(
            () ->
                BALANCE_GAUGES.stream().noneMatch(name -> registry.find(name).gauges().isEmpty())
                    && registry.find("bedrock.meter.calls.untagged").functionCounter() != null);
  }

  private void publish(UsageEvent event) {
    metrics.onUsage(event);
    events.onUsage(event);
  }

  @Override
  public void close() {
    metrics.close();
    meter.close();
    client.close();
    async.close();
    bedrock.close();
  }
}
