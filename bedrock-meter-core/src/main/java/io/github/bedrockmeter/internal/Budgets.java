// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Reservation;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.DenialEvent;
import io.github.bedrockmeter.event.ThresholdEvent;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.HoldResult;
import io.github.bedrockmeter.ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.Usage;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All budgets of a meter as one policy: one round trip to the ledger, all or none. Thread-safe. */
public final class Budgets implements BudgetPolicy {
  private static final Logger log = LoggerFactory.getLogger(Budgets.class);

  private final Map<String, BudgetAccounts> byName = new HashMap<>();
  private final BudgetAccounts[] budgets;
  private final PriceBook prices;
  private final Ledger ledger;
  private final Duration ledgerTimeout;
  private final Listeners listeners;

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
      Listeners listeners) {
    this.budgets = budgets.stream().map(BudgetAccounts::new).toArray(BudgetAccounts[]::new);
    for (BudgetAccounts budget : this.budgets) {
      byName.put(budget.budget().name(), budget);
    }
    this.prices = prices;
    this.ledger = ledger;
    this.ledgerTimeout = ledgerTimeout;
    this.listeners = listeners;
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    List<Hold> holds = new ArrayList<>(budgets.length);
    Denied denied = collectHolds(call, holds);
    if (denied != null) {
      return denied;
    }
    return holds.isEmpty() ? BudgetDecision.granted() : decision(call, holds, answerInTime(holds));
  }

  @Override
  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    List<Hold> holds = new ArrayList<>(budgets.length);
    Denied denied = collectHolds(call, holds);
    if (denied != null || holds.isEmpty()) {
      return CompletableFuture.completedFuture(denied != null ? denied : BudgetDecision.granted());
    }
    CompletableFuture<HoldResult> answer = ledger.hold(holds).toCompletableFuture();
    if (answer.isDone()) {
      return answer.thenApply(result -> decision(call, holds, result));
    }
    CompletableFuture<HoldResult> inTime = answer.copy();
    inTime.orTimeout(ledgerTimeout.toNanos(), TimeUnit.NANOSECONDS);
    return inTime
        .whenComplete((result, failure) -> releaseIfLate(answer, failure, holds))
        .thenApply(result -> decision(call, holds, result));
  }

  /** Adds a hold for each budget that counts this call; answers a denial if one cannot count it. */
  private @Nullable Denied collectHolds(MeteredCall call, List<Hold> holds) {
    for (BudgetAccounts accounts : budgets) {
      Budget budget = accounts.budget();
      if (!budget.appliesTo(call)) {
        continue;
      }
      boolean enforced = budget.mode() == Budget.Mode.ENFORCE;
      Cost cost = costFor(budget, call, call.estimate(), call.estimatedCost());
      if (budget.limit().unit() == Unit.NANO_USD
          && budget.unknownPrice() != Budget.UnknownPrice.ALLOW
          && cost instanceof Cost.Unknown unknown) {
        Denied denied = unpriced(budget, call, unknown);
        if (enforced) {
          return denied;
        }
        listeners.tell(listener -> listener.onDenied(new DenialEvent(call, denied, false)));
      }
      holds.add(
          new Hold(
              call.id(),
              accounts.accountOf(call),
              units(budget.limit().unit(), call.estimate(), cost, 0),
              budget.limit().units(),
              enforced));
    }
    return null;
  }

  /** The cost a budget counts: a conservative one, if it asks for that and the cost is unknown. */
  private Cost costFor(Budget budget, MeteredCall call, Usage usage, Cost cost) {
    return cost instanceof Cost.Unknown && budget.unknownPrice() == Budget.UnknownPrice.CONSERVATIVE
        ? prices.conservativeCostOf(call.pricing(), usage)
        : cost;
  }

  private static Denied unpriced(Budget budget, MeteredCall call, Cost.Unknown unknown) {
    return new Denied(
        budget.name(),
        budget.scopeOf(call),
        null,
        null,
        null,
        "its cost is unknown: "
            + unknown.reason()
            + "; give the model a price, or set the budget's unknownPrice to CONSERVATIVE or"
            + " ALLOW");
  }

  private HoldResult answerInTime(List<Hold> holds) {
    CompletableFuture<HoldResult> answer = ledger.hold(holds).toCompletableFuture();
    try {
      return answer.isDone()
          ? answer.join()
          : answer.get(ledgerTimeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      releaseIfLate(answer, late, holds);
      throw new IllegalStateException("the ledger did not answer within " + ledgerTimeout, late);
    } catch (InterruptedException interrupted) {
      releaseIfLate(answer, interrupted, holds);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the ledger was asked", interrupted);
    } catch (ExecutionException | CompletionException failed) {
      throw new IllegalStateException("the ledger could not decide", failed.getCause());
    }
  }

  /** A hold that is granted after we stopped waiting belongs to no call: it is given back. */
  private void releaseIfLate(
      CompletableFuture<HoldResult> answer, @Nullable Throwable failure, List<Hold> holds) {
    if (failure == null) {
      return;
    }
    answer.thenAccept(
        result -> {
          if (result instanceof HoldResult.Held) {
            settle(holds, new long[holds.size()])
                .whenComplete(
                    (done, unsettled) -> {
                      if (unsettled != null) {
                        log.warn("Granted too late, and not given back: {}", holds, unsettled);
                      }
                    });
          }
        });
  }

  private BudgetDecision decision(MeteredCall call, List<Hold> holds, HoldResult result) {
    if (result instanceof HoldResult.Held held) {
      for (Shortfall overrun : held.overruns()) {
        Denied denied = denied(call, overrun);
        listeners.tell(listener -> listener.onDenied(new DenialEvent(call, denied, false)));
      }
      return new Granted(new LedgerReservation(call, holds));
    }
    if (result instanceof HoldResult.Refused refused) {
      return denied(call, refused.shortfalls().get(0));
    }
    String budget = holds.get(0).account().budget();
    return BudgetDecision.denied(budget, ((HoldResult.Full) result).reason());
  }

  private static Denied denied(MeteredCall call, Shortfall shortfall) {
    Hold hold = shortfall.hold();
    Account account = hold.account();
    boolean neverFits = hold.amount() > hold.limit();
    boolean forever = account.end().equals(Instant.MAX);
    return new Denied(
        account.budget(),
        account.scope(),
        new Amount(hold.amount(), account.unit()),
        new Amount(Math.max(0, shortfall.available()), account.unit()),
        neverFits || forever ? null : Duration.between(call.startedAt(), account.end()),
        neverFits
            ? "it never fits the limit of "
                + new Amount(hold.limit(), account.unit())
                + "; lower its maxTokens or raise the limit"
            : forever ? "the limit is for all time; raise it to go on" : null);
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

  private CompletionStage<?> settle(List<Hold> holds, long[] actuals) {
    CompletableFuture<List<Settled>> answer = ledger.settle(holds, actuals).toCompletableFuture();
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      tellThresholds(holds, answer.join());
      return answer;
    }
    return answer.thenAccept(settled -> tellThresholds(holds, settled));
  }

  private void tellThresholds(List<Hold> holds, List<Settled> settled) {
    for (int i = 0; i < holds.size(); i++) {
      BudgetAccounts accounts = byName.get(holds.get(i).account().budget());
      if (accounts == null || accounts.thresholds().length == 0) {
        continue;
      }
      Settled step = settled.get(i);
      long[] thresholds = accounts.thresholds();
      for (int t = 0; t < thresholds.length; t++) {
        if (step.before() < thresholds[t] && thresholds[t] <= step.after()) {
          Amount limit = accounts.budget().limit();
          ThresholdEvent event =
              new ThresholdEvent(
                  step.account(), accounts.share(t), new Amount(step.after(), limit.unit()), limit);
          listeners.tell(listener -> listener.onThreshold(event));
        }
      }
    }
  }

  /** Where every balance stands that was used in the current windows. */
  public CompletionStage<List<BudgetStatus>> status(Instant now) {
    List<Account> accounts = new ArrayList<>();
    for (BudgetAccounts budget : budgets) {
      accounts.addAll(budget.accountsAt(now));
    }
    return ledger
        .balances(accounts)
        .thenApply(balances -> balances.stream().map(this::status).toList());
  }

  /** A budget that counts a call, where it stands, and what it would hold for the call. */
  public record Claim(BudgetStatus status, Amount requested) {}

  /** Where every budget stands that would count {@code call}, and what each would hold for it. */
  public List<Claim> claims(MeteredCall call) {
    List<Account> accounts = new ArrayList<>();
    for (BudgetAccounts budget : budgets) {
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
      BudgetStatus status = status(balance);
      Unit unit = balance.account().unit();
      Cost cost = costFor(status.budget(), call, call.estimate(), call.estimatedCost());
      long units = units(unit, call.estimate(), cost, 0);
      claims.add(new Claim(status, new Amount(units, unit)));
    }
    return claims;
  }

  private BudgetStatus status(Balance balance) {
    BudgetAccounts budget = byName.get(balance.account().budget());
    if (budget == null) {
      throw new IllegalStateException("the ledger answered for an unknown budget: " + balance);
    }
    return new BudgetStatus(budget.budget(), balance);
  }

  /** The holds of one call. */
  private final class LedgerReservation implements Reservation {
    private final MeteredCall call;
    private final List<Hold> holds;

    LedgerReservation(MeteredCall call, List<Hold> holds) {
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
      return settle(holds, actuals);
    }

    private Cost costFor(Hold hold, Usage usage, Cost cost) {
      BudgetAccounts accounts = byName.get(hold.account().budget());
      return accounts == null ? cost : Budgets.this.costFor(accounts.budget(), call, usage, cost);
    }

    @Override
    public CompletionStage<?> release() {
      return settle(holds, new long[holds.size()]);
    }
  }
}
