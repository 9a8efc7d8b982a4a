// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.FleetOnce.Once;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.Window.Span;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which events are worth an alert. It runs on threads of calls, so it looks up, counts and
 * hands over, and no more. Thread-safe.
 */
final class Noticing implements MeterListener {
  private static final Duration QUIET = Duration.ofHours(1);

  /** More than there are of other keys. */
  private static final int MOST_OTHERS = 100;

  private final InstantSource clock;
  private final Sending sending;
  private final Meters meters;
  private final Seen denials;
  private final Seen models;
  private final Seen lostHolds;

  /** Of what has few keys, so that there is always room. */
  private final Seen others;

  private final Watch watch;
  private final Bursts bursts = new Bursts();
  private final BudgetTexts budgetTexts;
  private final ChangeTexts changeTexts;
  private final MeterTexts meterTexts;

  /** What a denial is remembered by. */
  private record DenialKey(String budget, String scope, DenialKind kind, boolean enforced) {}

  private record ModelKey(String model) {}

  private record HoldKey(Kind kind, String budget, String scope) {}

  Noticing(
      InstantSource clock,
      Times times,
      Meters meters,
      int mostRemembered,
      Sending sending,
      Watch watch) {
    this.clock = clock;
    this.sending = sending;
    this.meters = meters;
    this.denials = new Seen(mostRemembered);
    this.models = new Seen(mostRemembered);
    this.lostHolds = new Seen(mostRemembered);
    this.others = new Seen(MOST_OTHERS);
    this.watch = watch;
    this.budgetTexts = new BudgetTexts(times);
    this.changeTexts = new ChangeTexts(times);
    this.meterTexts = new MeterTexts(times);
  }

  @Override
  public void onDenied(DenialEvent event) {
    Denied denial = event.denial();
    if (denial.kind() == DenialKind.LEDGER_UNAVAILABLE) {
      watch.denied();
      if (others.isFirst(DenialKind.LEDGER_UNAVAILABLE, clock.instant(), this::soon)) {
        watch.look();
        sending.wake();
      }
    } else if (denial.kind() == DenialKind.UNPRICED) {
      unpriced(event.call(), true);
    }
    DenialKey key = new DenialKey(denial.budget(), denial.scope(), denial.kind(), event.enforced());
    Instant at = event.call().startedAt();
    if (denials.isFirst(key, at, () -> meters.span(denial.budget(), at).end())) {
      Span span = meters.span(denial.budget(), at);
      raise(
          Kind.FIRST_DENIAL,
          denial.budget(),
          () -> budgetTexts.firstDenial(event),
          once(span, Kind.FIRST_DENIAL, denial.budget(), denial.scope(), denial.kind().name()));
    } else if (event.enforced()) {
      sending.repeated(Kind.FIRST_DENIAL, denial.budget());
    }
  }

  private Instant soon() {
    return clock.instant().plusSeconds(1);
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    Account account = event.account();
    Instant now = clock.instant();
    boolean isExhausted = event.isExhausted();
    if (isExhausted) {
      watch.exhausted(account, now);
    }
    // The ledger shows a threshold to one process alone; a denial shows exhaustion to each of them.
    Once once =
        isExhausted
            ? once(
                meters.span(account, now),
                Kind.EXHAUSTED,
                account.budget(),
                account.scope(),
                event.limit().toString())
            : null;
    raise(
        isExhausted ? Kind.EXHAUSTED : Kind.THRESHOLD,
        account.budget(),
        () -> budgetTexts.threshold(event, meters.mode(account.budget()), now),
        once);
  }

  private static Once once(Span span, Kind kind, String budget, String scope, String what) {
    return new Once(String.join("\n", kind.name(), budget, scope, what), span.start(), span.end());
  }

  @Override
  public void onUsage(UsageEvent event) {
    if (event.cost() instanceof Cost.Unknown && event.charge() != Charge.RELEASED) {
      unpriced(event.call(), false);
    }
    if (!event.anomalies().isEmpty()) {
      Set<Anomaly.Kind> kinds = EnumSet.noneOf(Anomaly.Kind.class);
      event.anomalies().forEach(anomaly -> kinds.add(anomaly.kind()));
      for (Anomaly.Kind kind : kinds) {
        if (bursts.isBurst(kind, clock.instant())) {
          raise(
              Kind.ANOMALIES,
              null,
              () -> meterTexts.anomalies(kind, Bursts.MANY, Bursts.WITHIN, event.call()),
              null);
        }
      }
    }
  }

  private void unpriced(MeteredCall call, boolean denied) {
    Instant at = call.startedAt();
    Seen.News news = models.look(new ModelKey(call.modelId()), at, () -> meters.span("", at).end());
    if (news == Seen.News.FIRST) {
      raise(
          Kind.UNPRICED_MODEL,
          null,
          () -> meterTexts.unpriced(call, denied),
          once(meters.span("", at), Kind.UNPRICED_MODEL, "", "", call.modelId()));
    } else if (news == Seen.News.NO_ROOM) {
      sending.repeated(Kind.UNPRICED_MODEL, null);
    }
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    Instant now = clock.instant();
    Kind kind =
        change instanceof BudgetChange.Frozen
            ? Kind.FROZEN
            : change instanceof BudgetChange.Thawed ? Kind.THAWED : Kind.BUDGET_CHANGED;
    raise(kind, change.budget(), () -> changeTexts.changed(change, now), null);
  }

  @Override
  public void onBypass(BypassEvent event) {
    Instant now = clock.instant();
    raise(Kind.BYPASS, null, () -> changeTexts.bypass(event, now), null);
  }

  @Override
  public void onChargedWithoutHold(ChargedWithoutHoldEvent event) {
    Account account = event.account();
    Instant now = clock.instant();
    onceAnHour(
        lostHolds,
        Kind.LOST_HOLD,
        account.budget(),
        account.scope(),
        now,
        () -> meterTexts.lostHold(event, now));
  }

  @Override
  public void onSettlementFailed(SettlementFailedEvent event) {
    Instant now = clock.instant();
    onceAnHour(
        others,
        Kind.SETTLEMENT_FAILED,
        null,
        "",
        now,
        () -> meterTexts.settlementFailed(event, now));
  }

  private void onceAnHour(
      Seen seen,
      Kind kind,
      @Nullable String budget,
      String scope,
      Instant now,
      Supplier<Alert> text) {
    HoldKey key = new HoldKey(kind, budget == null ? "" : budget, scope);
    if (seen.isFirst(key, now, () -> now.plus(QUIET))) {
      raise(kind, budget, text, null);
    } else {
      sending.repeated(kind, budget);
    }
  }

  private void raise(
      Kind kind, @Nullable String budget, Supplier<Alert> text, @Nullable Once once) {
    sending.raise(new Candidate(kind, budget, text, once));
  }
}
