// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thing that people should know of. Immutable and thread-safe.
 *
 * @param kind what happened
 * @param severity how urgent it is
 * @param at when it happened, by the meter's or the alerts' clock
 * @param budget the budget, policy or quota it is about, as it was named; null if it is about none
 * @param scope whose share of the budget, as {@code tenant=acme}, unescaped; empty if it has only
 *     one
 * @param title what happened, in one line. Names from outside are escaped and cut
 * @param details how much, until when, what follows: a line each, escaped like the title
 * @param commands what to type to look, or to change something
 */
public record Alert(
    Kind kind,
    Severity severity,
    Instant at,
    @Nullable String budget,
    String scope,
    String title,
    List<String> details,
    List<Command> commands) {

  /** What an alert is about. New kinds may be added. */
  public enum Kind {
    /** A share of a limit was reached that the budget warns at. */
    THRESHOLD("threshold reached"),
    /** A balance is exhausted. */
    EXHAUSTED("budget exhausted"),
    /** The first denial of its kind, of a scope, in a window. */
    FIRST_DENIAL("first denial"),
    /** How often something happened again after the alert about it. */
    REPEATED("repeated"),
    /** At the rate of this window, a balance will be exhausted before the window ends. */
    PACE("gone before the window ends"),
    /** Calls of a budget or scope are denied whatever is left. */
    FROZEN("budget frozen"),
    /** They are taken again. */
    THAWED("budget thawed"),
    /** Another change of a budget in force. */
    BUDGET_CHANGED("budget changed"),
    /** The emergency switch was used, or its time is over. */
    BYPASS("bypass"),
    /** The ledger does not answer. */
    LEDGER_OUTAGE("ledger outage"),
    /** The ledger answers again. */
    LEDGER_RECOVERED("ledger recovered"),
    /** A model without a known price is in use. */
    UNPRICED_MODEL("model without a price"),
    /** Many calls reported counts that do not fit. */
    ANOMALIES("anomalies"),
    /** A process has ended and left holds behind. */
    ABANDONED_HOLDS("abandoned holds"),
    /** The ledger had lost a call's hold. */
    LOST_HOLD("lost hold"),
    /** A call's reservation could not be closed. */
    SETTLEMENT_FAILED("settlement failed");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** A few words for people. */
    public String label() {
      return label;
    }
  }

  /** How urgent it is, in rising order. */
  public enum Severity {
    /** For the record. */
    INFO,
    /** Worth a look during the day. */
    WARNING,
    /** Calls are denied, or limits do not hold. */
    CRITICAL
  }

  /**
   * A command for a shell.
   *
   * @param purpose what it is for, as {@code look}
   * @param line the {@code bedrock-meter} command, with every name quoted
   */
  public record Command(String purpose, String line) {
    public Command {
      Objects.requireNonNull(purpose, "purpose");
      Objects.requireNonNull(line, "line");
    }
  }

  public Alert {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(scope, "scope");
    Objects.requireNonNull(title, "title");
    details = List.copyOf(details);
    commands = List.copyOf(commands);
  }
}
