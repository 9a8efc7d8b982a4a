// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A password in a ledger's URL appears in no output, wherever it stands and whatever fails. */
class NoPasswordIsPrintedTest {
  private static final String CANARY = "CANARY";

  /** Every password in these contains the word; some as text that is written in another way. */
  private static final List<String> URLS =
      List.of(
          "jdbc:postgresql://user:CANARY1@127.0.0.1:1/db",
          "jdbc:postgresql://CANARY1@127.0.0.1:1/db",
          "jdbc:postgresql:user/CANARY1@127.0.0.1:1/db",
          "jdbc:postgresql://127.0.0.1:1/db?user=me&password=CANARY1",
          "jdbc:postgresql://127.0.0.1:1/db?sslpassword=CANARY1&user=me",
          "jdbc:postgresql://127.0.0.1:1,127.0.0.2:1/db?password=CANARY1",
          "jdbc:postgresql://127.0.0.1:1/db?user=me;password=CANARY1",
          "jdbc:postgresql://127.0.0.1:1/db;password=CANARY1",
          "jdbc:postgresql://127.0.0.1:1/db&password=CANARY1",
          "jdbc:postgresql://127.0.0.1:port/db?password=CANARY1",
          "jdbc:postgresql://127.0.0.1:1/db?password=CANARY1%40host",
          "jdbc:postgresql://127.0.0.1:1/db?password=x@CANARY1",
          "jdbc:postgresql://127.0.0.1:1/db?loggerLevel=nonsense&password=CANARY1",
          "jdbc:postgresql://127.0.0.1:1/db?socketTimeout=CANARY1",
          "jdbc:postgresql:CANARY1",
          "JDBC:POSTGRESQL://user:CANARY1@127.0.0.1/db",
          "postgres://user:CANARY1@127.0.0.1/db",
          "postgresql://user:CANARY1@127.0.0.1/db",
          "jdbc:mysql://user:CANARY1@127.0.0.1/db",
          "jdbc:oracle:thin:user/CANARY1@127.0.0.1",
          "jdbc:h2:mem:x;PASSWORD=CANARY1;IFEXISTS=TRUE",
          "jdbc:h2:/none/x;USER=sa;PASSWORD=CANARY1",
          "jdbc:h2:/none/x;USER=sa;PASSWORD=file CANARY1",
          "jdbc:h2:/none/x,PASSWORD=CANARY1",
          "jdbc:h2:/none/x?PASSWORD=CANARY1",
          "jdbc:h2:/none/x;CANARY1=1",
          "jdbc:h2:tcp://user:CANARY1@127.0.0.1:1/x",
          "jdbc:h2:mem:y;IFEXISTS=FALSE;INIT=SELECT 'CANARY1' FROM NOWHERE",
          "redis:user:CANARY1@127.0.0.1:1",
          "redis://user:CANARY1@127.0.0.1:1",
          "redis://:CANARY1@127.0.0.1:1",
          "redis://CANARY1@127.0.0.1:1",
          "redis://user:CANARY1@127.0.0.1:port",
          "redis://user:CA NARY CANARY1@127.0.0.1:1",
          "redis://user:x@CANARY1@127.0.0.1:1",
          "redis://user:x/CANARY1@127.0.0.1:1",
          "redis://user:x?CANARY1@127.0.0.1:1",
          "redis://user:x#CANARY1@127.0.0.1:1",
          "redis://user:CANARY1%2F%40@127.0.0.1:1",
          "redis://user:CANARY1",
          "redis://127.0.0.1:1?password=CANARY1",
          "redis://127.0.0.1:1/CANARY1",
          "redis://127.0.0.1:1?password=x@CANARY1",
          "rediss://user:CANARY1@127.0.0.1:1",
          "redis-cluster://user:CANARY1@127.0.0.1:1,127.0.0.2:1",
          "rediss-cluster://user:CANARY1@127.0.0.1:1",
          "redis-sentinel://CANARY1@127.0.0.1:1,127.0.0.2:1#master",
          "rediss-sentinel://user:CANARY1@127.0.0.1:1#master",
          "redis-socket://CANARY1@/none/redis.sock",
          "redis+socket://CANARY1@/none/redis.sock",
          "redis-socket:///none/redis.sock?password=CANARY1",
          "redi://user:CANARY1@127.0.0.1:1",
          "user:CANARY1@127.0.0.1:1",
          "user:CANARY1@127.0.0.1/db",
          "CANARY1@127.0.0.1",
          "CANARY1",
          "dynamodb://KEY:CANARY1@eu-central-1/table",
          "dynamodb://CANARY1@eu-central-1/table",
          "dynamodb://eu-central-1/table?secret=CANARY1",
          "dynamodb://eu-central-1/table/CANARY1",
          "dynamodb://eu-central-1/ta ble CANARY1",
          "dynamodb:KEY:CANARY1@eu-central-1/table",
          "mongodb+srv://user:CANARY1@127.0.0.1/db",
          "https://user:CANARY1@127.0.0.1/",
          "://user:CANARY1@",
          "redis://user:CANARY1@127.0.0.1:1\nredis://x");

  static List<String> urls() {
    return URLS;
  }

  private final PrintStream before = System.err;
  private final PrintStream beforeOut = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeAll
  static void asMainDoes() {
    LogManager.getLogManager().reset();
  }

  @BeforeEach
  void capture() {
    PrintStream all = new PrintStream(printed, true, StandardCharsets.UTF_8);
    System.setErr(all);
    System.setOut(all);
  }

  @AfterEach
  void restore() {
    System.setErr(before);
    System.setOut(beforeOut);
  }

  private void assertNotPrinted(Ran ran) {
    assertThat(ran.exitCode()).isIn(1, 2);
    assertThat(ran.out() + ran.err() + printed.toString(StandardCharsets.UTF_8))
        .doesNotContainIgnoringCase(CANARY)
        .startsWith("bedrock-meter: ");
    assertThat(ran.err().lines().count()).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("urls")
  void ofALedgerThatCannotBeOpened(String url) {
    assertNotPrinted(Ran.command(List.of("--timeout", "PT0.3S"), "accounts", "--ledger", url));
  }

  @ParameterizedTest
  @MethodSource("urls")
  void ofAUrlWhoseOptionIsForgotten(String url) {
    if (!url.equals("CANARY1")) { // a word where a command stands is a misspelt command
      assertNotPrinted(Ran.command(List.of(), url, "accounts"));
    }
    assertNotPrinted(Ran.command(List.of(), "accounts", url));
  }

  @ParameterizedTest
  @MethodSource("urls")
  void ofAMisspeltOption(String url) {
    assertNotPrinted(Ran.command(List.of(), "accounts", "--legder", url));
    assertNotPrinted(Ran.command(List.of(), "accounts", "--legder=" + url));
  }

  @ParameterizedTest
  @MethodSource("urls")
  void ofAUrlThatIsGivenAsAnotherOption(String url) {
    for (String option : List.of("--endpoint", "--timeout", "--limit", "--now")) {
      if (url.length() > 40) {
        assertNotPrinted(
            Ran.command(
                List.of("--ledger", "redis://127.0.0.1:1"), "accounts", option + "=" + url));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--password=CANARY1", "--password CANARY1", "-p CANARY1", "-pCANARY1"})
  void ofAnOptionThatDoesNotExist(String words) {
    List<String> arguments = new ArrayList<>(List.of("accounts"));
    arguments.addAll(List.of(words.split(" ")));

    assertNotPrinted(Ran.command(List.of(), arguments.toArray(String[]::new)));
  }

  @ParameterizedTest
  @MethodSource("urls")
  void ofWhatTheCommandKeepsInMemory(String url) {
    assertThat(new LedgerUrl(url).toString()).doesNotContainIgnoringCase(CANARY);
  }

  /** The whole program, with the URL where it does not show in the list of processes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://user:CANARY1@127.0.0.1:1/db",
        "jdbc:postgresql://127.0.0.1:port/db?password=CANARY1",
        "redis://user:CANARY1@127.0.0.1:1",
        "user:CANARY1@127.0.0.1/db"
      })
  void ofTheEnvironmentVariable(String url) throws Exception {
    ProcessBuilder program =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Dpicocli.trace=DEBUG",
                "-cp",
                System.getProperty("java.class.path"),
                BedrockMeterCommand.class.getName(),
                "accounts",
                "--timeout",
                "PT1S")
            .redirectErrorStream(true);
    program.environment().put("BEDROCK_METER_LEDGER", url);

    Process process = program.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isIn(1, 2);
    assertThat(output).contains("bedrock-meter: ").doesNotContainIgnoringCase(CANARY);
  }
}
