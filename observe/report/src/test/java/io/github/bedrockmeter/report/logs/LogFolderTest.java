// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.facts.Skipped;
import io.github.bedrockmeter.report.progress.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFolderTest {
  private static final String HOUR =
      "prefix/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/11/28/07/";
  private static final String CANARY = "the canary sings in the prompt";

  @TempDir Path folder;

  @Test
  void manyAccountsAndRegionsAreOneTable() throws Exception {
    gzip(HOUR + "20261128T074319996Z_4dbc03d57ffa1c7d.json.gz", line("r-1") + line("r-2"));
    gzip(
        HOUR.replace("us-east-1", "eu-west-1").replace("1234", "9934")
            + "20261128T074319996Z_4dbc03d57ffa1c70.json.gz",
        line("r-3").replace("us-east-1", "eu-west-1").replace("123456789012", "993456789012"));
    gzip(HOUR + "data/r-1_input.json.gz", "{\"messages\": [\"" + CANARY + "\"]}");
    gzip(HOUR + "data/r-1_output.json.gz", "[{\"type\": \"message_start\"}]");
    Files.createFile(folder.resolve(HOUR + "amazon-bedrock-logs-permission-check"));
    plain("notes.pdf", "no log");

    Map<String, Long> skipped = new TreeMap<>();
    try (FactTables tables = read()) {
      Rows calls =
          tables.ask("SELECT account, region, count(*) AS n FROM calls GROUP BY ALL ORDER BY n");
      assertThat(calls.rows())
          .containsExactly(
              List.of("993456789012", "eu-west-1", 1L), List.of("123456789012", "us-east-1", 2L));
      tables
          .ask("SELECT reason, count(*) FROM skipped GROUP BY ALL")
          .rows()
          .forEach(row -> skipped.put((String) row.get(0), (Long) row.get(1)));
    }
    assertThat(skipped)
        .containsExactly(
            Map.entry("large body", 2L),
            Map.entry("not a log file", 1L),
            Map.entry("permission check", 1L));
  }

  @Test
  void aCallIsPricedFromItsCountsAlone() throws Exception {
    plain("a.jsonl", line("r-1"));

    try (FactTables tables = read()) {
      Rows call =
          tables.ask(
              "SELECT c.*, t.value AS team FROM calls c LEFT JOIN tags t ON t.call = c.call AND t.name = 'team'");
      assertThat(call.get(0, "cost_usd"))
          .hasToString("0.000210000000000000"); // 1000 x 0.06 + 625 x 0.24 by million
      assertThat(call.get(0, "call_id")).isEqualTo("c-9");
      assertThat(call.get(0, "team")).isEqualTo("search");
      assertThat(call.get(0, "elapsed_nanos")).isEqualTo(454_000_000L);
      assertThat(tables.ask("SELECT count(*) AS n FROM tags").get(0, "n")).isEqualTo(1L);
      assertThat(
              tables
                  .ask("SELECT sum(usd) = (SELECT sum(cost_usd) FROM calls) AS same FROM charges")
                  .get(0, "same"))
          .isEqualTo(true);
    }
  }

  @Test
  void anExportOfCloudWatchHasATimeBeforeEachRecord() throws Exception {
    gzip(
        "exportedlogs/task/aws-bedrock-modelinvocations/000000.gz",
        "2026-11-28T07:43:19.996Z "
            + line("r-1")
            + "2026-11-28T07:43:20.000Z Permissions are correctly set for Amazon Bedrock logs.\n"
            + "2026-11-28T07:43:21.000Z "
            + line("r-2"));
    plain("exportedlogs/aws-logs-write-test", "x");

    try (FactTables tables = read()) {
      assertThat(tables.ask("SELECT count(*) AS n FROM calls").get(0, "n")).isEqualTo(2L);
      assertThat(tables.ask("SELECT reason, line FROM skipped ORDER BY reason").rows())
          .containsExactly(
              Arrays.asList("permission check", null), List.of("permissions notice", 2L));
    }
  }

  @Test
  void whatIsCutOffIsCountedAndTheRestIsRead() throws Exception {
    String torn = line("r-2").substring(0, 300);
    plain("torn.json", line("r-1") + torn);
    plain("inside.json", torn + "\n" + line("r-3"));
    byte[] whole = gzipped(line("r-4") + line("r-5").repeat(1_000));
    Files.write(folder.resolve("cut.json.gz"), Arrays.copyOf(whole, whole.length / 2));

    try (FactTables tables = read()) {
      assertThat(
              tables
                  .ask(
                      "SELECT reason, count(*) FROM skipped WHERE file <> 'cut.json.gz' GROUP BY ALL")
                  .rows())
          .containsExactly(List.of("torn line", 2L));
      assertThat(
              tables
                  .ask("SELECT count(*) AS n FROM skipped WHERE reason = 'damaged file'")
                  .get(0, "n"))
          .isEqualTo(1L);
      assertThat(tables.ask("SELECT count(DISTINCT request_id) AS n FROM calls").get(0, "n"))
          .isEqualTo(4L);
      assertThat(tables.ask("SELECT count(*) AS n FROM counted_calls").get(0, "n")).isEqualTo(4L);
    }
  }

  @Test
  void noTextOfAPromptIsInAnyTable() throws Exception {
    plain(
        "a.json",
        line("r-1")
            + line("r-2").substring(0, 500)
            + "\n{\"message\": \""
            + CANARY
            + "\"}\n"
            + CANARY
            + "\n");

    try (FactTables tables = read()) {
      for (String table : List.of("calls", "charges", "tags", "budget_events", "skipped")) {
        assertThat(tables.ask("SELECT * FROM " + table).toString()).doesNotContain("canary");
      }
      assertThat(tables.ask("SELECT count(*) AS n FROM skipped").get(0, "n")).isEqualTo(3L);
    }
  }

  private static LogLines sent(LogLines lines) throws Exception {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(sent)) {
      out.writeObject(lines);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(sent.toByteArray()))) {
      return (LogLines) in.readObject();
    }
  }

  @Test
  void theReaderCanBeSentToAnotherMachineWithPricesOfOnesOwn() throws Exception {
    String own =
        """
        {"schema": 1, "currency": "USD", "version": "own", "asOf": "2026-11-01", "rates": [
          {"model": "amazon.nova-lite-v1:0", "scopes": ["in_region"], "regions": ["us-east-1"],
           "unit": "1M tokens", "usd": {"input": "1", "output": "2"}}]}""";

    LogLines there = sent(LogLines.pricedBy(PriceSource.overlaid("own.json", own)));

    // 1,000 tokens of input at 1 and 625 of output at 2 dollars for a million
    assertThat(there.read("f", 1, line("r-1")).calls().get(0).money().costUsd())
        .isEqualByComparingTo("0.00225");
  }

  @Test
  void whatASinkThrowsIsThrownAndNoDamagedLine() {
    LogFile file =
        LogFile.of(
            "a.json",
            new ByteArrayInputStream(line("r-1").getBytes(StandardCharsets.UTF_8)),
            LogLines.pricedBy(PriceSource.catalog()),
            Progress.NONE);
    FactSink full =
        new FactSink() {
          @Override
          public void call(CallFacts facts) {
            throw new IllegalStateException("full");
          }

          @Override
          public void skipped(Skipped skipped) {
            throw new AssertionError(skipped);
          }
        };

    assertThatThrownBy(() -> file.next(full))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("full");
  }

  @Test
  void theReaderCanBeSentToAnotherMachine() throws Exception {
    LogLines there = sent(LogLines.pricedBy(PriceSource.catalog()));

    LogLines here = LogLines.pricedBy(PriceSource.catalog());
    assertThat(there.read("f", 1, line("r-1"))).isEqualTo(here.read("f", 1, line("r-1")));
    assertThat(there.read("f", 1, line("r-1")).calls()).hasSize(1);
  }

  @Test
  void aDiscountWithMoreDecimalsThanTheTablesIsAnErrorAndNoTornLine() throws Exception {
    plain("a.json", line("r-1") + line("r-2"));
    assertRefused(
        "call r-1: rate 0.05263199999999999999999999994 has more than 18 decimals (input, by the"
            + " discounted price of '");

    plain("a.json", "[" + line("r-1").strip() + "]\n");
    assertRefused("call r-1: ");
    plain("a.json", "{\n\"logEvents\": [{\"message\": " + line("r-1").strip() + "}]}\n");
    assertRefused("call r-1: ");
  }

  private void assertRefused(String message) {
    PriceSource discounted =
        () ->
            PriceCatalog.builder()
                .discount("amazon", new BigDecimal("0.1228"))
                .discount("amazon.nova-lite-v1:0", new BigDecimal("0.122800000000000000000000001"))
                .build();
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      assertThatThrownBy(
              () ->
                  LogFolder.of(List.of(folder))
                      .readInto(tables, LogLines.pricedBy(discounted), Progress.NONE))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageStartingWith(message)
          .hasMessageContaining("discount");
    }
  }

  @Test
  void pricesThatCannotBeReadAreAnErrorAndNoTornLine() throws Exception {
    plain("a.json", line("r-1"));
    PriceSource broken =
        () -> {
          throw new IllegalStateException("no prices");
        };
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      assertThatThrownBy(
              () ->
                  LogFolder.of(List.of(folder))
                      .readInto(tables, LogLines.pricedBy(broken), Progress.NONE))
          .hasMessage("no prices");
    }
  }

  @Test
  void aSymbolicLinkIsFollowed() throws Exception {
    plain("real/2026/a.json", line("r-1"));
    Path roots = Files.createDirectories(folder.resolve("roots"));
    Path link = Files.createSymbolicLink(roots.resolve("link"), folder.resolve("real"));

    for (Path root : List.of(link, roots)) {
      try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
        int files =
            LogFolder.of(List.of(root))
                .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE);
        assertThat(files).isEqualTo(1);
        assertThat(tables.ask("SELECT request_id FROM calls").rows())
            .containsExactly(List.of("r-1"));
      }
    }
  }

  @Test
  void aFolderThatHasNoLogFileIsAnError() throws Exception {
    plain("notes.pdf", "no log");
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      assertThatThrownBy(
              () ->
                  LogFolder.of(List.of(folder))
                      .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no log file in " + folder + ": their names end in .gz, ");
    }
  }

  @Test
  void aGzipFileThatIsCutInItsHeaderIsADamagedFile() throws Exception {
    Files.write(folder.resolve("cut.json.gz"), Arrays.copyOf(gzipped(line("r-1")), 5));
    plain("whole.json", line("r-2"));

    try (FactTables tables = read()) {
      assertThat(tables.ask("SELECT file, reason FROM skipped").rows())
          .containsExactly(List.of("cut.json.gz", "damaged file"));
      assertThat(tables.ask("SELECT request_id FROM calls").rows()).containsExactly(List.of("r-2"));
    }
  }

  @Test
  void aFolderThatDoesNotExistIsAnError() {
    assertThatThrownBy(() -> LogFolder.of(List.of(folder.resolve("none"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none");
  }

  private FactTables read() {
    FactTables tables = FactTables.open(FactTables.Options.defaults());
    LogFolder.of(List.of(folder))
        .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE);
    return tables;
  }

  private static String line(String requestId) {
    return """
        {"timestamp":"2026-11-28T07:43:10Z","accountId":"123456789012","identity":{"arn":"arn:aws:iam::123456789012:user/a"},\
        "region":"us-east-1","requestId":"%s","operation":"Converse","modelId":"amazon.nova-lite-v1:0",\
        "requestMetadata":{"team":"search","bedrockMeterCall":"c-9"},\
        "input":{"inputBodyJson":{"messages":[{"role":"user","content":[{"text":"%s"}]}]},"inputTokenCount":1000},\
        "output":{"outputBodyJson":{"output":{"message":{"content":[{"text":"%s"}]}},"stopReason":"end_turn",\
        "metrics":{"latencyMs":454},"usage":{"inputTokens":1000,"outputTokens":625,"totalTokens":1625}},"outputTokenCount":625},\
        "schemaType":"ModelInvocationLog","schemaVersion":"1.0"}
        """
        .formatted(requestId, CANARY, CANARY);
  }

  private void plain(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.writeString(folder.resolve(name), text);
  }

  private void gzip(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.write(folder.resolve(name), gzipped(text));
  }

  private static byte[] gzipped(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
