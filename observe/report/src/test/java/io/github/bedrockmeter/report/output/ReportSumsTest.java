// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.journal.JournalDatabase;
import io.github.bedrockmeter.report.progress.Progress;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/**
 * A meter at work against FakeBedrock writes a journal; whatever a report makes of it adds up to
 * the meter's own events, to the last nano-dollar and below.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportSumsTest {
  private static final Instant NOW = Instant.parse("2026-10-20T12:00:00Z");
  private static final String CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
  private static final String NOVA = "amazon.nova-lite-v1:0";
  private static final String UNPRICED = "example.model-without-a-price-v1:0";
  private static final String CANARY = "canary-7d1f0c";
  private static final String HOSTILE = "=cmd|' /C calc'!A0</script><img onerror=x>";

  @TempDir static Path folder;

  private final List<UsageEvent> events = new CopyOnWriteArrayList<>();
  private FactTables tables = FactTables.open(FactTables.Options.defaults());
  private BigDecimal sum = BigDecimal.ZERO;

  @BeforeAll
  void meterAtWork() throws Exception {
    Path file = folder.resolve("journal");
    try (FakeBedrock bedrock = FakeBedrock.start();
        UsageJournal journal =
            UsageJournal.builder(file).closeWithin(Duration.ofMinutes(2)).build()) {
      BedrockMeter meter =
          BedrockMeter.builder()
              .budget(
                  Budget.named("team-daily")
                      .limit(Amount.usd("0.05"))
                      .window(Window.daily(ZoneOffset.UTC))
                      .per("team")
                      .warnAt(0.5)
                      .unknownPrice(Budget.UnknownPrice.ALLOW)
                      .build())
              .prices(PriceCatalog.bundled())
              .clock(InstantSource.fixed(NOW))
              .listener(journal)
              .listener(
                  new MeterListener() {
                    @Override
                    public void onUsage(UsageEvent event) {
                      events.add(event);
                    }
                  })
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());
      List<String> teams = List.of("search", "support", "", HOSTILE);
      for (int i = 0; i < 24; i++) {
        String model = i % 7 == 6 ? UNPRICED : i % 2 == 0 ? NOVA : CLAUDE;
        Reply reply = Reply.text(CANARY).inputTokens(1_000 + 37L * i).outputTokens(3L + i);
        bedrock
            .on(model)
            .reply(i % 5 == 0 && model.equals(CLAUDE) ? reply.cacheReadTokens(999) : reply);
        call(client, model, teams.get(i % teams.size()));
      }
      meter.close();
    }
    for (UsageEvent event : events) {
      sum = sum.add(event.cost().atLeastUsd());
    }
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:file:" + file.toAbsolutePath());
    database.setUser("sa");
    JournalDatabase.of(database).readInto(tables, null, null, Progress.NONE);
    assertThat(events).hasSizeGreaterThan(15);
    assertThat(sum).isPositive();
  }

  private static void call(BedrockRuntimeClient client, String model, String team) {
    try {
      client.converse(
          request -> {
            request
                .modelId(model)
                .messages(
                    Message.builder()
                        .role(ConversationRole.USER)
                        .content(ContentBlock.fromText(CANARY + " hello"))
                        .build())
                .inferenceConfig(inference -> inference.maxTokens(200));
            if (!team.isEmpty()) {
              request.overrideConfiguration(BedrockMeter.tags("team", team));
            }
          });
    } catch (BudgetExceededException denied) {
      // Denied calls are in the journal too.
    }
  }

  @AfterAll
  void close() {
    tables.close();
  }

  private Report report() {
    return Report.over(tables, byTeamAndModel());
  }

  private static ReportRequest byTeamAndModel() {
    return new ReportRequest(
        List.of(Dimension.of("tag:team"), Dimension.of("model")),
        Period.DAY,
        null,
        null,
        List.of(),
        0,
        ZoneOffset.UTC,
        false);
  }

  @Test
  void theTableAddsUp() {
    StringWriter out = new StringWriter();
    try (Report report = report()) {
      TerminalTable.write(report.table(), 200, new PrintWriter(out, true));
    }

    List<String> lines = out.toString().lines().toList();
    BigDecimal rows = BigDecimal.ZERO;
    for (String line : lines.subList(2, lines.size() - 2)) {
      rows = rows.add(lastDecimal(line));
    }
    assertThat(rows).isEqualByComparingTo(sum);
    assertThat(lastDecimal(lines.get(lines.size() - 1))).isEqualByComparingTo(sum);
    assertThat(out.toString()).doesNotContain(CANARY).contains(Report.NONE);
    say("table");
  }

  private static BigDecimal lastDecimal(String line) {
    Matcher matcher = Pattern.compile("([0-9]+\\.[0-9]+)(?:\\s+[0-9]+)?$").matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return new BigDecimal(matcher.group(1));
  }

  @Test
  void theCsvAddsUp() {
    StringWriter out = new StringWriter();
    try (Report report = report()) {
      TextFormats.csv(report.table(), out);
    }

    List<Map<String, String>> rows = CsvRows.of(out.toString());
    assertThat(total(rows, "at_least_usd")).isEqualByComparingTo(sum);
    assertThat(total(rows, "calls")).isEqualByComparingTo(BigDecimal.valueOf(events.size()));
    assertThat(rows).extracting(row -> row.get("tag:team")).contains("'" + HOSTILE, Report.NONE);
    assertThat(out.toString()).doesNotContain(CANARY);
    say("CSV");
  }

  private static BigDecimal total(List<Map<String, String>> rows, String column) {
    return rows.stream()
        .map(row -> new BigDecimal(row.get(column)))
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  @Test
  void theJsonAddsUp() throws Exception {
    StringWriter out = new StringWriter();
    try (Report report = report()) {
      TextFormats.json(report.table(), out);
    }

    JsonNode json = new ObjectMapper().readTree(out.toString());
    BigDecimal rows = BigDecimal.ZERO;
    for (JsonNode row : json.get("rows")) {
      assertThat(row.get("atLeastUsd").isTextual()).isTrue();
      rows = rows.add(new BigDecimal(row.get("atLeastUsd").asText()));
    }
    assertThat(rows).isEqualByComparingTo(sum);
    assertThat(json.at("/total/atLeastUsd").asText()).isEqualTo(Amounts.exact(sum));
    assertThat(json.at("/total/costUsd").isNull()).as("a call has no price").isTrue();
    assertThat(out.toString()).doesNotContain(CANARY);
    say("JSON");
  }

  @Test
  void eachTableOfThePageAddsUp() {
    StringWriter out = new StringWriter();
    HtmlPage.write(tables, byTeamAndModel(), NOW, out);

    String page = out.toString();
    int figures = 0;
    Matcher figure =
        Pattern.compile("<figure class=\"beside\".*?</figure>", Pattern.DOTALL).matcher(page);
    while (figure.find()) {
      String body =
          figure
              .group()
              .substring(figure.group().indexOf("<tbody>"), figure.group().indexOf("</tbody>"));
      BigDecimal rows = BigDecimal.ZERO;
      Matcher spent =
          Pattern.compile("</th><td class=\"n\"><data value=\"([0-9.]+)\">").matcher(body);
      while (spent.find()) {
        rows = rows.add(new BigDecimal(spent.group(1)));
      }
      assertThat(rows).as(figure.group()).isEqualByComparingTo(sum);
      figures++;
    }
    assertThat(figures).isGreaterThanOrEqualTo(3);
    assertThat(page)
        .contains("id=\"spent\" value=\"" + Amounts.exact(sum) + "\"")
        .doesNotContain(CANARY)
        .doesNotContain("<img");
    say("HTML");
  }

  @Test
  void theParquetFileAddsUp() {
    Path file = folder.resolve("report.parquet");
    try (Report report = report()) {
      report.writeParquet(file);
    }

    try (FactTables reader = FactTables.open(FactTables.Options.defaults().withFiles(file))) {
      Object total =
          reader
              .ask(
                  "SELECT sum(at_least_usd) AS usd, count(*) FILTER (\"tag:team\" IS NULL) AS"
                      + " untagged FROM read_parquet("
                      + FactTables.text(file.toAbsolutePath().toString())
                      + ")")
              .get(0, "usd");
      assertThat((BigDecimal) total).isEqualByComparingTo(sum);
    }
    say("Parquet");
  }

  @Test
  void focusAddsUpAndKeepsToItsSpecification() throws Exception {
    Path file = folder.resolve("focus.csv");
    ReportRequest daily = ReportRequest.ALL.withPeriod(Period.DAY);
    try (Report report = Report.over(tables, daily)) {
      new FocusExport("123456789012", "payer").write(report, file);
    }

    String csv = Files.readString(file);
    List<Map<String, String>> rows = CsvRows.of(csv);
    assertThat(FocusSpecification.broken(rows)).isEmpty();
    for (String cost : List.of("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")) {
      assertThat(total(rows, cost)).as(cost).isEqualByComparingTo(sum);
    }
    List<Map<String, String>> unpriced =
        rows.stream().filter(row -> row.getOrDefault("SkuPriceId", "").isEmpty()).toList();
    assertThat(unpriced).isNotEmpty();
    assertThat(unpriced)
        .allSatisfy(
            row -> {
              assertThat(row.get("x_ConsumedTokens")).isNotEmpty();
              assertThat(row.get("x_UnpricedReason")).isNotEmpty();
            });
    assertThat(rows).extracting(row -> row.get("RegionName")).contains("US East (N. Virginia)");
    assertThat(csv).doesNotContain(CANARY);
    say("FOCUS, " + rows.size() + " rows");
  }

  @Test
  void focusWithoutTheAccountThatIsBilledIsRefused() {
    try (Report report = Report.over(tables, ReportRequest.ALL.withPeriod(Period.DAY))) {
      assertThatThrownBy(() -> new FocusExport(null, null).write(report, folder.resolve("x.csv")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("--billing-account 123456789012");
    }
  }

  private void say(String format) {
    System.out.println(
        format + ": " + events.size() + " events, $" + Amounts.exact(sum) + ", equal");
    assertThat(format.getBytes(StandardCharsets.UTF_8)).isNotEmpty();
  }
}
