// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.DenialEvent;
import io.github.bedrockmeter.event.ThresholdEvent;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.Usage;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All budgets of a meter as one policy: one round trip to the ledger, all or none. Thread-safe. */
public final class Budgets implements BudgetPolicy {
  private static final Logger log = LoggerFactory.getLogger(Budgets.class);

  /** Of each budget, so many balances are told. */
  private static final int MOST_TOLD = 10;

  private final PriceBook prices;
  private final Ledger ledger;
  private final Duration ledgerTimeout;
  private final Listeners listeners;
  private final InstantSource clock;
  private final WaitingRoom waiting = new WaitingRoom();
  private final Map<String, Set<String>> tries = new ConcurrentHashMap<>();
  private volatile Roster roster;

  /**
   * A policy of budgets.
   *
   * @param ledger repeats settlements itself, if they are worth it
   * @param ledgerTimeout how long a call waits for the ledger before it is denied
   */
  public Budgets(
      List<Budget> budgets,
      Ledger ledger,
      Duration ledgerTimeout,
      PriceBook prices,
      Listeners listeners,
      InstantSource clock) {
    this.roster = new Roster(budgets.stream().map(BudgetAccounts::new).toList());
    this.prices = prices;
    this.ledger = ledger;
    this.ledgerTimeout = ledgerTimeout;
    this.listeners = listeners;
    this.clock = clock;
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    Roster now = roster;
    List<Hold> holds = new ArrayList<>(now.budgets.length);
    Denied denied = collectHolds(now, call, holds);
    if (denied != null) {
      return denied;
    }
    return holds.isEmpty()
        ? BudgetDecision.granted()
        : decision(now, call, holds, answerInTime(now, call, holds));
  }

  @Override
  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    Roster now = roster;
    List<Hold> holds = new ArrayList<>(now.budgets.length);
    Denied denied = collectHolds(now, call, holds);
    if (denied != null || holds.isEmpty()) {
      return CompletableFuture.completedFuture(denied != null ? denied : BudgetDecision.granted());
    }
    CompletableFuture<HoldResult> answer = ledger.hold(holds).toCompletableFuture();
    if (answer.isDone()) {
      return answer.thenApply(result -> decision(now, call, holds, result));
    }
    CompletableFuture<HoldResult> inTime = answer.copy();
    inTime.orTimeout(ledgerTimeout.toNanos(), TimeUnit.NANOSECONDS);
    return inTime
        .whenComplete((result, failure) -> releaseIfLate(now, call, answer, failure, holds))
        .thenApply(result -> decision(now, call, holds, result));
  }

  /** Adds a hold for each budget that counts this call; answers a denial if one cannot count it. */
  private @Nullable Denied collectHolds(Roster now, MeteredCall call, List<Hold> holds) {
    for (BudgetAccounts accounts : now.budgets) {
      Budget budget = accounts.budget();
      if (!budget.appliesTo(call)) {
        continue;
      }
      Budget.Mode mode = accounts.mode();
      Account account = accounts.accountOf(call);
      Cost cost = costFor(budget, call, call.estimate(), call.estimatedCost());
      Denied denied = deniedUnasked(now, accounts, call, account, cost);
      if (denied != null && mode == Budget.Mode.ENFORCE) {
        return denied;
      }
      if (denied != null && mode == Budget.Mode.SHADOW) {
        tellShadowDenial(call, denied);
        continue;
      }
      holds.add(
          new Hold(
              call.id(),
              account,
              units(budget.limit().unit(), call.estimate(), cost, 0),
              accounts.limit(account.scope(), call.startedAt()),
              mode == Budget.Mode.ENFORCE));
    }
    return null;
  }

  /** A denial for a reason that the ledger need not be asked about. */
  private @Nullable Denied deniedUnasked(
      Roster now, BudgetAccounts accounts, MeteredCall call, Account account, Cost cost) {
    Budget budget = accounts.budget();
    String frozen = accounts.frozen(account.scope());
    if (frozen != null) {
      return denied(account, "it is frozen: " + frozen);
    }
    if (budget.limit().unit() == Unit.NANO_USD
        && budget.unknownPrice() != Budget.UnknownPrice.ALLOW
        && cost instanceof Cost.Unknown unknown) {
      return denied(
          account,
          "its cost is unknown: "
              + unknown.reason()
              + "; give the model a price, or set the budget's unknownPrice to CONSERVATIVE or"
              + " ALLOW");
    }
    if (now.anyWaits && waiting.isTaken(account, call.id())) {
      return denied(account, OTHERS_WAIT);
    }
    return null;
  }

  private static final String OTHERS_WAIT = "other calls wait for it";

  private static Denied denied(Account account, String reason) {
    return new Denied(account.budget(), account.scope(), null, null, null, reason);
  }

  /**
   * Says that a try is one of several of a call, so that each shadow budget tells its denial once.
   *
   * @param shadowsTold the budgets that told theirs, shared by all tries
   */
  public void isOneCallWith(MeteredCall call, Set<String> shadowsTold) {
    tries.put(call.id(), shadowsTold);
  }

  /** Ends {@link #isOneCallWith}. */
  public void isDecided(MeteredCall call) {
    tries.remove(call.id());
  }

  private void tellShadowDenial(MeteredCall call, Denied denied) {
    Set<String> told = tries.get(call.id());
    if (told != null && !told.add(denied.budget())) {
      return;
    }
    listeners.publish(listener -> listener.onDenied(new DenialEvent(call, denied, false)));
  }

  /** The cost a budget counts: a conservative one, if it asks for that and the cost is unknown. */
  private Cost costFor(Budget budget, MeteredCall call, Usage usage, Cost cost) {
    return cost instanceof Cost.Unknown && budget.unknownPrice() == Budget.UnknownPrice.CONSERVATIVE
        ? prices.conservativeCostOf(call.pricing(), usage)
        : cost;
  }

  private HoldResult answerInTime(Roster now, MeteredCall call, List<Hold> holds) {
    CompletableFuture<HoldResult> answer = ledger.hold(holds).toCompletableFuture();
    try {
      return answer.isDone()
          ? answer.join()
          : answer.get(ledgerTimeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      releaseIfLate(now, call, answer, late, holds);
      throw new IllegalStateException("the ledger did not answer within " + ledgerTimeout, late);
    } catch (InterruptedException interrupted) {
      releaseIfLate(now, call, answer, interrupted, holds);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the ledger was asked", interrupted);
    } catch (ExecutionException | CompletionException failed) {
      throw new IllegalStateException("the ledger could not decide", failed.getCause());
    }
  }

  /** A hold that is granted after we stopped waiting belongs to no call: it is given back. */
  private void releaseIfLate(
      Roster now,
      MeteredCall call,
      CompletableFuture<HoldResult> answer,
      @Nullable Throwable failure,
      List<Hold> holds) {
    if (failure == null) {
      return;
    }
    answer.thenAccept(
        result -> {
          if (result instanceof HoldResult.Held) {
            settle(now, holds, new long[holds.size()], call.startedAt())
                .whenComplete(
                    (done, unsettled) -> {
                      if (unsettled != null) {
                        log.warn("Granted too late, and not given back: {}", holds, unsettled);
                      }
                    });
          }
        });
  }

  private BudgetDecision decision(
      Roster now, MeteredCall call, List<Hold> holds, HoldResult result) {
    if (result instanceof HoldResult.Held held) {
      List<Hold> kept =
          held.overruns().isEmpty() ? holds : withoutShadows(now, call, holds, held.overruns());
      return kept.isEmpty()
          ? BudgetDecision.granted()
          : new Granted(new LedgerReservation(now, call, kept));
    }
    if (result instanceof HoldResult.Refused refused) {
      return denied(call, refused.shortfalls().get(0));
    }
    String budget = holds.get(0).account().budget();
    return BudgetDecision.denied(budget, ((HoldResult.Full) result).reason());
  }

  /** The holds without those that a shadow budget would have refused, which are given back. */
  private List<Hold> withoutShadows(
      Roster now, MeteredCall call, List<Hold> holds, List<Shortfall> overruns) {
    List<Hold> kept = new ArrayList<>(holds);
    List<Hold> refused = new ArrayList<>();
    for (Shortfall overrun : overruns) {
      BudgetAccounts accounts = now.byName.get(overrun.hold().account().budget());
      if (accounts != null && accounts.mode() != Budget.Mode.OBSERVE) {
        tellShadowDenial(call, denied(call, overrun));
        kept.remove(overrun.hold());
        refused.add(overrun.hold());
      }
    }
    if (!refused.isEmpty()) {
      settle(now, refused, new long[refused.size()], call.startedAt());
    }
    return kept;
  }

  private static Denied denied(MeteredCall call, Shortfall shortfall) {
    Hold hold = shortfall.hold();
    Account account = hold.account();
    boolean neverFits = hold.amount() > hold.limit();
    return new Denied(
        account.budget(),
        account.scope(),
        new Amount(hold.amount(), account.unit()),
        new Amount(Math.max(0, shortfall.available()), account.unit()),
        neverFits || account.isForever() ? null : Duration.between(call.startedAt(), account.end()),
        neverFits
            ? "it never fits the limit of "
                + new Amount(hold.limit(), account.unit())
                + "; lower its maxTokens or raise the limit"
            : !account.isForever()
                ? null
                : account.idle() == null
                    ? "the limit is for all time; raise it to go on"
                    : "the limit is for the whole run");
  }

  /** What a call counts in one unit; {@code atLeast} where its cost is unknown. */
  private static long units(Unit unit, Usage usage, Cost cost, long atLeast) {
    return switch (unit) {
      case REQUESTS -> 1;
      case TOKENS -> usage.totalTokens();
      case NANO_USD ->
          cost instanceof Cost.Known known
              ? known.nanoUsd()
              : Math.max(
                  atLeast,
                  cost.atLeastUsd()
                      .setScale(9, RoundingMode.CEILING)
                      .unscaledValue()
                      .longValueExact());
    };
  }

  private CompletionStage<?> settle(Roster now, List<Hold> holds, long[] actuals, Instant at) {
    CompletableFuture<List<Settled>> answer = ledger.settle(holds, actuals).toCompletableFuture();
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      settled(now, holds, answer.join(), at);
      return answer;
    }
    return answer.thenAccept(settled -> settled(now, holds, settled, at));
  }

  /** Remembers what is settled, tells thresholds that were passed, and lets those try who wait. */
  private void settled(Roster now, List<Hold> holds, List<Settled> steps, Instant at) {
    for (int i = 0; i < holds.size(); i++) {
      Hold hold = holds.get(i);
      BudgetAccounts accounts = now.byName.get(hold.account().budget());
      if (accounts == null) {
        continue;
      }
      if (accounts.hearsOfSettlements()) {
        Settled step = steps.get(i);
        if (step.before() != step.after()) {
          // A step that changes nothing may tell what was settled a while ago, as leases do.
          accounts.settled(step.account(), step.after());
          tellThresholds(accounts, step, at);
        }
      }
      if (now.anyWaits) {
        waiting.mayFit(hold.account());
      }
    }
  }

  private void tellThresholds(BudgetAccounts accounts, Settled step, Instant at) {
    if (!accounts.warns()) {
      return;
    }
    long[] thresholds = accounts.thresholds(step.account(), at);
    for (int t = 0; t < thresholds.length; t++) {
      if (step.before() < thresholds[t] && thresholds[t] <= step.after()) {
        Amount limit = accounts.limitOf(step.account(), at);
        ThresholdEvent event =
            new ThresholdEvent(
                step.account(), accounts.share(t), new Amount(step.after(), limit.unit()), limit);
        listeners.publish(listener -> listener.onThreshold(event));
      }
    }
  }

  /**
   * Where the balances stand that were used in the current windows: the ten largest of each budget,
   * as far as this meter has heard, in one question to the ledger.
   */
  public CompletionStage<List<BudgetStatus>> status(Instant at) {
    Roster now = roster;
    List<Account> accounts = new ArrayList<>();
    for (BudgetAccounts budget : now.budgets) {
      accounts.addAll(budget.largestAt(at, MOST_TOLD));
    }
    return ledger
        .balances(accounts)
        .thenApply(
            balances ->
                balances.stream()
                    .filter(Budgets::isWorthTelling)
                    .map(balance -> status(now, balance, at))
                    .toList());
  }

  /** A budget's only balance, or one of many that was used. */
  private static boolean isWorthTelling(Balance balance) {
    return balance.account().scope().isEmpty() || balance.settled() != 0 || balance.held() != 0;
  }

  /** A budget that counts a call, where it stands, and what it would hold for the call. */
  public record Claim(BudgetStatus status, Amount requested) {}

  /** Where every budget stands that would count {@code call}, and what each would hold for it. */
  public List<Claim> claims(MeteredCall call) {
    Roster now = roster;
    List<Account> accounts = new ArrayList<>();
    for (BudgetAccounts budget : now.budgets) {
      if (budget.budget().appliesTo(call)) {
        accounts.add(budget.accountOf(call));
      }
    }
    CompletableFuture<List<Balance>> balances = ledger.balances(accounts).toCompletableFuture();
    List<Balance> answered;
    try {
      answered = balances.get(ledgerTimeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the ledger was asked", interrupted);
    } catch (TimeoutException | ExecutionException failed) {
      throw new IllegalStateException("the ledger did not tell its balances", failed);
    }
    List<Claim> claims = new ArrayList<>();
    for (Balance balance : answered) {
      BudgetStatus status = status(now, balance, call.startedAt());
      claims.add(new Claim(status, requested(status.budget(), call)));
    }
    return claims;
  }

  private Amount requested(Budget budget, MeteredCall call) {
    Unit unit = budget.limit().unit();
    return new Amount(unitsFor(budget, call, call.estimate(), call.estimatedCost()), unit);
  }

  /** What a budget would hold for a call with this usage and cost, in its units. */
  public long unitsFor(Budget budget, MeteredCall call, Usage usage, Cost cost) {
    return units(budget.limit().unit(), usage, costFor(budget, call, usage, cost), 0);
  }

  private static BudgetStatus status(Roster now, Balance balance, Instant at) {
    Account account = balance.account();
    BudgetAccounts accounts = now.byName.get(account.budget());
    if (accounts == null) {
      throw new IllegalStateException("the ledger answered for an unknown budget: " + balance);
    }
    return new BudgetStatus(
        accounts.budget(),
        balance,
        accounts.limitOf(account, at),
        accounts.mode(),
        accounts.frozen(account.scope()),
        at);
  }

  /** Whether a call that is denied may be changed or kept waiting. */
  public boolean hasRemedies() {
    return roster.anyRemedy;
  }

  /** The budget behind a denial; null if it is no budget's. */
  public @Nullable Budget budgetBehind(Denied denied) {
    BudgetAccounts accounts = roster.byName.get(denied.budget());
    return accounts == null ? null : accounts.budget();
  }

  /** The account a budget counts a call in. */
  public Account accountOf(Budget budget, MeteredCall call) {
    BudgetAccounts accounts = roster.byName.get(budget.name());
    return (accounts == null ? new BudgetAccounts(budget) : accounts).accountOf(call);
  }

  public WaitingRoom waitingRoom() {
    return waiting;
  }

  /** Whether a denial is one that passes: of the amounts, or because others wait. */
  public boolean mayPass(Denied denied, Budget budget, MeteredCall call) {
    if (OTHERS_WAIT.equals(denied.reason())) {
      return true;
    }
    BudgetAccounts accounts = roster.byName.get(budget.name());
    return accounts != null
        && denied.requested() != null
        && denied.requested().units() <= accounts.limit(denied.scope(), call.startedAt());
  }

  /** Whether a call falls back to a budget's other model before it is tried as it is. */
  public @Nullable Budget pastItsShare(MeteredCall call) {
    Roster now = roster;
    if (!now.anyFallsBackEarly) {
      return null;
    }
    for (BudgetAccounts accounts : now.budgets) {
      Budget budget = accounts.budget();
      Budget.Fallback fallback = budget.fallback();
      if (fallback != null
          && fallback.atShare() != null
          && accounts.mode() == Budget.Mode.ENFORCE
          && budget.appliesTo(call)
          && accounts.isPast(fallback.atShare(), call)) {
        return budget;
      }
    }
    return null;
  }

  /**
   * Puts other budgets in force; those whose name stays keep what was spent and changed by hand.
   */
  public void replace(List<Budget> budgets, String reason) {
    NamedBudget.checkReason(reason);
    List<BudgetChange> changes = new ArrayList<>();
    synchronized (this) {
      roster = roster.with(budgets, reason, changes::add);
    }
    changes.forEach(this::tell);
    waiting.mayFitAnywhere();
  }

  void tell(BudgetChange change) {
    listeners.publish(listener -> listener.onBudgetChanged(change));
  }

  /** The control of one budget; null if there is none of this name. */
  public @Nullable BudgetControl control(String name) {
    return accounts(name) == null ? null : new NamedBudget(this, name);
  }

  /** A budget in force; null if there is none of this name. */
  @Nullable BudgetAccounts accounts(String name) {
    return roster.byName.get(name);
  }

  /** Adds to what is settled in a scope's balance now, for a reason, and tells it. */
  CompletionStage<Amount> adjust(BudgetAccounts accounts, String scope, long delta, String reason) {
    Instant at = clock.instant();
    Account account = accounts.accountOf(scope, at);
    return ledger
        .adjust(account, delta)
        .thenApply(
            step -> {
              accounts.settled(account, step.after());
              Amount before = new Amount(step.before(), account.unit());
              Amount after = new Amount(step.after(), account.unit());
              tell(new BudgetChange.Adjusted(account.budget(), scope, before, after, reason));
              tellThresholds(accounts, step, at);
              waiting.mayFit(account);
              return after;
            });
  }

  /** The names of the budgets in force. */
  public Set<String> names() {
    return roster.byName.keySet();
  }

  /** The holds of one call. */
  private final class LedgerReservation implements Reservation {
    private final Roster then;
    private final MeteredCall call;
    private final List<Hold> holds;

    LedgerReservation(Roster then, MeteredCall call, List<Hold> holds) {
      this.then = then;
      this.call = call;
      this.holds = holds;
    }

    @Override
    public CompletionStage<?> commit(Usage usage, Cost cost) {
      long[] actuals = new long[holds.size()];
      for (int i = 0; i < actuals.length; i++) {
        Hold hold = holds.get(i);
        actuals[i] = units(hold.account().unit(), usage, costFor(hold, usage, cost), hold.amount());
      }
      return settle(then, holds, actuals, call.startedAt());
    }

    private Cost costFor(Hold hold, Usage usage, Cost cost) {
      BudgetAccounts accounts = then.byName.get(hold.account().budget());
      return accounts == null ? cost : Budgets.this.costFor(accounts.budget(), call, usage, cost);
    }

    @Override
    public CompletionStage<?> release() {
      return settle(then, holds, new long[holds.size()], call.startedAt());
    }
  }
}
