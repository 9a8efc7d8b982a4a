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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
    refused("--from must not be after --to", "report", "--from", "2026-11", "--to", "2026-10");
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

  /** A line for each option that would do nothing: the refusal, and what is asked with --logs. */
  static Stream<Arguments> optionsThatWouldDoNothing() {
    List<Arguments> all = new ArrayList<>();
    for (String format : List.of("csv", "json", "html", "parquet", "focus")) {
      all.add(
          ignored(
              "--width belongs to --format table, not " + format,
              "report",
              "--format " + format + " --out x --width 80"));
    }
    all.add(
        ignored("--width belongs to --format table, not csv", "report", "--out x.csv --width 80"));
    all.add(ignored("--json and --format are two formats", "report", "--json --format csv"));
    for (String name : List.of("report", "daily", "monthly", "session")) {
      all.add(
          ignored(
              "--billing-account is for --format focus", name, "--billing-account 123456789012"));
      all.add(
          ignored(
              "add --billing-account 123456789012",
              name,
              "--format focus --period day --billing-account-name X"));
      all.add(ignored("--top must be at least 1", name, "--top 0"));
      all.add(ignored("--from must not be after --to", name, "--from 2026-10-02 --to 2026-10-01"));
      all.add(ignored("--from must be a day", name, "--from 2026-02-30"));
    }
    all.removeIf(
        line ->
            !line.get()[1].equals("report") && String.valueOf(line.get()[2]).contains("--period"));
    for (String name :
        List.of(
            "report",
            "daily",
            "monthly",
            "session",
            "what-if",
            "cache",
            "budget-advice team",
            "export --out none")) {
      all.add(ignored("--table-prefix belongs to --journal", name, "--table-prefix x_"));
      for (String option :
          List.of(
              "--ledger redis://localhost",
              "--prefix x",
              "--endpoint http://localhost",
              "--timeout PT1S",
              "--abandon-after PT1H")) {
        all.add(
            ignored(firstWord(option) + " belongs to commands that ask a ledger", name, option));
      }
    }
    for (String name : List.of("what-if", "cache", "budget-advice team", "export --out none")) {
      all.add(
          ignored(
              "--from must not be after --to: 2026-10-02, 2026-10-01",
              name,
              "--from 2026-10-02 --to 2026-10-01"));
      all.add(ignored("is not a day or a month, as 2026-10-01", name, "--from 2026-02-30"));
    }
    for (String option : List.of("--format csv", "--out x.csv")) {
      all.add(ignored("belongs to --budgets-out FILE", "budget-advice team", option));
    }
    for (String option :
        List.of(
            "--format csv",
            "--out x",
            "--terms-out x",
            "--net",
            "--all",
            "--name A=b",
            "--account 1")) {
      all.add(
          ignored(
              firstWord(option) + " belongs to --bill FILE",
              "reconcile",
              "--journal jdbc:h2:./none " + option));
    }
    for (String option :
        List.of(
            "--yes", "--by me", "--reason why", "--ledger redis://localhost", "--timeout PT1S")) {
      all.add(ignored("add ", "reconcile", "--journal jdbc:h2:./none " + option));
    }
    for (String option :
        List.of("--settle", "--yes", "--by me", "--reason why", "--differences x", "--top 3")) {
      all.add(
          ignored(
              firstWord(option) + " belongs to a comparison of --logs with --journal",
              "reconcile",
              "--bill none.csv " + option));
    }
    all.add(
        ignored(
            "--ledger belongs to commands that ask a ledger",
            "reconcile",
            "--bill none.csv --ledger redis://localhost"));
    all.add(ignored("--top must be positive", "reconcile", "--journal jdbc:h2:./none --top 0"));
    all.add(
        ignored(
            "--from must not be after --to",
            "reconcile",
            "--journal jdbc:h2:./none --from 2026-10-02 --to 2026-10-01"));
    all.add(ignored("this command changes a journal", "reprice", "--reason why"));
    return all.stream();
  }

  private static String firstWord(String text) {
    return text.substring(0, (text + ' ').indexOf(' '));
  }

  private static Arguments ignored(String refusal, String command, String options) {
    return Arguments.of(refusal, command, options);
  }

  @ParameterizedTest
  @MethodSource("optionsThatWouldDoNothing")
  void noOptionIsIgnored(String refusal, String command, String options) {
    String[] arguments = (command + " " + options).split(" ");

    assertThat(report(arguments).error(2)).contains(refusal);
  }

  @Test
  void aLedgerBeforeTheCommandIsRefusedToo() {
    assertThat(report("--ledger", "redis://localhost", "daily").error(2))
        .contains("--ledger belongs to commands that ask a ledger");
  }

  @Test
  void aTagOrValueThatNoCallHasIsMentionedWithTheNearestOne() {
    assertThat(report("report", "--by", "tag:taem").err())
        .isEqualToIgnoringNewLines("no call has a tag 'taem' (did you mean 'team'?)");
    assertThat(report("report", "--filter", "tag:team=serch").err())
        .isEqualToIgnoringNewLines("no call has tag:team=serch (did you mean 'search'?)");
    assertThat(report("report", "--filter", "model=amazon.nova-light-v1:0").err())
        .isEqualToIgnoringNewLines(
            "no call has model=amazon.nova-light-v1:0 (did you mean 'amazon.nova-lite-v1:0'?)");
    assertThat(report("session").err()).contains("no call has a tag 'session'");
    assertThat(report("what-if", "--by", "tag:taem").err()).contains("did you mean 'team'?");
    assertThat(report("cache", "--by", "tag:taem").err()).contains("did you mean 'team'?");
    assertThat(report("budget-advice", "taem", "--from", "2026-10", "--to", "2026-10").err())
        .contains("did you mean 'team'?");
    assertThat(report("report", "--by", "tag:team", "--filter", "tag:team=(none)").err()).isEmpty();
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
