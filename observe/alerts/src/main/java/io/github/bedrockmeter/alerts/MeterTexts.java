// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.Alert.Severity;
import io.github.bedrockmeter.alerts.AlertMessage.Count;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.internal.text.Durations;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Alerts about the ledger, prices and counts. Immutable and thread-safe. */
final class MeterTexts {
  private final Times times;

  MeterTexts(Times times) {
    this.times = times;
  }

  /** The ledger does not answer. */
  Alert outage(Instant now, boolean passing) {
    return new Alert(
        Kind.LEDGER_OUTAGE,
        Severity.CRITICAL,
        now,
        null,
        "",
        "the ledger does not answer",
        List.of(
            "Noticed "
                + times.at(now)
                + ". Calls are denied, or pass uncounted where the meter fails open; one a second"
                + " tries the ledger.",
            passing
                ? "The bypass is on: calls pass meanwhile."
                : "If it lasts, the emergency switch lets calls pass (docs/operations.md)."),
        List.of(Commands.accounts(null)));
  }

  /** It answers again. */
  Alert recovered(Instant since, Instant now, long denied) {
    return new Alert(
        Kind.LEDGER_RECOVERED,
        Severity.CRITICAL,
        now,
        null,
        "",
        "the ledger answers again after " + Durations.text(Duration.between(since, now)),
        List.of(
            "It was unavailable from " + times.at(since) + " to " + times.at(now) + ".",
            count(denied, "call was", "calls were") + " denied for it in this process."),
        List.of(Commands.accounts(null)));
  }

  private static String count(long count, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
  }

  /** A model without a known price is in use. */
  Alert unpriced(MeteredCall call, boolean denied) {
    return new Alert(
        Kind.UNPRICED_MODEL,
        Severity.WARNING,
        call.startedAt(),
        null,
        "",
        "model " + Names.text(call.modelId()) + " is in use without a price",
        List.of(
            "The first such call was "
                + Names.text(call.id())
                + ", to "
                + Names.text(call.operation())
                + (denied
                    ? "; a dollar budget denied it."
                    : "; what it cost is not known, and the bill will have it."),
            "A newer catalogue of prices, or a price of your own, ends this."),
        List.of(Commands.prices(call.modelId(), call.region())));
  }

  /** Many calls reported counts that do not fit. */
  Alert anomalies(Anomaly.Kind kind, int count, Duration within, MeteredCall last) {
    return new Alert(
        Kind.ANOMALIES,
        Severity.WARNING,
        last.startedAt(),
        null,
        "",
        count
            + " calls within "
            + Durations.text(within)
            + " reported counts that do not fit: "
            + kind,
        List.of(
            "The last one was " + Names.call(last) + ".",
            "What they were charged may be more or less than Bedrock bills; docs/usage.md says what"
                + " each kind means."),
        List.of(Commands.accounts(null)));
  }

  /** The ledger had lost a call's hold. */
  Alert lostHold(ChargedWithoutHoldEvent event, Instant now) {
    Account account = event.account();
    return new Alert(
        Kind.LOST_HOLD,
        Severity.CRITICAL,
        now,
        account.budget(),
        account.scope(),
        "the ledger had lost a hold of budget " + Names.budget(account.budget(), account.scope()),
        List.of(
            event.charged() + " were charged all the same, for " + Names.call(event.call()) + ".",
            "Its store has lost what it knew, so that other balances may be too low; or the call"
                + " was settled very late and is charged twice. Check the store."),
        List.of(
            Commands.show(
                account.budget(), account.scope(), account.isForever() ? null : account.start())));
  }

  /** A call's reservation could not be closed. */
  Alert settlementFailed(SettlementFailedEvent event, Instant now) {
    return new Alert(
        Kind.SETTLEMENT_FAILED,
        Severity.CRITICAL,
        now,
        null,
        "",
        "a call could not be settled: its estimate stays held",
        List.of(
            "It was " + Names.call(event.call()) + ", at " + cost(event.cost()) + ".",
            "The last failure: " + event.cause().getClass().getSimpleName() + "."),
        List.of(Commands.accounts(null)));
  }

  private static String cost(Cost cost) {
    return cost instanceof Cost.Unknown ? "a cost that is not known" : Names.text(cost.toString());
  }

  /** What happened again after the alert about it. */
  Alert repeated(Count count, Instant since, Instant now) {
    List<String> details = new ArrayList<>();
    details.add("From " + times.at(since) + " to " + times.at(now) + ", in this process.");
    String budget = count.budget();
    boolean isCritical = count.kind() == Kind.LOST_HOLD || count.kind() == Kind.SETTLEMENT_FAILED;
    return new Alert(
        Kind.REPEATED,
        isCritical ? Severity.CRITICAL : Severity.WARNING,
        now,
        budget,
        "",
        String.format(Locale.ROOT, "%,d more: ", count.count())
            + (count.kind() == Kind.FIRST_DENIAL
                ? count.count() == 1 ? "denied call" : "denied calls"
                : count.kind().label())
            + (budget == null ? "" : ", " + Names.budget(budget, "")),
        details,
        List.of(Commands.accounts(budget)));
  }
}
