// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the command prints and does with any ledger. The command's clock is two hours ahead. */
abstract class CommandContract {
  private static final Instant START = Instant.parse("2020-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("2099-01-01T00:00:00Z");
  private static final Account ACME =
      new Account("century", Unit.NANO_USD, "tenant=acme", START, END);
  private static final Account UMBRELLA =
      new Account("century", Unit.NANO_USD, "tenant=umbrella", START, END);
  private static final Account ALL =
      new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  private Ledger ledger;

  /** An empty ledger. */
  abstract Ledger newLedger() throws Exception;

  /** The options with which the command opens that ledger. */
  abstract List<String> options();

  @BeforeEach
  void spend() throws Exception {
    ledger = newLedger();
    hold(new Hold("gone", ACME, 70_000_000, 25_000_000_000L, true));
    hold(new Hold("gone", ALL, 4_000, 1_000_000, true));
    settle(new Hold("done", ACME, 3_000_000_000L, 25_000_000_000L, true), 1_234_567_890);
    settle(new Hold("done", UMBRELLA, 3_000_000_000L, 25_000_000_000L, true), 500_000_000);
    settle(new Hold("done", ALL, 4_000, 1_000_000, true), 1_200);
  }

  private void hold(Hold hold) {
    assertThat(ledger.hold(List.of(hold)).toCompletableFuture().join()).isEqualTo(HoldResult.CLEAN);
  }

  private void settle(Hold hold, long actual) {
    hold(hold);
    ledger.settle(List.of(hold), new long[] {actual}).toCompletableFuture().join();
  }

  private Ran run(String... arguments) {
    return Ran.command(options(), arguments);
  }

  @Test
  void accountsAreListedLargestFirst() {
    assertThat(String.join("\n", run("accounts", "--now").lines(0)))
        .isEqualTo(
            """
            BUDGET   SCOPE            UNIT    WINDOW                                     SETTLED       HELD          ABANDONED
            century  tenant=acme      usd     2020-01-01T00:00:00Z/2099-01-01T00:00:00Z  $1.23456789   $0.07         $0.00
            century  tenant=umbrella  usd     2020-01-01T00:00:00Z/2099-01-01T00:00:00Z  $0.50         $0.00         $0.00
            all                       tokens  lifetime                                   1,200 tokens  4,000 tokens  0 tokens\
            """);
  }

  @Test
  void accountsCanBeFiltered() {
    assertThat(run("accounts", "--budget", "all").lines(0)).hasSize(2);
    assertThat(run("accounts", "--budget", "none").lines(0)).containsExactly("no accounts");
    assertThat(run("accounts", "--limit", "1").lines(0))
        .hasSize(3)
        .endsWith("(the 1 largest; there may be more, see --limit)");
  }

  @Test
  void anAccountIsShownWithItsOpenHolds() {
    assertThat(run("show", "century", "tenant=acme").lines(0))
        .containsExactly(
            "budget     century",
            "scope      tenant=acme",
            "unit       usd",
            "window     2020-01-01T00:00:00Z/2099-01-01T00:00:00Z",
            "settled    $1.23456789",
            "held       $0.07",
            "abandoned  $0.00",
            "",
            "HOLD  AMOUNT  AGE",
            "gone  $0.07   2h 0m");
  }

  @Test
  void oldHoldsAreShownAsAbandoned() {
    assertThat(run("show", "all", "--abandon-after", "PT0.001S").lines(0))
        .contains("abandoned  4,000 tokens", "gone  4,000 tokens  2h 0m  abandoned");
  }

  @Test
  void anUnknownOrAmbiguousAccountIsAnError() {
    assertThat(run("show", "century", "--window", "2019-12-31T23:59:59Z").error(1))
        .isEqualTo(
            "bedrock-meter: no account of budget 'century' in the window of 2019-12-31T23:59:59Z"
                + " has anything settled or held; 'bedrock-meter accounts' lists the accounts that"
                + " have");
    assertThat(run("show", "century", "--window", "2020-01-01T00:00:00Z").error(1))
        .startsWith("bedrock-meter: 2 accounts of budget 'century' in the window of 2020")
        .contains("'tenant=umbrella' usd 2020-01-01T00:00:00Z/2099-01-01T00:00:00Z");
  }

  @Test
  void anUnknownScopeIsAnErrorThatNamesTheNearest() {
    assertThat(run("show", "century", "tenant=umbrela").error(1))
        .contains(
            "no account of budget 'century' for 'tenant=umbrela' in the window of ",
            " has anything settled or held (did you mean 'tenant=umbrella'?);");
    assertThat(run("adjust", "century", "tenant=acne", "+1usd", "--reason", "r").error(1))
        .contains("for 'tenant=acne' in usd", "(did you mean 'tenant=acme'?)");
    assertThat(run("release-abandoned", "century", "tenant=acm").error(1))
        .isEqualTo(
            "bedrock-meter: no account of budget 'century' for 'tenant=acm' has anything settled or"
                + " held (did you mean 'tenant=acme'?); 'bedrock-meter accounts' lists the accounts"
                + " that have");
  }

  @Test
  void anAdjustmentIsOnlyMadeWithYes() {
    String described =
        "century (tenant=acme) 2020-01-01T00:00:00Z/2099-01-01T00:00:00Z by -$0.20:"
            + " settled $1.23456789 -> $1.03456789; by anna; reason: refund 4711";

    assertThat(adjust("-0.20usd").lines(0))
        .containsExactly(
            "would adjust " + described, "nothing was changed; add --yes to change it");
    assertThat(settled(ACME)).isEqualTo(1_234_567_890);

    assertThat(adjust("-0.20usd", "--yes").lines(0)).containsExactly("adjusted " + described);
    assertThat(settled(ACME)).isEqualTo(1_034_567_890);
  }

  private Ran adjust(String amount, String... more) {
    return Ran.command(
        with(more),
        "adjust",
        "century",
        "tenant=acme",
        amount,
        "--reason",
        "refund 4711",
        "--by",
        "anna");
  }

  private List<String> with(String... more) {
    return Stream.concat(options().stream(), Stream.of(more)).toList();
  }

  private long settled(Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0).settled();
  }

  @Test
  void aChargeIsAddedAndACreditDoesNotGoBelowZero() {
    assertThat(run("adjust", "all", "", "+34tokens", "--reason", "r", "--yes").lines(0))
        .containsExactly(
            "adjusted all lifetime by +34 tokens: settled 1,200 tokens -> 1,234 tokens; by "
                + System.getProperty("user.name")
                + "; reason: r");
    assertThat(run("adjust", "all", "", "-9999tokens", "--reason", "r", "--yes").lines(0))
        .containsExactly(
            "adjusted all lifetime by -9,999 tokens: settled 1,234 tokens -> 0 tokens; by "
                + System.getProperty("user.name")
                + "; reason: r");
  }

  @Test
  void anAmountInAnotherUnitFindsNoAccount() {
    assertThat(run("adjust", "all", "", "+1usd", "--reason", "r", "--yes").error(1))
        .startsWith("bedrock-meter: no account of budget 'all' for '' in usd in the window");
    assertThat(settled(ALL)).isEqualTo(1_200);
  }

  @Test
  void holdsThatMayBeInFlightAreNotReleased() {
    assertThat(run("release-abandoned", "--yes").lines(0)).containsExactly("no abandoned holds");
    assertThat(run("release-abandoned", "--id", "gone", "--yes").error(1))
        .isEqualTo(
            "bedrock-meter: hold gone is 2h 0m old and counts as abandoned after 1h 0m; its call may"
                + " still be in flight");
    assertThat(run("release-abandoned", "--id", "other", "--yes").error(1))
        .isEqualTo("bedrock-meter: there is no open hold with the id other");
    assertThat(run("release-abandoned", "--id=-h1.2", "--yes").error(1))
        .isEqualTo("bedrock-meter: there is no open hold with the id -h1.2");
    assertThat(held(ALL)).isEqualTo(4_000);
  }

  @Test
  void abandonedHoldsAreReleasedWithYes() {
    String[] command = {"release-abandoned", "all", "--abandon-after", "PT0.001S"};
    String described = "gone in all lifetime: 4,000 tokens, held for 2h 0m";

    assertThat(run(command).lines(0))
        .containsExactly(
            "would release " + described, "nothing was changed; add --yes to release them");
    assertThat(held(ALL)).isEqualTo(4_000);

    assertThat(Ran.command(with("--yes"), command).lines(0))
        .containsExactly("released " + described);
    assertThat(held(ALL)).isZero();
    assertThat(held(ACME)).as("of another budget").isEqualTo(70_000_000);
    assertThat(run(command).lines(0)).containsExactly("no abandoned holds");
  }

  @Test
  void abandonedHoldsOfOneScopeCanBeReleased() {
    String[] other = {"release-abandoned", "century", "tenant=umbrella", "--yes"};
    String[] command = {"release-abandoned", "century", "tenant=acme", "--yes"};

    assertThat(Ran.command(with("--abandon-after", "PT0.001S"), other).lines(0))
        .containsExactly("no abandoned holds");
    assertThat(held(ACME)).isEqualTo(70_000_000);

    assertThat(Ran.command(with("--abandon-after", "PT0.001S"), command).lines(0))
        .singleElement()
        .asString()
        .startsWith("released gone in century (tenant=acme) ");
    assertThat(held(ACME)).isZero();
    assertThat(held(ALL)).as("of another budget").isEqualTo(4_000);
  }

  private long held(Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0).held();
  }

  private static final String FORGED =
      "tenant=x\ncentury  tenant=acme  usd  lifetime  $0.00\r\u001b[2J\u0085\u2028\u202e";

  private static void assertOneLineEach(List<String> lines, int expected) {
    assertThat(lines).hasSize(expected);
    for (String line : lines) {
      assertThat(line.chars()).noneMatch(Character::isISOControl);
      assertThat(line).doesNotContain("\u2028", "\u202e");
    }
  }

  @Test
  void aScopeFromOutsideMakesNoLineOfItsOwn() {
    Account evil = new Account("for\nged", Unit.TOKENS, FORGED, START, END);
    settle(new Hold("i\nd", evil, 10, 100, true), 10);
    hold(new Hold("i\u001b[2Jd", evil, 10, 100, true));

    assertOneLineEach(run("accounts", "--budget", "for\nged").lines(0), 2);
    assertOneLineEach(run("show", "for\nged", FORGED).lines(0), 10);
    assertOneLineEach(
        run("release-abandoned", "for\nged", "--abandon-after", "PT0.001S", "--yes").lines(0), 1);
    assertOneLineEach(run("adjust", "for\nged", FORGED, "+1tokens", "--reason", "r").lines(0), 2);
    assertOneLineEach(run("show", "for\nge").error(1).lines().toList(), 1);
    assertOneLineEach(
        run("adjust", "for\nged", "tenant=\u001b[2J", "+1tokens", "--reason", "r")
            .error(1)
            .lines()
            .toList(),
        1);
    assertOneLineEach(
        run("release-abandoned", "--id", "a\nb", "--yes").error(1).lines().toList(), 1);
  }

  @Test
  void aReasonMakesNoLineOfItsOwn() {
    assertOneLineEach(
        run(
                "adjust",
                "all",
                "",
                "+1tokens",
                "--reason",
                "r\nadjusted century lifetime by +1 token",
                "--yes")
            .lines(0),
        1);
  }

  @Test
  void argumentsThatBeginWithAnAtSignAreNoFiles() {
    String line =
        run("adjust", "all", "", "+1tokens", "--reason", "@4711", "--yes").lines(0).get(0);

    assertThat(line).contains("reason: @4711");
    assertThat(run("show", "@century").error(1)).contains("no account of budget '@century'");
  }
}
