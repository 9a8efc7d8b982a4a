// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Command;
import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.Alert.Severity;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.internal.text.Durations;
import io.github.bedrockmeter.ledger.Account;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Alerts about where budgets stand. Immutable and thread-safe. */
final class BudgetTexts {
  private final Times times;

  BudgetTexts(Times times) {
    this.times = times;
  }

  /**
   * A share of a limit was reached.
   *
   * @param mode the budget's; null where it is not known
   */
  Alert threshold(ThresholdEvent event, @Nullable Mode mode, Instant now) {
    Account account = event.account();
    String name = Names.budget(event.budget(), account.scope());
    boolean isExhausted = event.isExhausted();
    List<String> details = new ArrayList<>();
    details.add(
        event.settled() + " of " + event.limit() + (isExhausted ? " are taken." : " are settled."));
    long left = Math.max(0, event.limit().units() - event.settled().units());
    if (!isExhausted) {
      details.add(new Amount(left, event.limit().unit()) + " are left.");
    }
    details.add(windowEnd(account, now));
    if (isExhausted) {
      details.add(whatFollows(mode));
    }
    return new Alert(
        isExhausted ? Kind.EXHAUSTED : Kind.THRESHOLD,
        isExhausted && isEnforced(mode) ? Severity.CRITICAL : Severity.WARNING,
        now,
        event.budget(),
        account.scope(),
        "budget "
            + name
            + (isExhausted
                ? " is exhausted"
                : " has reached " + percent(event.share()) + " % of its limit"),
        details,
        commands(account, tenth(event.limit())));
  }

  private static boolean isEnforced(@Nullable Mode mode) {
    return mode == null || mode == Mode.ENFORCE;
  }

  private static String whatFollows(@Nullable Mode mode) {
    return isEnforced(mode)
        ? "Calls that do not fit are denied until then, or until more is granted."
        : "The budget is in mode " + mode + ": its calls pass all the same.";
  }

  private static String percent(BigDecimal share) {
    return share.movePointRight(2).stripTrailingZeros().toPlainString();
  }

  private String windowEnd(Account account, Instant now) {
    if (account.idle() != null) {
      return "It begins anew after " + Durations.text(account.idle()) + " without a call.";
    }
    return account.isForever()
        ? "It is for all time: only a grant or a higher limit makes room."
        : "The window ends " + times.ahead(account.end(), now) + ".";
  }

  /** A tenth of a limit, rounded up: enough to go on with, and not much. */
  private static Amount tenth(Amount limit) {
    return new Amount(limit.units() / 10 + (limit.units() % 10 == 0 ? 0 : 1), limit.unit());
  }

  private static List<Command> commands(Account account, Amount credit) {
    List<Command> commands = new ArrayList<>();
    commands.add(
        Commands.show(
            account.budget(), account.scope(), account.isForever() ? null : account.start()));
    commands.addAll(Commands.credit(account.budget(), account.scope(), credit));
    return commands;
  }

  /** The first denial of its kind, of a scope, in a window. */
  Alert firstDenial(DenialEvent event) {
    Denied denial = event.denial();
    Instant at = event.call().startedAt();
    return new Alert(
        Kind.FIRST_DENIAL,
        event.enforced() ? Severity.WARNING : Severity.INFO,
        at,
        denial.budget(),
        denial.scope(),
        who(denial, event.enforced())
            + ": "
            + denial.kind().label().toLowerCase(Locale.ROOT).replace("aws", "AWS"),
        denialDetails(event, at),
        denialCommands(denial));
  }

  private static String who(Denied denial, boolean enforced) {
    String name = Names.budget(denial.budget(), denial.scope());
    String denies = enforced ? " denies calls" : " would deny calls";
    return switch (denial.kind()) {
      case POLICY -> "policy " + name + denies;
      case AWS_QUOTA -> "quota " + name + denies;
      default ->
          isOfBudget(denial)
              ? "budget " + name + denies
              : enforced ? "calls are denied" : "calls would be denied";
    };
  }

  /** Whether a budget denied, so that the command knows its name. */
  private static boolean isOfBudget(Denied denial) {
    return switch (denial.kind()) {
      case POLICY, AWS_QUOTA, LEDGER_UNAVAILABLE, MODEL_UNKNOWN_AT_ADMISSION -> false;
      case TAG_MISSING, TAG_REFUSED, INTERRUPTED, CLOSED -> false;
      default -> true;
    };
  }

  private List<String> denialDetails(DenialEvent event, Instant at) {
    Denied denial = event.denial();
    Amount requested = denial.requested();
    Amount available = denial.available();
    boolean isShort = requested != null && available != null;
    List<String> details = new ArrayList<>();
    if (isShort) {
      details.add(
          "The first such call was estimated at " + requested + "; " + available + " were left.");
    }
    // Other reasons may be the words of a policy, or of an exception.
    if (denial.kind() == DenialKind.FROZEN && denial.reason() != null) {
      details.add("Reason: " + Names.reason(denial.reason()));
    }
    details.add("It was " + Names.call(event.call()) + ".");
    Duration wait = denial.retryAfter();
    if (wait != null) {
      details.add(
          (isShort && isOfBudget(denial) ? "The window ends " : "A call may pass again ")
              + times.ahead(at.plus(wait), at)
              + ".");
    }
    if (!event.enforced()) {
      details.add("The denial is not enforced: the call was sent.");
    }
    return details;
  }

  private static List<Command> denialCommands(Denied denial) {
    if (!isOfBudget(denial)) {
      return List.of(Commands.accounts(null));
    }
    List<Command> commands = new ArrayList<>();
    commands.add(Commands.show(denial.budget(), denial.scope(), null));
    Amount requested = denial.requested();
    Amount available = denial.available();
    if (requested != null && available != null) {
      long missing = Math.max(0, requested.units() - available.units());
      commands.addAll(
          Commands.credit(denial.budget(), denial.scope(), new Amount(missing, requested.unit())));
    }
    return commands;
  }

  /** At this rate a balance is gone before its window ends. */
  Alert pace(BudgetStatus status, Instant goneAt) {
    Account account = status.balance().account();
    Instant now = status.at();
    Amount forecast = status.forecast();
    List<String> details = new ArrayList<>();
    details.add(
        status.settled()
            + " of "
            + status.limit()
            + " were settled since "
            + times.at(account.start())
            + ".");
    details.add(
        "The window ends "
            + times.ahead(account.end(), now)
            + (forecast == null ? "." : "; by then it would be " + forecast + "."));
    Amount more =
        forecast == null || forecast.units() <= status.limit().units()
            ? tenth(status.limit())
            : new Amount(forecast.units() - status.limit().units(), forecast.unit());
    return new Alert(
        Kind.PACE,
        Severity.WARNING,
        now,
        account.budget(),
        account.scope(),
        "at this rate budget "
            + Names.budget(account.budget(), account.scope())
            + " is gone by "
            + times.at(goneAt),
        details,
        commands(account, more));
  }

  /** A process has ended and left holds behind. */
  Alert abandoned(BudgetStatus status) {
    Account account = status.balance().account();
    return new Alert(
        Kind.ABANDONED_HOLDS,
        Severity.WARNING,
        status.at(),
        account.budget(),
        account.scope(),
        "budget "
            + Names.budget(account.budget(), account.scope())
            + " holds "
            + status.abandoned()
            + " for calls whose process has probably ended",
        List.of(
            "Bedrock may have billed these calls; until they are released, less is left for"
                + " others: "
                + status.available()
                + " of "
                + status.limit()
                + ".",
            windowEnd(account, status.at())),
        List.of(
            Commands.show(
                account.budget(), account.scope(), account.isForever() ? null : account.start()),
            Commands.releaseAbandoned(account.budget(), account.scope())));
  }
}
