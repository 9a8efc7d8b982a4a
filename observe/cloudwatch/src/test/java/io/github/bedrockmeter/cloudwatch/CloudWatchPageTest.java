// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall.Amendment.LoweredOutput;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import io.github.bedrockmeter.usage.Meter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page, its queries and the dashboard name is what lines have, and nothing else. */
class CloudWatchPageTest {
  private static final Path ROOT =
      Path.of(System.getProperty("basedir", ".")).resolve("../..").normalize();
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| (Count|None) \\| .+ \\|");
  private static final Pattern SEARCH =
      Pattern.compile(
          "SUM\\(SEARCH\\('\\{(\\w+),([\\w,]+)} MetricName=\"(\\w+)\"', 'Sum', \\d+\\)\\)");
  private static final Pattern INSIGHT =
      Pattern.compile(
          "SELECT SUM\\((\\w+)\\) FROM SCHEMA\\((\\w+), ([\\w, ]+)\\)"
              + " GROUP BY ([\\w, ]+) ORDER BY SUM\\(\\) DESC LIMIT \\d+");

  @TempDir static Path folder;
  private static Lines lines;
  private static List<String> page;
  private static JsonNode dashboard;

  /** Lines with every metric and property there is. */
  @BeforeAll
  static void write() throws Exception {
    Path file = folder.resolve("emf.log");
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file).build();
        Workload workload = new Workload(sink)) {
      workload.run();
      sink.onUsage(
          SampleEvents.completed(
                  SampleCalls.converseStream()
                      .count(Meter.SEARCH_UNITS, 1)
                      .amendments(new LoweredOutput("daily", 2, 1))
                      .build())
              .answeredBy("claude")
              .build());
      sink.onUsage(SampleEvents.completed(SampleCalls.converse().tags(longTags()).build()).build());
      sink.onDenied(
          new DenialEvent(
              SampleCalls.converse().build(),
              new Denied(
                  DenialKind.OVER_LIMIT,
                  "daily",
                  "",
                  Amount.usd("2"),
                  Amount.usd("1"),
                  Duration.ofMillis(1_500),
                  null,
                  null),
              true));
      Awaitility.await().atMost(LONG).until(() -> sink.flush(LONG) && isComplete(workload));
      assertThat(sink.flush(LONG)).isTrue();
    }
    String folded;
    Path other = folder.resolve("other.log");
    try (CloudWatchMetrics sink =
        CloudWatchMetrics.builder().file(other).mostCombinations(1).build()) {
      sink.onUsage(SampleEvents.completed(SampleCalls.converse().build()).build());
      assertThat(sink.flush(LONG)).isTrue();
      folded = Files.readString(other);
    }
    lines = Lines.of(Files.readString(file) + folded + dropped());
    page = Files.readAllLines(ROOT.resolve("docs/cloudwatch.md"));
    dashboard =
        EmfSpecification.parse(
            Files.readString(ROOT.resolve("observe/cloudwatch/dashboard/bedrock-meter.json")));
  }

  private static boolean isComplete(Workload workload) {
    return workload.events.usages().size() == workload.events.reserved().size();
  }

  private static String[] longTags() {
    List<String> tags = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      tags.addAll(List.of("tag" + i, "x".repeat(1_000)));
    }
    return tags.toArray(String[]::new);
  }

  /** What is written by a sink whose target was stuck. */
  private static String dropped() throws Exception {
    Fifo fifo = Fifo.at(folder.resolve("emf.pipe"));
    CompletableFuture<String> read;
    try (CloudWatchMetrics sink =
        CloudWatchMetrics.builder().file(fifo.path()).queueCapacity(1).build()) {
      for (int i = 0; i < 10; i++) {
        sink.onUsage(SampleEvents.completed(SampleCalls.converse().build()).build());
      }
      read = fifo.read();
      assertThat(sink.flush(LONG)).isTrue();
    }
    return read.get(60, TimeUnit.SECONDS);
  }

  // --- the page

  @Test
  void thePageListsEveryMetricWithItsUnit() {
    Map<String, String> listed = new TreeMap<>();
    for (String line : page) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        listed.put(row.group(1), row.group(2));
      }
    }

    assertThat(listed).isEqualTo(new TreeMap<>(lines.units())).hasSize(Metric.values().length);
    System.out.printf("cloudwatch: %d metrics on the page and in lines%n", listed.size());
  }

  @Test
  void theArticlesMetricsHaveTheArticlesDimensions() {
    assertThat(lines.dimensions())
        .allSatisfy(
            (metric, dimensions) -> {
              if (metric.equals("LinesDropped")) {
                assertThat(dimensions).isEmpty();
              } else {
                assertThat(dimensions)
                    .containsExactlyInAnyOrder(
                        "Model", "ModelId", "CostCenter", "Application", "Environment");
              }
            })
        .containsKeys(
            "TotalRequests",
            "RateLimitApproved",
            "RateLimitDenied",
            "InvocationFailed",
            "InputTokens",
            "OutputTokens");
  }

  @Test
  void thePageListsEveryPropertyAndDimension() {
    Set<String> listed =
        page.stream()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.split("\\|", 3)[1])
            .flatMap(cell -> Pattern.compile("`(\\w+)`").matcher(cell).results())
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> written =
        lines.fields().stream()
            .filter(field -> !field.contains(".") && !field.equals("_aws"))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(listed).isEqualTo(written);
  }

  @Test
  void threeQueriesNameFieldsThatLinesHave() {
    List<String> queries = new ArrayList<>();
    Matcher blocks =
        Pattern.compile("(?s)```\n((?:fields|filter) .*?)```").matcher(String.join("\n", page));
    while (blocks.find()) {
      queries.add(blocks.group(1));
    }

    assertThat(queries).hasSize(3);
    queries.forEach(query -> checkQuery(query));
  }

  /** Words that are fields: what is left when commands, functions, aliases and texts are gone. */
  private static void checkQuery(String query) {
    Set<String> aliases =
        Pattern.compile(" as (\\w+)")
            .matcher(query)
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    Set<String> words =
        new HashSet<>(
            Set.of("fields", "filter", "sort", "limit", "stats", "by", "as", "desc", "count"));
    words.addAll(Set.of("sum", "latest", "ispresent"));
    Set<String> fields =
        Pattern.compile("[@\\w.]+")
            .matcher(query.replaceAll("\"[^\"]*\"", ""))
            .results()
            .map(MatchResult::group)
            .filter(word -> !words.contains(word) && !aliases.contains(word))
            .filter(word -> !word.matches("\\d+|@timestamp"))
            .collect(Collectors.toSet());

    assertThat(fields).isNotEmpty().isSubsetOf(lines.fields());
    Pattern.compile("outcome = \"([^\"]*)\"")
        .matcher(query)
        .results()
        .forEach(found -> assertThat(lines.where("outcome", found.group(1)).all()).isNotEmpty());
  }

  // --- the dashboard

  @Test
  void everyMetricOfTheDashboardIsOneThatWeWriteWithTheseDimensions() {
    Map<String, Set<String>> shown = new TreeMap<>();
    int expressions = 0;
    for (JsonNode widget : dashboard.path("widgets")) {
      JsonNode properties = widget.path("properties");
      if (widget.path("type").textValue().equals("metric")) {
        Set<String> ids = new HashSet<>();
        properties.path("metrics").forEach(m -> ids.add(m.path(m.size() - 1).path("id").asText()));
        assertThat(ids)
            .as("ids of %s", properties.path("title"))
            .hasSameSizeAs(properties.path("metrics"));
        for (JsonNode metric : properties.path("metrics")) {
          check(metric, ids, shown);
          expressions++;
        }
      } else if (widget.path("type").textValue().equals("log")) {
        checkQuery(properties.path("query").textValue().replaceFirst("SOURCE '[^']+' \\| ", ""));
      }
    }

    assertThat(shown).isEqualTo(new TreeMap<>(lines.dimensions()));
    System.out.printf(
        "cloudwatch: %d expressions of the dashboard, %d metrics%n", expressions, shown.size());
  }

  private static void check(JsonNode metric, Set<String> ids, Map<String, Set<String>> shown) {
    if (metric.path(0).isTextual()) {
      assertThat(metric.path(0).textValue()).isEqualTo("GenAIRateLimiting");
      assertThat(metric).hasSize(3);
      shown.put(metric.path(1).textValue(), Set.of());
      return;
    }
    String expression = metric.path(0).path("expression").textValue();
    Matcher search = SEARCH.matcher(expression);
    Matcher insight = INSIGHT.matcher(expression);
    if (search.matches()) {
      assertThat(search.group(1)).isEqualTo("GenAIRateLimiting");
      shown.put(search.group(3), names(search.group(2)));
    } else if (insight.matches()) {
      assertThat(insight.group(2)).isEqualTo("GenAIRateLimiting");
      shown.put(insight.group(1), names(insight.group(3)));
      assertThat(names(insight.group(4))).isSubsetOf(names(insight.group(3)));
    } else {
      Set<String> used =
          Pattern.compile("[a-z]\\w*")
              .matcher(expression)
              .results()
              .map(MatchResult::group)
              .collect(Collectors.toSet());
      assertThat(used).as(expression).isNotEmpty().isSubsetOf(ids);
    }
  }

  private static Set<String> names(String list) {
    return Arrays.stream(list.split(", ?")).collect(Collectors.toCollection(TreeSet::new));
  }

  /** The rules of AWS's "Dashboard body structure and syntax" that a mistake would break. */
  @Test
  void theDashboardIsOneThatCloudWatchTakes() {
    boolean[][] taken = new boolean[200][24];
    assertThat(dashboard.path("widgets").size()).isBetween(1, 500);
    for (JsonNode widget : dashboard.path("widgets")) {
      JsonNode properties = widget.path("properties");
      String title = properties.path("title").asText();
      switch (widget.path("type").textValue()) {
        case "metric" -> {
          assertThat(properties.path("region").textValue()).as(title).isNotBlank();
          assertThat(properties.path("metrics")).as(title).isNotEmpty();
          assertThat(properties.path("view").textValue()).isIn("timeSeries", "singleValue");
          assertThat(properties.path("period").intValue() % 60).isZero();
          // One Metrics Insights query for each widget.
          assertThat(properties.path("metrics").toString().split("SELECT ", -1))
              .as(title)
              .hasSizeLessThanOrEqualTo(2);
        }
        case "log" -> assertThat(properties.path("query").textValue()).startsWith("SOURCE '");
        case "text" -> assertThat(properties.path("markdown").textValue()).isNotBlank();
        default -> throw new AssertionError("a widget of an unknown type: " + widget);
      }
      for (int y = 0; y < widget.path("height").intValue(); y++) {
        for (int x = 0; x < widget.path("width").intValue(); x++) {
          boolean[] row = taken[widget.path("y").intValue() + y];
          int column = widget.path("x").intValue() + x;
          assertThat(column).as(title).isLessThan(24);
          assertThat(row[column]).as("%s lies over another", title).isFalse();
          row[column] = true;
        }
      }
    }
  }
}
