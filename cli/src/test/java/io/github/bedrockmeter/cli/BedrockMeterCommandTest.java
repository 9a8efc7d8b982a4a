// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.dynamodb.DynamoDbLedger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BedrockMeterCommandTest {
  @TempDir private Path folder;

  private static Ran run(String... arguments) {
    return Ran.command(List.of(), arguments);
  }

  @Test
  void helpHasExamples() {
    assertThat(run("--help").lines(0))
        .contains("Examples:", "  bedrock-meter show tenant-daily tenant=acme");
    assertThat(run("adjust", "--help").lines(0)).anyMatch(line -> line.contains("--reason"));
  }

  @Test
  void anUnknownLedgerUrlIsMisuse() {
    assertThat(run("accounts", "--ledger", "mysql://me:secret@host/db?x=y").error(2))
        .startsWith(
            "bedrock-meter: --ledger has an unknown URL: 'mysql://...@host/db'; it must begin with")
        .endsWith("Try 'bedrock-meter --help'.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"se cret", "se%cret", "se/cr et", "se?cr et", "se@cr et"})
  void aMalformedUrlIsPrintedWithoutItsPassword(String password) {
    assertThat(run("accounts", "--ledger", "redis://me:" + password + "@host:6379").error(2))
        .startsWith("bedrock-meter: the URL redis://...@host:6379 is malformed;")
        .doesNotContain("cret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "adjust all a=b +1usd|Missing required option: '--reason=REASON'",
        "adjust all a=b +1usd --reason=|--reason must not be blank, for example --reason",
        "adjust all a=b +1usd --reason r --by=|--by must not be blank, for example --by anna",
        "adjust all a=b 1usd --reason r|Invalid value for positional parameter at index 2 (AMOUNT):",
        "accounts --limit 0|--limit must be at least 1: 0",
        "accounts --timeout PT0S|--timeout must be at least one millisecond: PT0S; as PT5S",
        "show all --abandon-after PT0S|--abandon-after must be at least one millisecond: PT0S",
        "show century acme|Invalid value for positional parameter at index 1 (SCOPE): a scope is"
            + " written as 'team=search' or 'team=search,user=ann', with a backslash",
        "adjust century acme +1usd --reason r|Invalid value for positional parameter at index 1",
        "release-abandoned century a=1,a=2|Invalid value for positional parameter at index 1",
        "show|Missing required parameter: 'BUDGET'",
        "forget|Unmatched argument at index 0: 'forget'",
        "accounts --timeout 5s|Invalid value for option '--timeout': '5s' is not a duration, such as"
            + " PT5S for 5 seconds or PT1H for an hour (did you mean PT5S?)",
        "accounts --timeout soon|Invalid value for option '--timeout': 'soon' is not a duration,"
            + " such as PT5S",
        "show all --abandon-after 1d|Invalid value for option '--abandon-after': '1d' is not a",
        "show all --window today|Invalid value for option '--window': 'today' is not an instant,"
            + " such as 2026-11-23T00:00:00Z",
        "adjust all a=b +1usd --reason r --window 1|Invalid value for option '--window': '1' is not"
            + " an instant, such as",
        "accounts --limit ten|Invalid value for option '--limit': 'ten' is not a whole number, such"
            + " as 100",
        "accounts --limit 99999999999|Invalid value for option '--limit': '99999999999' is not a",
        "accounts --endpoint nowhere|Invalid value for option '--endpoint': it must be a URI with a"
            + " host and without a password, such as http://localhost:8000",
        "adjust all a=b +1eur --reason r|Invalid value for positional parameter at index 2 (AMOUNT):"
            + " an amount must have a sign and a unit, as +1.50usd, -1000tokens or +3requests: '+1eur'",
        "adjust all a=b -1.5tokens --reason r|Invalid value for positional parameter at index 2"
            + " (AMOUNT): tokens and requests must be whole numbers, as -1000tokens: '-1.5tokens'",
        "adjust all a=b +1.0.0usd --reason r|Invalid value for positional parameter at index 2"
            + " (AMOUNT): an amount in US dollars must be a decimal such as \"25.00\", of at most 40"
            + " digits: '1.0.0'",
        "adjust all a=b +1e9usd --reason r|Invalid value for positional parameter at index 2",
      })
  void misuseIsExplained(String line, String error) {
    String[] words = (line + " --ledger redis://127.0.0.1:1").split(" ", -1);

    assertThat(run(words).error(2)).startsWith("bedrock-meter: " + error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%susd", "%stokens", "%srequests", "0.%susd", "%s"})
  void anAmountOfHalfAMillionDigitsIsRefusedAtOnce(String form) {
    String amount = "+" + form.formatted("7".repeat(500_000));
    long begin = System.nanoTime();

    String error = run("adjust", "all", "a=b", amount, "--reason", "r").error(2);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    assertThat(error).contains("an amount must have a sign and a unit").hasSizeLessThan(400);
  }

  @Test
  void everyMessageIsShort() {
    String long1 = "x".repeat(500_000);

    for (String option :
        new String[] {"--timeout=", "--limit=", "--endpoint=", "--", "--ledger="}) {
      assertThat(run("accounts", option + long1).error(2)).hasSizeLessThan(5_000);
    }
    assertThat(run(long1).error(2)).hasSizeLessThan(5_000);
    assertThat(run("show", "b", long1).error(2)).hasSizeLessThan(5_000);
  }

  @Test
  void theExitCodesAreInTheHelp() {
    assertThat(run("--help").lines(0))
        .contains("Exit codes:")
        .anyMatch(line -> line.strip().startsWith("2   its arguments were wrong"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://127.0.0.1:PORT",
        "redis-cluster://127.0.0.1:PORT",
        "redis-sentinel://127.0.0.1:PORT#master",
        "jdbc:postgresql://127.0.0.1:PORT/db?user=me&password=secret"
      })
  void anUnavailableLedgerIsAnErrorInOneLine(String url) throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    String ledger = url.replace("PORT", "" + port);

    String error = run("accounts", "--ledger", ledger, "--timeout", "PT2S").error(1);

    assertThat(error)
        .startsWith("bedrock-meter: the ledger at ")
        .contains("" + port, " cannot be opened: ")
        .doesNotContain("secret")
        .hasLineCount(1);
  }

  @Test
  void aServerThatDoesNotAnswerIsAnErrorAfterTheTimeout() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String ledger = "redis://127.0.0.1:" + silent.getLocalPort();

      assertThat(run("accounts", "--ledger", ledger, "--timeout", "PT0.3S").error(1))
          .hasLineCount(1);
    }
  }

  @Test
  void aMissingDatabaseIsNotCreated() {
    String ledger = "jdbc:h2:" + folder.resolve("mistyped");

    assertThat(run("accounts", "--ledger", ledger).error(1))
        .startsWith("bedrock-meter: the ledger at jdbc:h2:")
        .contains("not found");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theFileOfAnH2UrlIsKnownSoThatItsHeaderCanBeMended() {
    Path home = Path.of(System.getProperty("user.home"));

    assertThat(OpenedLedger.Address.h2File("jdbc:h2:file:/data/b;USER=sa"))
        .hasValue(Path.of("/data/b"));
    assertThat(OpenedLedger.Address.h2File("jdbc:h2:./b")).hasValue(Path.of("./b"));
    assertThat(OpenedLedger.Address.h2File("jdbc:h2:~/b")).hasValue(home.resolve("b"));
    assertThat(OpenedLedger.Address.h2File("jdbc:h2:mem:b")).isEmpty();
    assertThat(OpenedLedger.Address.h2File("jdbc:h2:tcp://host/b")).isEmpty();
    assertThat(OpenedLedger.Address.h2File("jdbc:h2:file:nio:/data/b")).isEmpty();
  }

  @Test
  void aDatabaseWithoutALedgerGetsNoTables() {
    String ledger = "jdbc:h2:mem:empty;IFEXISTS=FALSE";

    assertThat(run("accounts", "--ledger", ledger).error(1))
        .isEqualTo(
            "bedrock-meter: the ledger at jdbc:h2:mem:empty cannot be opened: the database has no"
                + " table bedrock_meter_account");
  }

  @Test
  void aDynamoDbTableIsNamedByItsRegionAndItsName() {
    try (OpenedLedger opened = dynamoDb("dynamodb://eu-central-1/bedrock-budgets").open()) {
      assertThat(opened.ledger()).isInstanceOf(DynamoDbLedger.class);
    }
    assertThat(run("accounts", "--ledger", "dynamodb://eu-central-1").error(2))
        .startsWith(
            "bedrock-meter: a DynamoDB table must be written as"
                + " dynamodb://eu-central-1/bedrock-budgets; got 'dynamodb://eu-central-1'");
  }

  private static OpenedLedger.Address dynamoDb(String url) {
    return new OpenedLedger.Address(
        new LedgerUrl(url),
        null,
        URI.create("http://127.0.0.1:1"),
        Duration.ofSeconds(1),
        Duration.ofHours(1));
  }
}
