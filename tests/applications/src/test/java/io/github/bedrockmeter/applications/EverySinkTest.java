// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.alerts.AlertChannel;
import io.github.bedrockmeter.alerts.AlertMessage;
import io.github.bedrockmeter.alerts.Alerts;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.cloudwatch.CloudWatchMetrics;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.micrometer.BedrockMetrics;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.github.bedrockmeter.usage.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** One meter with every sink at once: metrics, CloudWatch's lines, alerts and the journal. */
@Timeout(300)
class EverySinkTest {
  private static final String PRICED = "anthropic.claude-sonnet-4-6";
  private static final String UNPRICED = "example.model-without-a-price-v1:0";
  private static final String CANARY = "CANARY-5d1f";

  @TempDir Path folder;
  private final FakeBedrock bedrock = FakeBedrock.start();
  private final RecordingListener events = new RecordingListener();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<AlertMessage> messages = new CopyOnWriteArrayList<>();
  private final JdbcDataSource database = new JdbcDataSource();
  private BedrockMetrics metrics;
  private CloudWatchMetrics cloudWatch;
  private Alerts alerts;
  private UsageJournal journal;
  private BedrockMeter meter;
  private BedrockRuntimeClient client;
  private BedrockRuntimeAsyncClient async;

  @BeforeEach
  void build() {
    database.setURL("jdbc:h2:mem:" + folder.getFileName() + ";DB_CLOSE_DELAY=-1");
    metrics = BedrockMetrics.builder(registry).tags("team").build();
    cloudWatch =
        CloudWatchMetrics.builder()
            .file(folder.resolve("emf.log"), 1L << 30)
            .costCenterTag("team")
            .queueCapacity(1_000)
            .build();
    alerts =
        Alerts.builder()
            .channel(
                new AlertChannel() {
                  @Override
                  public void send(AlertMessage message) {
                    messages.add(message);
                  }

                  @Override
                  public String name() {
                    return "a list";
                  }
                })
            .build();
    journal = UsageJournal.over(database, folder.resolve("journal"));
    meter =
        BedrockMeter.builder()
            .prices(
                PriceBook.of(
                    Map.of(
                        PRICED,
                        Rates.builder("test")
                            .perMillion(Meter.INPUT, "3.33")
                            .perMillion(Meter.OUTPUT, "15.07")
                            .perMillion(Meter.CACHE_READ, "0.33")
                            .build())))
            .budget(
                Budget.named("daily")
                    .limit(Amount.usd("0.50"))
                    .window(Window.daily(ZoneOffset.UTC))
                    .per("team")
                    .warnAt(0.5)
                    .unknownPrice(Budget.UnknownPrice.ALLOW)
                    .build())
            .listener(metrics)
            .listener(cloudWatch)
            .listener(alerts)
            .listener(journal)
            .listener(events)
            .build();
    client = meter.wrap(bedrock.client());
    async = meter.wrap(bedrock.asyncClient());
  }

  @AfterEach
  void close() {
    meter.close();
    alerts.close();
    cloudWatch.close();
    journal.close();
    metrics.close();
    client.close();
    async.close();
    bedrock.close();
  }

  @Test
  void everySinkAddsUpToTheEvents() throws Exception {
    Reply answer = Reply.text(CANARY).inputTokens(1_234).outputTokens(567);
    bedrock.on(PRICED).reply(answer.cacheReadTokens(8_901));
    bedrock.on(UNPRICED).reply(answer);
    for (int i = 0; i < 40; i++) {
      converse(PRICED, "team-" + i % 3, 1_000);
      stream("team-" + i % 3);
    }
    converse(PRICED, "team-0", 1_000_000);
    converse(UNPRICED, "team-1", 1_000);
    bedrock.on(PRICED).reply(Reply.error(400, "ValidationException", CANARY));
    converse(PRICED, "team-2", 1_000);
    meter.close();
    alerts.close();
    cloudWatch.close();
    journal.close();

    BigDecimal usd = sum(event -> event.cost().atLeastUsd());
    BigDecimal input = count(event -> event.usage().totalInputTokens());
    BigDecimal output = count(event -> event.usage().outputTokens());
    BigDecimal cached = count(event -> event.usage().cacheReadTokens());
    int denied = events.denials().size();
    assertThat(events.usages()).hasSizeGreaterThan(80);
    assertThat(denied).isPositive();
    assertThat(usd).isPositive();

    assertThat(counted("bedrock.meter.cost"))
        .isCloseTo(usd.doubleValue(), within(usd.doubleValue() * 1e-14));
    assertThat(new BigDecimal(counted("gen_ai.client.inference.usage.input_tokens")))
        .isEqualByComparingTo(input);
    assertThat(new BigDecimal(counted("gen_ai.client.inference.usage.output_tokens")))
        .isEqualByComparingTo(output);
    assertThat(counted("bedrock.meter.denials")).isEqualTo(denied);

    List<JsonNode> lines = lines();
    assertThat(total(lines, "CostUSD")).isEqualByComparingTo(usd);
    assertThat(
            total(lines, "InputTokens")
                .add(total(lines, "UnfinishedInputTokens"))
                .add(total(lines, "CacheReadTokens")))
        .isEqualByComparingTo(input);
    assertThat(total(lines, "OutputTokens").add(total(lines, "UnfinishedOutputTokens")))
        .isEqualByComparingTo(output);
    assertThat(total(lines, "RateLimitDenied")).isEqualByComparingTo(BigDecimal.valueOf(denied));
    assertThat(total(lines, "UnpricedCalls")).isEqualByComparingTo(BigDecimal.ONE);
    assertThat(cloudWatch.dropped()).isZero();

    assertThat(stored("SELECT SUM(cost_at_least_usd) FROM bedrock_meter_usage"))
        .isEqualByComparingTo(usd);
    assertThat(
            stored("SELECT SUM(units) FROM bedrock_meter_usage_line WHERE meter LIKE 'cacheRead%'"))
        .isEqualByComparingTo(cached);
    assertThat(stored("SELECT COUNT(*) FROM bedrock_meter_usage"))
        .isEqualByComparingTo(BigDecimal.valueOf(events.usages().size()));

    assertThat(messages)
        .extracting(AlertMessage::toString)
        .anyMatch(text -> text.contains("50 %"))
        .anyMatch(text -> text.contains(UNPRICED));
    System.out.printf(
        "%d calls, %d denials: every sink adds up to $%s%n",
        events.usages().size(), denied, usd.toPlainString());
    assertThat(messages.toString()).doesNotContain(CANARY);
    assertThat(lines.toString()).doesNotContain(CANARY);
    assertThat(registry.getMetersAsString()).doesNotContain(CANARY);
  }

  /** As many as come in a minute at a thousand a second, as fast as the machine makes them. */
  @Test
  void sixtyThousandDenialsLeaveNoCallWaitingAndNoQueueGrowing() throws Exception {
    bedrock.on(PRICED).reply(Reply.text("yes").inputTokens(10).outputTokens(10));
    converse(PRICED, "team-0", 1_000);
    ConverseRequest tooMuch = request(PRICED, "team-0", 1_000_000);
    int calls = 60_000;
    long slowestNanos = 0;
    long mostPending = 0;
    int mostWaiting = 0;

    for (int i = 0; i < calls; i++) {
      long begin = System.nanoTime();
      try {
        client.converse(tooMuch);
      } catch (BudgetExceededException denied) {
        slowestNanos = Math.max(slowestNanos, System.nanoTime() - begin);
      }
      mostPending = Math.max(mostPending, cloudWatch.pending());
      mostWaiting = Math.max(mostWaiting, alerts.status().waiting());
    }
    meter.close();
    alerts.close();
    cloudWatch.close();

    System.out.printf(
        "%,d denials, the slowest %d ms; at most %d lines and %d alerts waited; %d messages%n",
        calls,
        TimeUnit.NANOSECONDS.toMillis(slowestNanos),
        mostPending,
        mostWaiting,
        messages.size());
    assertThat(events.denials()).hasSize(calls);
    assertThat(counted("bedrock.meter.denials")).isEqualTo(calls);
    assertThat(cloudWatch.written() + cloudWatch.dropped()).isEqualTo(calls + 1);
    // Those of the queue, and the one that is being written.
    assertThat(mostPending).isLessThanOrEqualTo(1_001);
    assertThat(messages).hasSizeBetween(1, 20);
    // No sink waits; what is longer is the machine.
    assertThat(Duration.ofNanos(slowestNanos)).isLessThan(Duration.ofSeconds(5));
  }

  private static ConverseRequest request(String model, String team, int maxTokens) {
    return ConverseRequest.builder()
        .modelId(model)
        .messages(question())
        .inferenceConfig(c -> c.maxTokens(maxTokens))
        .overrideConfiguration(BedrockMeter.tags("team", team))
        .build();
  }

  private static Message question() {
    return Message.builder()
        .role(ConversationRole.USER)
        .content(ContentBlock.fromText(CANARY))
        .build();
  }

  private void converse(String model, String team, int maxTokens) {
    try {
      client.converse(request(model, team, maxTokens));
    } catch (BedrockRuntimeException counted) {
      // What the sinks make of it is what is tested.
    }
  }

  private void stream(String team) {
    async
        .converseStream(
            ConverseStreamRequest.builder()
                .modelId(PRICED)
                .messages(question())
                .inferenceConfig(c -> c.maxTokens(1_000))
                .overrideConfiguration(BedrockMeter.tags("team", team))
                .build(),
            ConverseStreamResponseHandler.builder().subscriber(event -> {}).build())
        .handle((done, denied) -> null)
        .join();
  }

  private BigDecimal sum(Function<UsageEvent, BigDecimal> value) {
    return events.usages().stream().map(value).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private BigDecimal count(Function<UsageEvent, Long> value) {
    return sum(event -> BigDecimal.valueOf(value.apply(event)));
  }

  private double counted(String name) {
    return registry.find(name).counters().stream().mapToDouble(counter -> counter.count()).sum();
  }

  private List<JsonNode> lines() throws Exception {
    JsonMapper json =
        JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
    List<JsonNode> lines = new CopyOnWriteArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("emf.log"))) {
      lines.add(json.readTree(line));
    }
    return lines;
  }

  private static BigDecimal total(List<JsonNode> lines, String metric) {
    return lines.stream()
        .filter(line -> line.has(metric))
        .map(line -> line.path(metric).decimalValue())
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private BigDecimal stored(String sql) throws Exception {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getBigDecimal(1);
    }
  }
}
