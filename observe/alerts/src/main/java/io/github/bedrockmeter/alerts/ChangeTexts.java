// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.Alert.Severity;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Alerts about what people changed. Immutable and thread-safe. */
final class ChangeTexts {
  private final Times times;

  ChangeTexts(Times times) {
    this.times = times;
  }

  /** A budget was changed while in force. */
  Alert changed(BudgetChange change, Instant now) {
    String name = "budget " + Names.budget(change.budget(), change.scope());
    Kind kind = Kind.BUDGET_CHANGED;
    Severity severity = Severity.INFO;
    List<String> details = new ArrayList<>();
    String title;
    if (change instanceof BudgetChange.Frozen) {
      kind = Kind.FROZEN;
      severity = Severity.WARNING;
      title = name + " is frozen";
      details.add("Its calls are denied whatever is left, until it is thawed.");
    } else if (change instanceof BudgetChange.Thawed) {
      kind = Kind.THAWED;
      severity = Severity.WARNING;
      title = name + " is thawed: its calls are taken again";
    } else if (change instanceof BudgetChange.Granted granted) {
      title = name + " was granted " + granted.extra() + " more";
      details.add(
          granted.until().equals(Instant.MAX)
              ? "It stays so."
              : "Until " + times.ahead(granted.until(), now) + ".");
    } else if (change instanceof BudgetChange.Adjusted adjusted) {
      title = name + " was corrected by hand";
      details.add("Settled before: " + adjusted.before() + "; now: " + adjusted.after() + ".");
    } else if (change instanceof BudgetChange.ModeChanged mode) {
      severity = mode.to() == Mode.ENFORCE ? Severity.INFO : Severity.WARNING;
      title = name + " is in mode " + mode.to();
      details.add(
          "Before it was "
              + mode.from()
              + (mode.to() == Mode.ENFORCE ? "." : "; now it denies nothing."));
    } else if (change instanceof BudgetChange.Added added) {
      title = name + " is new: " + described(added.now());
    } else if (change instanceof BudgetChange.Redefined redefined) {
      title = name + " was redefined: " + described(redefined.now());
      details.add("Before: " + described(redefined.before()) + ".");
    } else if (change instanceof BudgetChange.Removed removed) {
      severity = Severity.WARNING;
      title = name + " was removed: it limits nothing any more";
      details.add("It was " + described(removed.before()) + ".");
    } else {
      title = name + " was changed"; // a kind that is newer than this library
    }
    details.add("Reason: " + Names.reason(change.reason()));
    return new Alert(
        kind,
        severity,
        now,
        change.budget(),
        change.scope(),
        title,
        details,
        List.of(
            change.scope().isEmpty()
                ? Commands.accounts(change.budget())
                : Commands.show(change.budget(), change.scope(), null)));
  }

  private static String described(Budget budget) {
    return budget.limit() + " " + Names.text(budget.window().toString());
  }

  /** The emergency switch was used, or its time is over. */
  Alert bypass(BypassEvent event, Instant now) {
    return new Alert(
        Kind.BYPASS,
        Severity.CRITICAL,
        now,
        null,
        "",
        event.begins()
            ? "all calls pass until " + times.at(event.until()) + ", whatever budgets say"
            : "the bypass is over: budgets are enforced again",
        List.of(
            "Reason: " + Names.reason(event.reason()),
            event.begins()
                ? "Calls are charged where the ledger can be reached; limits do not hold."
                : "What passed meanwhile was charged where the ledger could be reached."),
        List.of(Commands.accounts(null)));
  }
}
