// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.alerts.Alert.Command;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines in alerts, typed into a shell. */
class CommandsTest {
  @TempDir Path folder;

  private String shell(String shell, String script) throws Exception {
    Path file = Files.writeString(folder.resolve("script.sh"), script);
    ProcessBuilder builder =
        new ProcessBuilder(shell, file.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process;
    try {
      process = builder.start();
    } catch (IOException none) {
      System.out.println("NOT RUN: CommandsTest, since there is no " + shell);
      Assumptions.abort("no " + shell);
      throw none;
    }
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return printed;
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>(FormsTest.HOSTILE.subList(0, 3));
    names.addAll(
        List.of(
            "plain",
            "it's",
            "'; touch pwned; '",
            "$(touch pwned)`touch pwned`",
            "a b  c",
            "-rf",
            "--yes",
            "\\",
            "\\'",
            "!history",
            "*?[a]{b,c}~",
            "a\nb",
            "a\u001b7\u202e9",
            "\u00e4\u00f6\ud83d\ude00",
            "\n'\\'\n1"));
    Random random = new Random(42);
    for (int i = 0; i < 200; i++) {
      StringBuilder name = new StringBuilder();
      for (int j = 0; j < 1 + random.nextInt(12); j++) {
        name.append((char) (1 + random.nextInt(300)));
      }
      names.add(name.toString());
    }
    return names;
  }

  @Test
  void aShellReadsEachWordAsTheNameThatItStandsFor() throws Exception {
    StringBuilder script = new StringBuilder();
    for (String name : names()) {
      String word = Shell.word(name);
      assertThat(word.lines()).as("one line").hasSize(1);
      script.append("printf '%s\\0' ").append(word).append('\n');
    }

    String printed = shell("bash", script.toString());

    assertThat(List.of(printed.split("\0"))).isEqualTo(names());
    assertThat(folder.resolve("pwned")).doesNotExist();
  }

  @Test
  void aPosixShellReadsWordsThatCanBeSeen() throws Exception {
    List<String> visible =
        names().stream().filter(name -> !Shell.word(name).startsWith("$'")).toList();
    StringBuilder script = new StringBuilder();
    visible.forEach(name -> script.append("printf '%s\\0' ").append(Shell.word(name)).append('\n'));

    assertThat(List.of(shell("sh", script.toString()).split("\0"))).isEqualTo(visible);
    assertThat(visible).hasSizeGreaterThan(15);
  }

  /** The real command, on a ledger that has accounts with such names. */
  @Test
  void theCommandFindsTheAccountsOfHostileNames() throws Exception {
    List<Account> accounts = new ArrayList<>();
    Instant start = Instant.parse("2020-01-01T00:00:00Z");
    Instant end = Instant.parse("2999-12-01T00:00:00Z");
    accounts.add(
        new Account("it's $(touch pwned) -x", Unit.NANO_USD, "team=a b\n'\"\\\\\\,!", start, end));
    accounts.add(new Account("--yes", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX));
    accounts.add(new Account("daily", Unit.NANO_USD, "-t=-5usd", Instant.EPOCH, Instant.MAX));
    try (Ledger ledger = JdbcLedger.file(folder.resolve("ledger"))) {
      for (Account account : accounts) {
        List<Hold> holds = List.of(new Hold("h1", account, 7_000, 1_000_000_000_000L, true));
        ledger.hold(holds).toCompletableFuture().join();
        ledger.settle(holds, new long[] {6_000}).toCompletableFuture().join();
      }
    }
    List<String> lines = new ArrayList<>();
    for (Account account : accounts) {
      Instant window = account.isForever() ? null : account.start();
      lines.add(Commands.show(account.budget(), account.scope(), window).line());
      Amount credit = new Amount(account.unit() == Unit.TOKENS ? 1_000 : 2_000, account.unit());
      for (Command command : Commands.credit(account.budget(), account.scope(), credit)) {
        lines.add(command.line());
      }
    }
    lines.add(Commands.accounts(accounts.get(0).budget()).line());
    lines.add(Commands.releaseAbandoned("--yes", "").line());
    StringBuilder script = new StringBuilder();
    script
        .append("bedrock-meter() { ")
        .append(Shell.word(System.getProperty("java.home") + "/bin/java"))
        .append(" -XX:TieredStopAtLevel=1 -cp ")
        .append(Shell.word(System.getProperty("java.class.path")))
        .append(" io.github.bedrockmeter.cli.BedrockMeterCommand \"$@\"; echo \"exit $?\"; }\n")
        .append("export BEDROCK_METER_LEDGER=")
        .append(Shell.word("jdbc:h2:" + folder.resolve("ledger")))
        .append('\n');
    lines.forEach(line -> script.append(line).append('\n'));

    String printed = shell("bash", script.toString());

    assertThat(printed.lines().filter(line -> line.startsWith("exit")))
        .as(printed)
        .hasSize(lines.size())
        .containsOnly("exit 0");
    assertThat(printed.lines().filter(line -> line.matches("settled  .*"))).as(printed).hasSize(3);
    assertThat(printed)
        .contains("it's $(touch pwned) -x", "$0.000006", "6,000 tokens")
        .contains("no abandoned holds");
    assertThat(folder.resolve("pwned")).doesNotExist();
  }
}
