// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.jdbc.internal.Text;
import io.github.bedrockmeter.jdbc.journal.BudgetRow.Amounts;
import io.github.bedrockmeter.jdbc.journal.BudgetRow.Event;
import io.github.bedrockmeter.jdbc.journal.BudgetRow.Subject;
import io.github.bedrockmeter.jdbc.journal.BudgetRow.Words;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes rows of what budgets reported, and of what was changed about them. Thread-safe. */
final class BudgetRows {
  private static final String DENIED = "DENIED";

  /** A denial that was not enforced; earlier versions wrote {@code OBSERVED} instead. */
  private static final String SHADOW = "SHADOW";

  private static final String THRESHOLD = "THRESHOLD";
  private static final String CHARGED_WITHOUT_HOLD = "CHARGED_WITHOUT_HOLD";

  private static final String SETTLEMENT_FAILED = "SETTLEMENT_FAILED";

  private BudgetRows() {}

  /** A denial, enforced or not. The same denial, written again, has the same id. */
  static BudgetRow of(DenialEvent event, Instant now) {
    Denied denial = event.denial();
    String kind = event.enforced() ? DENIED : SHADOW;
    String call = Text.storable(event.call().id());
    String budget = Text.storable(denial.budget());
    Amount requested = denial.requested();
    Amount available = denial.available();
    return new BudgetRow(
        new Event(
            kind + ":" + call + ":" + budget,
            kind,
            StoredInstant.of(now),
            call,
            Text.storable(event.call().modelId())),
        new Subject(
            budget,
            Text.storable(denial.scope()),
            requested == null ? null : requested.unit().name()),
        new Amounts(
            requested == null ? null : requested.units(),
            available == null ? null : available.units(),
            null,
            null,
            null,
            null),
        new Words(null, Text.storableOrNull(denial.reason()), denial.kind().name(), null));
  }

  /**
   * A share of a limit that was reached; reached again, for example after a credit, it is another
   * row.
   */
  static BudgetRow of(ThresholdEvent event, UUID id, Instant now) {
    return new BudgetRow(
        new Event(THRESHOLD + ":" + id, THRESHOLD, StoredInstant.of(now), null, null),
        subject(event.account()),
        new Amounts(
            null, null, event.settled().units(), event.limit().units(), event.share(), null),
        Words.NONE);
  }

  /** A reservation that could not be closed. */
  static BudgetRow of(SettlementFailedEvent event, Instant now) {
    String call = Text.storable(event.call().id());
    return new BudgetRow(
        new Event(
            SETTLEMENT_FAILED + ":" + call,
            SETTLEMENT_FAILED,
            StoredInstant.of(now),
            call,
            Text.storable(event.call().modelId())),
        Subject.NONE,
        Amounts.NONE,
        new Words(null, event.cause().getClass().getName()));
  }

  /** A call that was charged although the ledger did not know it any more. */
  static BudgetRow of(ChargedWithoutHoldEvent event, Instant now) {
    String call = Text.storable(event.call().id());
    Subject subject = subject(event.account());
    return new BudgetRow(
        new Event(
            CHARGED_WITHOUT_HOLD + ":" + call + ":" + subject.budget() + ":" + subject.scope(),
            CHARGED_WITHOUT_HOLD,
            StoredInstant.of(now),
            call,
            Text.storable(event.call().modelId())),
        subject,
        new Amounts(null, null, null, null, null, event.charged().units()),
        Words.NONE);
  }

  /** The emergency switch, used or ended. */
  static BudgetRow of(BypassEvent event, UUID id, Instant now) {
    String kind = event.begins() ? "BYPASSED" : "BYPASS_ENDED";
    return new BudgetRow(
        new Event(kind + ":" + id, kind, StoredInstant.of(now), null, null),
        Subject.NONE,
        Amounts.NONE,
        new Words("until " + event.until(), Text.storable(event.reason())));
  }

  /** What an operator added to a balance, or took from it, at the ledger itself. */
  static BudgetRow of(Settled step, Correction correction, UUID id, Instant now) {
    return new BudgetRow(
        new Event("ADJUSTED:" + id, "ADJUSTED", StoredInstant.of(now), null, null),
        subject(step.account()),
        new Amounts(null, null, step.after(), null, null, step.after() - step.before()),
        words(correction));
  }

  /** A hold that an operator gave back. */
  static BudgetRow of(OpenHold hold, Correction correction, UUID id, Instant now) {
    return new BudgetRow(
        new Event(
            "RELEASED:" + id, "RELEASED", StoredInstant.of(now), Text.storable(hold.id()), null),
        subject(hold.account()),
        new Amounts(null, null, null, null, null, -hold.amount()),
        words(correction));
  }

  private static Words words(Correction correction) {
    return new Words(
        null, Text.storable(correction.reason()), null, Text.storable(correction.by()));
  }

  private static Subject subject(Account account) {
    boolean ends = !account.isForever();
    return new Subject(
        Text.storable(account.budget()),
        Text.storable(account.scope()),
        account.unit().name(),
        ends ? StoredInstant.of(account.start()) : null,
        ends ? StoredInstant.of(account.end()) : null);
  }

  /** What an operator changed about a budget; the same change made twice is two rows. */
  static BudgetRow of(BudgetChange change, UUID id, Instant now) {
    Change words = Change.of(change);
    return new BudgetRow(
        new Event(words.kind + ":" + id, words.kind, StoredInstant.of(now), null, null),
        new Subject(Text.storable(change.budget()), Text.storable(change.scope()), words.unit),
        new Amounts(null, null, words.settled, null, null, words.change),
        new Words(Text.storableOrNull(words.detail), Text.storable(change.reason())));
  }

  /** What only some kinds of change have. */
  private record Change(
      String kind,
      @Nullable String unit,
      @Nullable Long change,
      @Nullable Long settled,
      @Nullable String detail) {

    static Change of(BudgetChange change) {
      if (change instanceof BudgetChange.Granted granted) {
        Amount extra = granted.extra();
        String until = "until " + granted.until();
        return new Change("GRANTED", extra.unit().name(), extra.units(), null, until);
      }
      if (change instanceof BudgetChange.Adjusted adjusted) {
        long after = adjusted.after().units();
        long by = after - adjusted.before().units();
        return new Change("ADJUSTED", adjusted.after().unit().name(), by, after, null);
      }
      if (change instanceof BudgetChange.ModeChanged mode) {
        return named("MODE_CHANGED", mode.from() + " to " + mode.to());
      }
      if (change instanceof BudgetChange.Added added) {
        return named("ADDED", added.now().toString());
      }
      if (change instanceof BudgetChange.Redefined redefined) {
        return named("REDEFINED", redefined.before() + "; now " + redefined.now());
      }
      if (change instanceof BudgetChange.Removed removed) {
        return named("REMOVED", removed.before().toString());
      }
      return named(change instanceof BudgetChange.Frozen ? "FROZEN" : "THAWED", null);
    }

    private static Change named(String kind, @Nullable String detail) {
      return new Change(kind, null, null, null, detail);
    }
  }
}
