// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.io.BufferedReader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CloudWatchMetricsTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:16:00Z");

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("bedrock-emf.log");
  }

  private CloudWatchMetrics.Builder toFile() {
    return CloudWatchMetrics.builder().file(file).closeWithin(Duration.ofMinutes(1));
  }

  /** The line of one event. */
  private JsonNode lineOf(UsageEvent event) throws Exception {
    try (CloudWatchMetrics sink = toFile().clock(() -> NOW).build()) {
      sink.onUsage(event);
    }
    return Lines.of(Files.readString(file), NOW).only();
  }

  private static UsageEvent sample() {
    return SampleEvents.completed(SampleCalls.converse().build()).build();
  }

  // --- sums

  @Test
  void sumsOfTheLinesAreThoseOfTheEvents() throws Exception {
    try (CloudWatchMetrics sink = toFile().build();
        Workload workload = new Workload(sink)) {
      workload.run();
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> workload.events.usages().size() == workload.events.reserved().size());
      assertThat(sink.flush(Duration.ofMinutes(5))).isTrue();

      Lines lines = Lines.of(file);
      List<UsageEvent> usages = workload.events.usages();
      List<DenialEvent> denials = workload.events.denials();
      assertThat(lines.all()).hasSize(usages.size() + denials.size());
      assertThat(sink.written()).isEqualTo(lines.all().size());
      assertThat(sink.dropped() + sink.pending() + sink.folded()).isZero();
      compare(lines, usages, denials);
      for (String centre : List.of("centre-0", "centre-1", "centre-2", "poor", "shadow")) {
        Predicate<MeteredCall> isOfCentre = c -> centre.equals(c.tags().get("costCenter"));
        List<UsageEvent> own =
            usages.stream().filter(event -> isOfCentre.test(event.call())).toList();
        assertThat(own).as(centre).isNotEmpty();
        compare(
            lines.where("CostCenter", centre),
            own,
            denials.stream().filter(event -> isOfCentre.test(event.call())).toList());
      }
      System.out.printf(
          "cloudwatch: %d lines add up to %d calls and %d denials, $%s%n",
          lines.all().size(), usages.size(), denials.size(), lines.sum("CostUSD").toPlainString());
      // Every kind was among them.
      for (String metric :
          List.of(
              "RateLimitDenied",
              "InvocationFailed",
              "CallsCancelled",
              "WouldBeDenied",
              "UnpricedCalls",
              "UnfinishedInputTokens",
              "CacheReadTokens",
              "CacheWriteTokens")) {
        assertThat(lines.sum(metric)).as(metric).isPositive();
      }
    }
  }

  private static void compare(Lines lines, List<UsageEvent> usages, List<DenialEvent> denials) {
    Predicate<UsageEvent> completed = event -> event.outcome() instanceof CallOutcome.Completed;
    Predicate<UsageEvent> cancelled = event -> event.outcome() instanceof CallOutcome.Cancelled;
    long enforced = denials.stream().filter(DenialEvent::enforced).count();
    assertSum(lines, "TotalRequests", usages.size() + enforced);
    assertSum(lines, "RateLimitApproved", usages.size());
    assertSum(lines, "RateLimitDenied", enforced);
    assertSum(lines, "WouldBeDenied", denials.size() - enforced);
    assertSum(
        lines,
        "InvocationFailed",
        usages.stream().filter(completed.or(cancelled).negate()).count());
    assertSum(lines, "CallsCancelled", usages.stream().filter(cancelled).count());
    assertSum(lines, "InputTokens", sum(usages, completed, event -> event.usage().inputTokens()));
    assertSum(lines, "OutputTokens", sum(usages, completed, event -> event.usage().outputTokens()));
    assertSum(
        lines,
        "UnfinishedInputTokens",
        sum(usages, completed.negate(), event -> event.usage().inputTokens()));
    assertSum(
        lines,
        "UnfinishedOutputTokens",
        sum(usages, completed.negate(), event -> event.usage().outputTokens()));
    assertSum(lines, "CacheReadTokens", sum(usages, all -> true, e -> e.usage().cacheReadTokens()));
    assertSum(
        lines, "CacheWriteTokens", sum(usages, all -> true, e -> e.usage().cacheWriteTokens()));
    assertSum(
        lines,
        "UnpricedCalls",
        usages.stream().filter(event -> event.cost() instanceof Cost.Unknown).count());
    BigDecimal cost =
        usages.stream()
            .map(event -> event.cost().atLeastUsd())
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(lines.sum("CostUSD")).isEqualByComparingTo(cost);
  }

  private static void assertSum(Lines lines, String metric, long expected) {
    assertThat(lines.sum(metric)).as(metric).isEqualByComparingTo(BigDecimal.valueOf(expected));
  }

  private static long sum(
      List<UsageEvent> usages, Predicate<UsageEvent> which, ToLongFunction<UsageEvent> count) {
    return usages.stream().filter(which).mapToLong(count).sum();
  }

  @Test
  void noTextOfAPromptAnAnswerAToolOrAnErrorIsWritten() throws Exception {
    try (CloudWatchMetrics sink = toFile().build();
        Workload workload = new Workload(sink)) {
      workload.run();
      sink.onDenied(SampleEvents.denied(SampleCalls.converse().build(), "policy", Workload.CANARY));
      assertThat(sink.flush(Duration.ofMinutes(5))).isTrue();

      assertThat(workload.bedrock.requests())
          .anySatisfy(request -> assertThat(request.bodyText()).contains(Workload.CANARY));
      assertThat(Files.readString(file)).contains("ValidationException");
      assertThat(Files.readString(file)).doesNotContain(Workload.CANARY);
    }
  }

  @Test
  void dollarsAreWrittenToTheLastDigit() throws Exception {
    JsonNode line =
        lineOf(
            SampleEvents.completed(SampleCalls.converse().build())
                .cost(Cost.stated(new BigDecimal("12345678901234.123456789012345"), "test"))
                .build());

    assertThat(Files.readString(file)).contains("\"CostUSD\":12345678901234.123456789012345,");
    assertThat(line.path("CostUSD").decimalValue())
        .isEqualTo(new BigDecimal("12345678901234.123456789012345"));
  }

  @Test
  void aSmallAmountHasNoExponentAndAMadeUpOneFillsNoMemory() throws Exception {
    try (CloudWatchMetrics sink = toFile().clock(() -> NOW).build()) {
      for (String usd : List.of("1E-15", "3E+3", "1E-1000000000", "1E+100")) {
        sink.onUsage(
            SampleEvents.completed(SampleCalls.converse().build())
                .cost(Cost.stated(new BigDecimal(usd), "test"))
                .build());
      }
    }

    assertThat(Files.readAllLines(file))
        .satisfiesExactly(
            line -> assertThat(line).contains("\"CostUSD\":0.000000000000001,"),
            line -> assertThat(line).contains("\"CostUSD\":3000,"),
            line -> assertThat(line).hasSizeLessThan(5_000),
            line -> assertThat(line).contains("\"CostUSD\":1" + "0".repeat(100) + ","));
  }

  @Test
  void anUnknownCostIsNoZero() throws Exception {
    JsonNode line =
        lineOf(SampleEvents.completed(SampleCalls.converse().unpriced("no row").build()).build());

    assertThat(line.has("CostUSD")).isFalse();
    assertThat(line.path("UnpricedCalls").intValue()).isEqualTo(1);
  }

  @Test
  void theKnownPartOfAnUnknownCostIsInTheSum() throws Exception {
    JsonNode line =
        lineOf(
            SampleEvents.completed(SampleCalls.converse().build())
                .cost(new Cost.Unknown("no price of images", new BigDecimal("0.25")))
                .build());

    assertThat(line.path("CostUSD").decimalValue()).isEqualByComparingTo("0.25");
    assertThat(line.path("UnpricedCalls").intValue()).isEqualTo(1);
  }

  // --- the audit trail

  @Test
  void aLineSaysWhoCalledWhatAndHowItEnded() throws Exception {
    MeteredCall call =
        SampleCalls.converseStream()
            .id("call-1")
            .requestedModel("sales")
            .model(Workload.PROFILE)
            .tags("costCenter", "sales", "applicationId", "crm", "ticket", "a \"b\"\n\u2028\ud800")
            .amendments(new MeteredCall.Amendment.LoweredOutput("daily", 1_000, 100))
            .build();
    JsonNode line =
        lineOf(
            SampleEvents.completed(call)
                .usage(
                    Usage.builder(Usage.Source.BODY)
                        .count(Meter.INPUT, 3)
                        .count(Meter.OUTPUT, 29)
                        .count(Meter.SEARCH_UNITS, 2)
                        .build())
                .requestId("request-1")
                .build());

    assertThat(line.path("_aws").path("Timestamp").longValue()).isEqualTo(NOW.toEpochMilli());
    assertText(line, "time", "2026-11-23T10:16:00Z");
    assertText(line, "startedAt", "2026-11-23T10:15:30Z");
    assertText(line, "callId", "call-1");
    assertText(line, "requestId", "request-1");
    assertText(line, "operation", "ConverseStream");
    assertText(line, "outcome", "succeeded");
    assertText(line, "requestedModel", "sales");
    assertText(line, "calledModel", Workload.PROFILE);
    assertText(line, "modelMetric", "abcdefghijkl");
    assertText(line, "region", "us-east-1");
    assertText(line, "tier", "standard");
    assertText(line, "charge", "REPORTED");
    assertThat(line.path("tags").path("ticket").textValue()).isEqualTo("a \"b\"\n\u2028\ufffd");
    assertThat(line.path("tags").path("costCenter").textValue()).isEqualTo("sales");
    assertThat(line.path("units").path("searchUnits").intValue()).isEqualTo(2);
    assertThat(line.path("firstChunkMillis").intValue()).isEqualTo(200);
    assertThat(line.path("elapsedMillis").intValue()).isEqualTo(850);
    assertThat(line.path("amendments").path(0).path("kind").textValue()).isEqualTo("LoweredOutput");
    assertText(line, "Model", "sales");
    assertText(line, "ModelId", "abcdefghijkl");
    assertText(line, "CostCenter", "sales");
    assertText(line, "Application", "crm");
    assertText(line, "Environment", "(none)");
    assertThat(line.path("InputTokens").intValue()).isEqualTo(3);
    assertThat(line.path("OutputTokens").intValue()).isEqualTo(29);
  }

  private static void assertText(JsonNode line, String member, String expected) {
    assertThat(line.path(member).textValue()).as(member).isEqualTo(expected);
  }

  @Test
  void aDenialSaysWhichBudgetAndWhy() throws Exception {
    try (CloudWatchMetrics sink = toFile().build();
        Workload workload = new Workload(sink)) {
      workload.call(Workload.CLAUDE, "poor");
      workload.call(Workload.CLAUDE, "poor");
      assertThat(sink.flush(Duration.ofMinutes(5))).isTrue();

      JsonNode line = Lines.of(file).where("outcome", "denied").only();
      assertText(line, "budget", "per-centre");
      assertText(line, "scope", "costCenter=poor");
      assertText(line, "kind", "OVER_LIMIT");
      assertText(line, "requested", "1 request");
      assertText(line, "available", "0 requests");
      assertText(line, "callId", workload.events.denials().get(0).call().id());
      assertThat(line.path("TotalRequests").intValue()).isEqualTo(1);
      assertThat(line.path("RateLimitDenied").intValue()).isEqualTo(1);
      assertThat(line.has("RateLimitApproved")).isFalse();
    }
  }

  @Test
  void aShadowedDenialIsNoRequest() throws Exception {
    try (CloudWatchMetrics sink = toFile().build();
        Workload workload = new Workload(sink)) {
      workload.call(Workload.CLAUDE, "shadow");
      assertThat(sink.flush(Duration.ofMinutes(5))).isTrue();

      Lines lines = Lines.of(file);
      assertThat(lines.all()).hasSize(2);
      assertSum(lines, "TotalRequests", 1);
      assertSum(lines, "RateLimitApproved", 1);
      assertSum(lines, "WouldBeDenied", 1);
      assertThat(lines.where("outcome", "would be denied").only().has("TotalRequests")).isFalse();
    }
  }

  // --- dimensions

  @Test
  void theTagsOfDimensionsCanBeOthers() throws Exception {
    try (CloudWatchMetrics sink =
        toFile()
            .namespace("Team/Bedrock")
            .costCenterTag("team")
            .applicationTag("app")
            .environmentTag("env")
            .build()) {
      sink.onUsage(
          SampleEvents.completed(
                  SampleCalls.converse().tags("team", "search", "app", "crm", "env", "dev").build())
              .build());
    }

    JsonNode line = Lines.of(file).only();
    assertText(line, "CostCenter", "search");
    assertText(line, "Application", "crm");
    assertText(line, "Environment", "dev");
    assertThat(line.path("_aws").path("CloudWatchMetrics").path(0).path("Namespace").textValue())
        .isEqualTo("Team/Bedrock");
  }

  @Test
  void anyTagBecomesAValueThatCloudWatchTakes() throws Exception {
    try (CloudWatchMetrics sink = toFile().build()) {
      for (String value :
          List.of("", " \t ", "é\n", "日本", "中国", "x".repeat(2_000), "é".repeat(2_000), "\u0000")) {
        sink.onUsage(
            SampleEvents.completed(SampleCalls.converse().tags("costCenter", value).build())
                .build());
      }
    }

    assertThat(Lines.of(file).all())
        .extracting(line -> line.path("CostCenter").textValue())
        .containsExactly(
            "(none)",
            "(none)",
            "\\u00e9\\u000a",
            "\\u65e5\\u672c",
            "\\u4e2d\\u56fd",
            "x".repeat(1_024),
            "\\u00e9".repeat(170),
            "\\u0000");
  }

  @Test
  void aLineStaysBelowCloudWatchsLimitWhateverTheTagsAre() throws Exception {
    String[] tags = new String[2 * 500];
    for (int i = 0; i < 500; i++) {
      tags[2 * i] = "n" + i + "\u00e9".repeat(3_000);
      tags[2 * i + 1] = "\ud83d\ude80".repeat(3_000);
    }
    JsonNode line =
        lineOf(SampleEvents.completed(SampleCalls.converse().tags(tags).build()).build());

    assertThat(line.path("tags")).isNotEmpty();
    assertThat(line.path("tagsLeftOut").intValue()).isEqualTo(500 - line.path("tags").size());
  }

  @Test
  void aHundredThousandTagValuesLeaveTheConfiguredNumberOfCombinations() throws Exception {
    int values = 100_000;
    try (CloudWatchMetrics sink =
        toFile().file(file, 1L << 30).mostCombinations(50).queueCapacity(values).build()) {
      long begin = System.nanoTime();
      for (int i = 0; i < values; i++) {
        sink.onUsage(
            SampleEvents.completed(
                    SampleCalls.converse()
                        .model("model-" + i / 100)
                        .tags("costCenter", "centre-" + i, "applicationId", "app-" + i)
                        .build())
                .build());
      }
      assertThat(sink.flush(Duration.ofMinutes(5))).isTrue();
      long nanos = (System.nanoTime() - begin) / values;

      Totals totals = Totals.of(file);
      assertThat(totals.lines()).isEqualTo(values);
      assertThat(totals.combinations())
          .hasSizeLessThanOrEqualTo(50)
          .hasSizeGreaterThan(45)
          .anyMatch(combination -> combination.startsWith("model-0|model-0|(other)|"))
          .contains("(other)|(other)|(other)|(other)|(other)|");
      assertThat(sink.folded()).isGreaterThan(99_900).isLessThan(values);
      assertThat(totals.folded()).isEqualTo(sink.folded());
      assertThat(totals.inputTokens())
          .isEqualTo(values * SampleCalls.converse().build().estimate().inputTokens());
      assertThat(totals.tags()).isEqualTo(2L * values);
      System.out.printf(
          "cloudwatch: %,d tag values in %d combinations, %,d lines folded; %,d ns a line%n",
          values, totals.combinations().size(), sink.folded(), nanos);
    }
  }

  /** Sums over more lines than one would keep in memory; one in a hundred is checked. */
  private record Totals(
      long lines, Set<String> combinations, long folded, long inputTokens, long tags) {
    static Totals of(Path file) throws Exception {
      long lines = 0;
      long folded = 0;
      long inputTokens = 0;
      long tags = 0;
      Set<String> combinations = new TreeSet<>();
      try (BufferedReader reader = Files.newBufferedReader(file)) {
        for (String text = reader.readLine(); text != null; text = reader.readLine()) {
          JsonNode line =
              lines++ % 100 == 0
                  ? EmfSpecification.check(text, Instant.now())
                  : EmfSpecification.parse(text);
          folded += line.path("LinesFolded").intValue();
          inputTokens += line.path("InputTokens").intValue();
          tags += line.path("tags").size();
          StringBuilder combination = new StringBuilder();
          for (JsonNode name :
              line.path("_aws").path("CloudWatchMetrics").path(0).path("Dimensions").path(0)) {
            combination.append(line.path(name.textValue()).textValue()).append('|');
          }
          combinations.add(combination.toString());
        }
      }
      return new Totals(lines, combinations, folded, inputTokens, tags);
    }
  }

  @Test
  void tagsWhoseNamesDifferInTheirTailsAloneAreNotWrittenTwice() throws Exception {
    String name = "n".repeat(1_024);
    JsonNode line =
        lineOf(
            SampleEvents.completed(
                    SampleCalls.converse().tags(name + "1", "a", name + "2", "b").build())
                .build());

    assertThat(line.path("tags").path(name).textValue()).isEqualTo("a");
    assertThat(line.path("tagsLeftOut").intValue()).isEqualTo(1);
  }

  @Test
  void oneCombinationIsEnough() throws Exception {
    try (CloudWatchMetrics sink = toFile().mostCombinations(1).build()) {
      sink.onUsage(sample());
      sink.onUsage(SampleEvents.completed(SampleCalls.converse().model("m").build()).build());
      assertThat(sink.flush(Duration.ofMinutes(5))).isTrue();

      assertThat(Lines.of(file).combinations()).hasSize(1);
      assertThat(sink.folded()).isEqualTo(2);
    }
  }

  // --- settings

  @Test
  void settingsAreChecked() throws Exception {
    CloudWatchMetrics.Builder builder = CloudWatchMetrics.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.file(folder.resolve("absent/emf.log")))
        .withMessageContaining("file must be in a folder that exists");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.file(folder));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.file(file, 1_000))
        .withMessage("mostBytes must be at least 1048576, for example 67108864: 1000");
    for (String namespace : List.of("", " ", ":x", "AWS/Bedrock", "é", "x".repeat(256), "a\nb")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.namespace(namespace))
          .withMessageContaining("for example 'GenAIRateLimiting'");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.applicationTag(" "))
        .withMessageContaining("applicationTag must not be blank");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.costCenterTag(""));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.environmentTag(""));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.mostCombinations(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.queueCapacity(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.closeWithin(Duration.ofSeconds(-1)));
    assertThat(file).doesNotExist();
  }
}
