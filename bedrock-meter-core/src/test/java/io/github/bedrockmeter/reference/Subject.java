// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.reference.Step.Ask;
import io.github.bedrockmeter.reference.Step.Ending;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/**
 * A meter over clients without a network, whose calls end when the test says so. Driven by one
 * thread; calls that wait are let in by the JDK's pool, for which {@link #settle} waits.
 */
final class Subject implements MeterListener {
  private static final Duration UNTIL_A_BUG = Duration.ofSeconds(10);

  private volatile Instant now;
  private final AtomicLong nanos = new AtomicLong(1_000_000_000);
  private final Map<Definition, Budget> budgets = new HashMap<>();
  private final List<String> told = new ArrayList<>();
  private final Thread driver = Thread.currentThread();
  private final Tries tries = new Tries();
  private final Clients clients = new Clients(this::tell);

  /** The requests as they were asked for, by identity: what a try begins with. */
  private final Map<BedrockRuntimeRequest, Integer> asked =
      Collections.synchronizedMap(new IdentityHashMap<>());

  private final Map<Integer, CompletableFuture<?>> results = new HashMap<>();
  private final Ledger ledger;
  private final BedrockMeter meter;
  private final BedrockRuntimeClient sync;
  private final BedrockRuntimeAsyncClient async;

  Subject(Setup setup) {
    now = setup.start();
    ledger = Ledger.inMemory(() -> now, nanos::get, 10_000);
    BedrockMeter.Builder builder =
        BedrockMeter.builder()
            .clock(() -> now)
            .nanoClock(nanos::get)
            .ledger(ledger)
            .prices(new Prices())
            .estimator(this::estimate)
            .defaultMaxOutputTokens(Reference.DEFAULT_OUTPUT)
            .policy(new Slots(setup.slots()))
            .stampTags(false)
            .listener(this);
    if (setup.teamRequired()) {
      builder.requireTag("team");
    }
    setup.definitions().forEach(definition -> builder.budget(budget(definition)));
    meter = builder.build();
    sync = meter.wrap(clients.sync());
    async = meter.wrap(clients.async());
  }

  private Budget budget(Definition definition) {
    return budgets.computeIfAbsent(definition, Definition::budget);
  }

  /** What happened since the last time, sorted: what happens at once has no order. */
  List<String> told() {
    synchronized (told) {
      List<String> sorted = told.stream().sorted().toList();
      told.clear();
      return sorted;
    }
  }

  private void tell(String line) {
    synchronized (told) {
      told.add(line);
    }
  }

  List<Balance> balances() {
    return ledger.find(AccountQuery.all(10_000)).toCompletableFuture().join();
  }

  List<BudgetStatus> statuses() {
    return meter.status().join();
  }

  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    now = now.plus(time);
  }

  void jump(Duration by) {
    now = now.plus(by);
  }

  /**
   * Lets those try who wait, until so much was told and the first of those who go on waiting has
   * tried in vain. A budget whose mode is set to what it is calls whoever is first in line.
   *
   * @param first who is the first in line then; null if nobody waits
   */
  void settle(String anyBudget, @Nullable Integer first, int lines) {
    BudgetControl control = meter.control(anyBudget);
    long start = System.nanoTime();
    boolean triedInVain = false;
    while (true) {
      control.mode(control.mode(), "whoever is first in line may try");
      boolean stands = tries.passAllBut(first);
      boolean othersAreDone =
          hasTold(lines) && clients.flights().stream().allMatch(this::isUnderWay);
      if (othersAreDone && (first == null || (stands && triedInVain))) {
        return;
      }
      if (othersAreDone && stands && first != null) {
        tries.pass(first);
        triedInVain = true;
      }
      if (System.nanoTime() - start > UNTIL_A_BUG.toNanos()) {
        throw new AssertionError("call " + first + " should wait, and the others not");
      }
      tries.awaitSomething();
    }
  }

  private boolean hasTold(int lines) {
    synchronized (told) {
      return told.size() >= lines;
    }
  }

  /** Whether the meter, on another thread, has done all that it does when it sends a call. */
  private boolean isUnderWay(Clients.Flight flight) {
    int expected = flight.waited ? 3 : 2;
    return flight.source.getNumberOfDependents() > 0
        && result(number(flight.call)).getNumberOfDependents() >= expected;
  }

  /** Ends what still waits, so that it does not go on trying after the history. */
  void close() {
    tries.end();
    results.values().forEach(result -> result.cancel(true));
  }

  /** A call that is answered before it returns. */
  void callAndAnswer(Ask ask, Ending ending) {
    clients.answer(ending);
    try {
      if (ask.kind() == Step.Kind.INVOKE) {
        sync.invokeModel(Requests.invoke(ask));
      } else {
        sync.converse(Requests.converse(ask));
      }
      tell(Told.returned(ask.number()));
    } catch (BudgetExceededException denied) {
      tell(Told.refused(ask.number()));
    } catch (RuntimeException failed) {
      tell(Told.thrown(ask.number()));
    }
  }

  /** A call that stays in flight. */
  void call(Ask ask) {
    BedrockRuntimeRequest request =
        switch (ask.kind()) {
          case CONVERSE -> Requests.converse(ask);
          case INVOKE -> Requests.invoke(ask);
          case STREAM -> Requests.converseStream(ask);
        };
    asked.put(request, ask.number());
    CompletableFuture<?> result =
        switch (ask.kind()) {
          case CONVERSE -> async.converse((ConverseRequest) request);
          case INVOKE -> async.invokeModel((InvokeModelRequest) request);
          case STREAM -> async.converseStream((ConverseStreamRequest) request, new Listening());
        };
    results.put(ask.number(), result);
    result.whenComplete((answer, failure) -> tell(completed(ask.number(), failure)));
  }

  private static String completed(int number, @Nullable Throwable failure) {
    Throwable inner = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    return inner == null
        ? Told.returned(number)
        : inner instanceof BudgetExceededException ? Told.refused(number) : Told.thrown(number);
  }

  private Usage estimate(BedrockRuntimeRequest request, Usage bound) {
    Integer number = asked.get(request);
    if (number != null && Thread.currentThread() != driver) {
      tries.await(number);
    }
    return Usage.builder(Source.ESTIMATED)
        .count(Meter.INPUT, Requests.input(request))
        .count(Meter.OUTPUT, bound.outputTokens())
        .build();
  }

  static int number(MeteredCall call) {
    String number = call.tags().get("number");
    if (number == null) {
      throw new AssertionError("a call lost its tags: " + call);
    }
    return Integer.parseInt(number);
  }

  /** A call in flight ends. */
  void finish(int number, Ending ending) {
    clients.finish(number, result(number), ending);
  }

  /** The caller of a call cancels it. */
  void leave(int number) {
    result(number).cancel(true);
  }

  private CompletableFuture<?> result(int number) {
    return Objects.requireNonNull(results.get(number), "made");
  }

  void mode(String budget, Mode mode) {
    meter.control(budget).mode(mode, "history");
  }

  void grant(String budget, String scope, long extra, Instant until) {
    BudgetControl control = meter.control(budget);
    Amount more = new Amount(extra, control.budget().limit().unit());
    control.grant(new Grant(scope, more, until, "history"));
  }

  void freeze(String budget, String scope, String reason) {
    meter.control(budget).freeze(scope, reason);
  }

  void thaw(String budget, String scope) {
    meter.control(budget).thaw(scope, "history");
  }

  void correct(String budget, String scope, long amount) {
    BudgetControl control = meter.control(budget);
    Amount by = new Amount(Math.abs(amount), control.budget().limit().unit());
    CompletionStage<Amount> done =
        amount < 0 ? control.credit(scope, by, "history") : control.charge(scope, by, "history");
    done.toCompletableFuture().join();
  }

  void replace(List<Definition> definitions) {
    meter.replaceBudgets(definitions.stream().map(this::budget).toList(), "history");
  }

  @Override
  public void onReserved(MeteredCall call) {
    Clients.sendsNext(call);
    StringBuilder amendments = new StringBuilder();
    for (Amendment amendment : call.amendments()) {
      if (amendment instanceof Amendment.LoweredOutput lowered) {
        amendments.append(Told.lowered(lowered.budget(), lowered.from(), lowered.to()));
      } else if (amendment instanceof Amendment.OtherModel other) {
        amendments.append(Told.otherModel(other.budget(), other.from(), other.to()));
      } else {
        amendments.append(Told.waited());
      }
    }
    Usage estimate = call.estimate();
    tell(
        Told.reserved(
            number(call), estimate.inputTokens(), estimate.outputTokens(), amendments.toString()));
  }

  @Override
  public void onUsage(UsageEvent event) {
    CallOutcome outcome = event.outcome();
    tell(
        Told.ended(
            number(event.call()),
            outcome instanceof CallOutcome.Failed ? "Failed" : outcome.toString(),
            event.charge().name(),
            event.usage().inputTokens(),
            event.usage().outputTokens()));
  }

  @Override
  public void onDenied(DenialEvent event) {
    if (!event.enforced() && Thread.currentThread() != driver) {
      return; // a shadow budget speaks each time that a call which waits tries again
    }
    Denied denial = event.denial();
    Amount requested = denial.requested();
    Amount available = denial.available();
    tell(
        Told.denial(
            number(event.call()),
            event.enforced(),
            denial.budget(),
            denial.scope(),
            requested == null ? null : Long.valueOf(requested.units()),
            available == null ? null : Long.valueOf(available.units()),
            othersWait(denial) ? null : denial.retryAfter(),
            inShort(denial)));
  }

  private static boolean othersWait(Denied denial) {
    return denial.kind() == DenialKind.QUEUED_TOO_LONG && denial.requested() == null;
  }

  /** Why, as the reference writes it. */
  private static String inShort(Denied denial) {
    if (othersWait(denial)) {
      return ", others wait";
    }
    return switch (denial.kind()) {
      case FROZEN -> ", frozen " + denial.reason();
      case UNPRICED -> ", unknown price";
      case NEVER_FITS -> ", never fits";
      case OVER_LIMIT, QUEUED_TOO_LONG -> lasting(denial.reason());
      case TAG_MISSING, POLICY -> "";
      default -> ", " + denial.kind();
    };
  }

  /** Why the limit does not reset; a line that mends the call may follow, or stand alone. */
  private static String lasting(@Nullable String reason) {
    if (reason == null || !reason.startsWith("the limit is for ")) {
      return "";
    }
    return reason.startsWith("the limit is for all time") ? ", for ever" : ", whole run";
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    tell(
        Told.reached(
            event.budget(),
            event.account().scope(),
            event.share().toPlainString(),
            event.settled().units(),
            event.limit().units()));
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    String what =
        change instanceof BudgetChange.Adjusted adjusted
            ? " " + adjusted.before().units() + " to " + adjusted.after().units()
            : "";
    tell(Told.changed(change.getClass().getSimpleName(), change.budget(), change.scope(), what));
  }
}
