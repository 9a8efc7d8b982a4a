// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Arguments of the commands over calls that cannot be meant: refused before anything is read. */
class CallsArgumentsTest {
  /** Reading it would be an error of its own, with exit code 1. */
  private static final List<String> NO_JOURNAL = List.of("--journal", "jdbc:h2:/not/there");

  @TempDir Path folder;
  private Path logs;

  @BeforeEach
  void writeLogs() throws IOException {
    logs = Files.createDirectory(folder.resolve("logs"));
    Files.writeString(
        logs.resolve("a.json"),
        """
        {"timestamp":"2026-10-05T10:00:00Z","accountId":"123456789012","region":"us-east-1",\
        "requestId":"r-1","operation":"Converse","modelId":"amazon.nova-lite-v1:0",\
        "requestMetadata":{"team":"日本語"},"input":{"inputTokenCount":1000},\
        "output":{"outputTokenCount":10},"schemaType":"ModelInvocationLog"}
        """);
  }

  @Test
  void whatCallsCannotBeGroupedByIsRefused() {
    assertRefused(
        "--by: nothing is grouped by 'modle' (did you mean 'model'?); known are account",
        journal("what-if", "--by", "modle"));
    assertRefused("--by: nothing is grouped by 'team'", journal("cache", "--by", "team"));
  }

  @Test
  void aTierThatNoPriceHasIsRefused() {
    assertRefused(
        "--tier: tier 'flexi' is not one this catalogue knows (did you mean 'flex'?)",
        journal("what-if", "--tier", "flexi"));
  }

  @Test
  void whatIsNoDayOrNumberIsRefusedInPlainWords() {
    assertRefused(
        "Invalid value for option '--at': '2026-13-01' is not a day, such as 2026-10-01",
        journal("what-if", "--at", "2026-13-01"));
    assertRefused(
        "'abc' is not a number, such as 20 or 99.5",
        journal("budget-advice", "team", "--percentile", "abc"));
    assertRefused(
        "--percentile must be above 0 and at most 100: 0",
        journal("budget-advice", "team", "--percentile", "0"));
    assertRefused(
        "--headroom must not be negative: -5",
        journal("budget-advice", "team", "--headroom", "-5"));
    assertRefused(
        "'abc' is not a whole number, such as 100",
        journal("reconcile", "--logs", logs.toString(), "--top", "abc"));
  }

  @Test
  void anOptionThatIsMisspeltAfterFoldersOfLogsIsNoFolder() {
    assertRefused(
        "Unknown option: '--foramt'; a folder of this name is given as ./--foramt",
        Ran.command(List.of(), "report", "--logs", logs.toString(), "--foramt", "csv"));
    assertRefused(
        "Unknown option: '--tolerence'",
        journal("reconcile", "--logs", logs.toString(), "--tolerence=5usd"));
  }

  @Test
  void settlingWithoutALedgerIsRefusedBeforeLogsAreRead() {
    Ran ran = journal("reconcile", "--logs", logs.toString(), "--settle");

    assertRefused("--ledger is missing", ran);
  }

  @Test
  void daysInReverseAreRefusedAsTheyWereGiven() {
    assertRefused(
        "--from must not be after --to: 2026-11, 2026-10",
        journal("report", "--from", "2026-11", "--to", "2026-10"));
  }

  @Test
  void aFileOfAFormatThatNoReportHasIsRefused() {
    assertRefused(
        "no report is written as .xlsx: name a .csv, .html or .json, or add --format",
        journal("report", "--out", "october.xlsx"));
  }

  @Test
  void anAccountOfABillHasTwelveDigits() throws IOException {
    Path bill = Files.writeString(folder.resolve("cur.csv"), "a\n");

    assertRefused(
        "--account must be 12 digits, as 123456789012: 123",
        journal("reconcile", "--bill", bill.toString(), "--account", "123"));
  }

  @Test
  @Timeout(120)
  void whatIsPipedHasLettersOfEveryLanguageWhateverTheLocale() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-Dfile.encoding=US-ASCII", "-cp", System.getProperty("java.class.path")));
    command.add(BedrockMeterCommand.class.getName());
    command.addAll(
        List.of("report", "--logs", logs.toString(), "--by", "tag:team", "--format", "csv"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(out).contains("2026-10,日本語,1,1000,10,");
  }

  private static Ran journal(String... arguments) {
    return Ran.command(NO_JOURNAL, arguments);
  }

  private static void assertRefused(String message, Ran ran) {
    assertThat(ran.error(2)).contains("bedrock-meter: ").contains(message);
  }
}
