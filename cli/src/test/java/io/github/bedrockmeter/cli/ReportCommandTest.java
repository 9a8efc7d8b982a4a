// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports from Bedrock's logs, by the command. Every line of them has a canary in its text. */
class ReportCommandTest {
  private static final String CANARY = "canary-5b1c";
  private static final String LINE =
      """
      {"timestamp":"%s","accountId":"123456789012","identity":{"arn":"arn:aws:iam::123456789012:user/%s"},\
      "region":"us-east-1","requestId":"r-%d","operation":"Converse","modelId":"amazon.nova-lite-v1:0",\
      "input":{"inputContentType":"application/json","inputBodyJson":{"messages":[{"role":"user",\
      "content":[{"text":"%s"}]}]},"inputTokenCount":1000},"output":{"outputContentType":"application/json",\
      "outputBodyJson":{"output":{"message":{"content":[{"text":"%s"}]}},"usage":{"inputTokens":1000,\
      "outputTokens":%d,"totalTokens":%d}},"outputTokenCount":%d},%s"schemaType":"ModelInvocationLog",\
      "schemaVersion":"1.0"}
      """;

  @TempDir Path folder;
  private Path logs;

  @BeforeEach
  void writeLogs() throws IOException {
    logs = Files.createDirectory(folder.resolve("logs"));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      int output = 10 * (i + 1);
      String tags =
          i < 4 ? "\"requestMetadata\":{\"team\":\"" + (i < 2 ? "search" : "support") + "\"}," : "";
      text.append(
          LINE.formatted(
              "2026-10-0" + (i + 1) + "T10:00:00Z",
              i % 2 == 0 ? "anna" : "ben",
              i,
              CANARY,
              CANARY,
              output,
              1000 + output,
              output,
              tags));
    }
    Files.writeString(logs.resolve("20261005T100000000Z_a.json"), text);
  }

  private Ran report(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--logs", logs.toString(), "--quiet"));
    return Ran.command(all);
  }

  @Test
  void aTableByTagHasUntaggedCallsAndFits() {
    List<String> lines = report("report", "--by", "tag:team", "--width", "60").lines(0);

    assertThat(lines).anyMatch(line -> line.startsWith("2026-10") && line.contains("(none)"));
    assertThat(lines).allMatch(line -> line.length() <= 60);
    // 6,000 tokens of input at 0.06 and 210 of output at 0.24 dollars for a million
    assertThat(lines.get(lines.size() - 1)).startsWith("total").contains("0.0004104");
  }

  @Test
  void filterTopPeriodAndZone() {
    assertThat(report("report", "--filter", "tag:team=search", "--format", "csv").lines(0))
        .hasSize(2)
        .element(1)
        .asString()
        .startsWith("2026-10,2,2000,30,");
    assertThat(report("report", "--by", "principal", "--top", "1", "--json").out())
        .contains("\"others\" : 1");
    assertThat(report("daily", "--zone", "Pacific/Kiritimati", "--format", "csv").out())
        .contains("2026-10-02,amazon.nova-lite-v1:0,1,");
    assertThat(
            report("daily", "--from", "2026-10-02", "--to", "2026-10-03", "--format", "csv")
                .lines(0))
        .hasSize(3);
    assertThat(report("monthly").out()).contains("amazon.nova-lite-v1:0");
    assertThat(report("session", "--tag", "team").out()).contains("(none)", "search", "support");
  }

  @Test
  void everyFormatIsWrittenAndNoneHasTheTextOfAPrompt() throws IOException {
    for (String format : List.of("table", "csv", "json", "html", "parquet", "focus")) {
      Path out = folder.resolve("report." + format);

      List<String> arguments =
          new ArrayList<>(List.of("report", "--format", format, "--out", out.toString()));
      if (!format.equals("focus")) {
        arguments.addAll(List.of("--by", "principal,tag:team"));
      }
      Ran ran = report(arguments.toArray(String[]::new));

      assertThat(ran.err()).as(format).isEmpty();
      assertThat(ran.exitCode()).isZero();
      assertThat(out).isNotEmptyFile();
      assertThat(format.equals("parquet") ? texts(out) : Files.readString(out))
          .as(format)
          .isNotBlank()
          .doesNotContain(CANARY);
    }
    assertThat(report("report", "--format", "focus").out())
        .startsWith("BilledCost,")
        .contains("US East (N. Virginia)");
  }

  /** Every value of a Parquet file, whose columns are compressed, as text. */
  private static String texts(Path parquet) {
    FactTables.Options options = FactTables.Options.defaults().withFiles(parquet);
    try (FactTables tables = FactTables.open(options)) {
      Rows rows =
          tables.ask("SELECT * FROM read_parquet(" + FactTables.text(parquet.toString()) + ")");
      assertThat(rows.columns()).contains("period", "principal", "at_least_usd");
      String texts = rows.rows().toString();
      assertThat(texts).contains("2026-10", "arn:aws:iam::123456789012:user/anna");
      return texts;
    }
  }

  @Test
  void theEndingOfTheFileDecides() throws IOException {
    Path out = folder.resolve("october.html");

    report("report", "--out", out.toString()).lines(0);

    assertThat(Files.readString(out)).startsWith("<!doctype html>");
  }

  @Test
  void whatCannotBeMeantIsRefusedWithTheRightForm() {
    refused("did you mean 'tag:team'?", "report", "--by", "tags:team");
    refused("did you mean 'day'?", "report", "--period", "daily");
    refused("did you mean 'csv'?", "report", "--format", "cvs");
    refused("did you mean 'Europe/Berlin'?", "report", "--zone", "Europe/Brelin");
    refused("as tag:team=search", "report", "--filter", "team");
    refused("--from must be a day, as 2026-10-01", "report", "--from", "1.10.2026");
    refused("--from must be before --to", "report", "--from", "2026-11", "--to", "2026-10");
    refused("add --out report.parquet", "report", "--format", "parquet");
    refused("leave --by, --top and --previous out", "report", "--format", "focus", "--top", "3");
    refused("--period day", "report", "--format", "focus", "--period", "month");
    refused("12 digits", "report", "--format", "focus", "--billing-account", "1234");
    refused("is for --format focus", "report", "--billing-account", "123456789012");
  }

  private void refused(String expected, String... arguments) {
    assertThat(report(arguments).error(2)).contains(expected);
  }

  @Test
  void aPageHasAsManyRowsAsTopSays() {
    assertThat(report("report", "--format", "html", "--by", "principal", "--top", "1").out())
        .contains("(others, 1)");
    assertThat(report("report", "--format", "html", "--by", "principal").out())
        .doesNotContain("(others");
  }

  @Test
  void anOptionThatWouldDoNothingIsRefused() {
    for (String option : List.of("--overlay", "--overrides")) {
      List<String> journal = List.of("--journal", "jdbc:h2:" + folder.resolve("none"));
      assertThat(Ran.command(journal, "monthly", option, "terms.json").error(2))
          .contains(option + " belongs to --logs");
      assertThat(Ran.command(journal, "budget-advice", "team", option, "terms.json").error(2))
          .contains(option + " belongs to --logs");
    }
    assertThat(report("budget-advice", "team", "--format", "csv").error(2))
        .contains("--format belongs to --budgets-out FILE");
    assertThat(report("budget-advice", "team", "--out", "x.csv").error(2))
        .contains("--out belongs to --budgets-out FILE");
  }

  @Test
  void aFileThatCannotBeWrittenIsAnErrorThatNamesIt() {
    Path none = folder.resolve("none").resolve("report.csv");
    for (String format : List.of("table", "csv", "json", "html", "parquet", "focus")) {
      assertThat(report("report", "--format", format, "--out", none.toString()).error(1))
          .as(format)
          .contains("cannot write " + none);
    }
    assertThat(report("cache", "--out", none.toString()).error(1)).contains("cannot write " + none);
  }

  @Test
  void aDiskThatIsFullIsAnError() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "NOT CHECKED: a full disk; this system has no /dev/full");
    for (String format : List.of("table", "csv", "json", "html")) {
      assertThat(report("report", "--format", format, "--out", full.toString()).error(1))
          .as(format)
          .contains("cannot write " + full);
    }
    for (String format : List.of("table", "csv", "json")) {
      assertThat(report("cache", "--format", format, "--out", full.toString()).error(1))
          .as(format)
          .contains("cannot write " + full);
    }
  }

  @Test
  void aSourceIsNeeded() {
    assertThat(Ran.command(List.of(), "report").error(2))
        .contains("add --journal jdbc:postgresql:");
    assertThat(Ran.command(List.of("--journal", "redis://localhost"), "report").error(2))
        .contains("--journal must begin with jdbc:postgresql: or jdbc:h2:");
    assertThat(
            Ran.command(
                    List.of("--journal", "jdbc:h2:" + folder.resolve("none"), "--quiet"), "report")
                .error(1))
        .contains("the journal at jdbc:h2:", "cannot be opened: the database was not found");
    assertThat(Ran.command(List.of("--logs", folder.resolve("no").toString()), "report").error(1))
        .contains("no");
  }
}
