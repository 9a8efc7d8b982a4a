// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Grant;
import io.github.bedrockmeter.budget.Reservation;
import io.github.bedrockmeter.call.Amendment;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.DenialEvent;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.reference.Step.Ask;
import io.github.bedrockmeter.reference.Step.End;
import io.github.bedrockmeter.reference.Step.Ending;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Source;
import io.github.bedrockmeter.usage.Usage;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InferenceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

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

  /** The requests as they were asked for, by identity: what a try begins with. */
  private final Map<BedrockRuntimeRequest, Integer> asked =
      Collections.synchronizedMap(new IdentityHashMap<>());

  private final Map<Integer, Flight> flights = new ConcurrentHashMap<>();
  private final Map<Integer, CompletableFuture<?>> results = new HashMap<>();
  private final Ledger ledger;
  private final BedrockMeter meter;
  private final BedrockRuntimeClient sync;
  private final BedrockRuntimeAsyncClient async;

  /** The call that was reserved last on this thread, which is the one it sends next. */
  private static final ThreadLocal<MeteredCall> RESERVED = new ThreadLocal<>();

  private @Nullable Ending atOnce;

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
            .listener(this);
    if (setup.teamRequired()) {
      builder.requireTag("team");
    }
    setup.definitions().forEach(definition -> builder.budget(budget(definition)));
    meter = builder.build();
    sync = meter.wrap(new AnswersAtOnce());
    async = meter.wrap(new AnswersLater());
  }

  private Budget budget(Definition definition) {
    return budgets.computeIfAbsent(definition, Definition::budget);
  }

  /** A policy that is no budget: so many calls at the same time. */
  private static final class Slots implements BudgetPolicy, Reservation {
    private final AtomicInteger free;

    Slots(int slots) {
      free = new AtomicInteger(slots);
    }

    @Override
    public BudgetDecision reserve(MeteredCall call) {
      if (free.getAndUpdate(slots -> Math.max(0, slots - 1)) == 0) {
        return BudgetDecision.denied("slots", "no slot is free");
      }
      return new BudgetDecision.Granted(this);
    }

    @Override
    public CompletionStage<?> commit(Usage usage, Cost cost) {
      return release();
    }

    @Override
    public CompletionStage<?> release() {
      return CompletableFuture.completedFuture(free.incrementAndGet());
    }
  }

  /** A call that was sent and has not ended. */
  private static final class Flight {
    final MeteredCall call;
    final boolean waited;
    final CompletableFuture<Object> source = new CompletableFuture<>();
    @Nullable ConverseStreamResponseHandler handler;
    @Nullable Subscriber<? super ConverseStreamOutput> subscriber;

    Flight(MeteredCall call, boolean waited) {
      this.call = call;
      this.waited = waited;
    }

    /** A source that completes as the SDK's. */
    @SuppressWarnings("unchecked") // what the operation returns
    <T> CompletableFuture<T> future() {
      return (CompletableFuture<T>) source;
    }
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
    return meter.budgets().toCompletableFuture().join();
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
    BudgetControl control = meter.budget(anyBudget);
    long start = System.nanoTime();
    boolean triedInVain = false;
    while (true) {
      control.mode(control.mode(), "whoever is first in line may try");
      boolean arrived = first != null && tries.passAllBut(first);
      if (arrived && triedInVain) {
        return;
      }
      if (arrived && first != null) {
        tries.pass(first);
        triedInVain = true;
      } else if (first == null) {
        tries.passAllBut(-1);
        if (hasTold(lines) && flights.values().stream().allMatch(this::isUnderWay)) {
          return;
        }
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
  private boolean isUnderWay(Flight flight) {
    int expected = flight.waited ? 3 : 2;
    return flight.source.getNumberOfDependents() > 0
        && result(number(flight.call)).getNumberOfDependents() >= expected;
  }

  /** Ends what still waits, so that it does not go on trying after the history. */
  void close() {
    tries.end();
    results.values().forEach(result -> result.cancel(true));
  }

  /**
   * Where calls that waited stand before they try again, so that nobody tries while the driver is
   * at work.
   */
  private static final class Tries {
    private final Set<Integer> standing = new HashSet<>();
    private final Set<Integer> passing = new HashSet<>();
    private boolean over;

    /** Waits a moment, or until somebody arrives; who waits here looks again. */
    @SuppressWarnings("WaitNotInLoop")
    synchronized void awaitSomething() {
      try {
        wait(1);
      } catch (InterruptedException never) {
        throw new AssertionError(never);
      }
    }

    synchronized void await(int number) {
      standing.add(number);
      notifyAll();
      while (!over && !passing.remove(number)) {
        try {
          wait();
        } catch (InterruptedException never) {
          throw new AssertionError(never);
        }
      }
      standing.remove(number);
    }

    synchronized void pass(int number) {
      if (standing.contains(number)) {
        passing.add(number);
        notifyAll();
      }
    }

    /** Lets all pass but one; answers whether that one stands here. */
    synchronized boolean passAllBut(int number) {
      standing.stream().filter(other -> other != number).forEach(passing::add);
      notifyAll();
      return standing.contains(number) && !passing.contains(number);
    }

    synchronized void end() {
      over = true;
      notifyAll();
    }
  }

  /** A call that is answered before it returns. */
  void callAndAnswer(Ask ask, Ending ending) {
    atOnce = ending;
    try {
      if (ask.kind() == Step.Kind.INVOKE) {
        sync.invokeModel(invoke(ask));
      } else {
        sync.converse(converse(ask));
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
          case CONVERSE -> converse(ask);
          case INVOKE -> invoke(ask);
          case STREAM -> converseStream(ask);
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

  private static ConverseRequest converse(Ask ask) {
    return ConverseRequest.builder()
        .modelId(ask.model())
        .messages(prompt(ask))
        .inferenceConfig(limit(ask))
        .overrideConfiguration(BedrockMeter.tags(tags(ask)))
        .build();
  }

  private static ConverseStreamRequest converseStream(Ask ask) {
    return ConverseStreamRequest.builder()
        .modelId(ask.model())
        .messages(prompt(ask))
        .inferenceConfig(limit(ask))
        .overrideConfiguration(BedrockMeter.tags(tags(ask)))
        .build();
  }

  private static InvokeModelRequest invoke(Ask ask) {
    String limit = ask.maxTokens() == null ? "" : "\"max_tokens\":" + ask.maxTokens() + ",";
    return InvokeModelRequest.builder()
        .modelId(ask.model())
        .body(SdkBytes.fromUtf8String("{" + limit + "\"prompt\":\"" + text(ask) + "\"}"))
        .overrideConfiguration(BedrockMeter.tags(tags(ask)))
        .build();
  }

  /** A prompt of as many letters as it has tokens. */
  private static Message prompt(Ask ask) {
    return Message.builder()
        .role(ConversationRole.USER)
        .content(ContentBlock.fromText(text(ask)))
        .build();
  }

  private static String text(Ask ask) {
    return "x".repeat(ask.input());
  }

  private static @Nullable InferenceConfiguration limit(Ask ask) {
    return ask.maxTokens() == null
        ? null
        : InferenceConfiguration.builder().maxTokens(ask.maxTokens()).build();
  }

  private static String[] tags(Ask ask) {
    String number = String.valueOf(ask.number());
    return ask.team() == null
        ? new String[] {"number", number}
        : new String[] {"number", number, "team", ask.team()};
  }

  private static long input(BedrockRuntimeRequest request) {
    if (request instanceof InvokeModelRequest invoke) {
      return invoke.body().asUtf8String().chars().filter(c -> c == 'x').count()
          - (invoke.body().asUtf8String().contains("max_tokens") ? 1 : 0);
    }
    List<Message> messages =
        request instanceof ConverseRequest converse
            ? converse.messages()
            : ((ConverseStreamRequest) request).messages();
    return messages.get(0).content().get(0).text().length();
  }

  private Usage estimate(BedrockRuntimeRequest request, Usage bound) {
    Integer number = asked.get(request);
    if (number != null && Thread.currentThread() != driver) {
      tries.await(number);
    }
    return Usage.builder(Source.ESTIMATED)
        .count(Meter.INPUT, input(request))
        .count(Meter.OUTPUT, bound.outputTokens())
        .build();
  }

  private static @Nullable Integer limit(BedrockRuntimeRequest request) {
    if (request instanceof InvokeModelRequest invoke) {
      String digits = invoke.body().asUtf8String().replaceAll("\\D", "");
      return digits.isEmpty() ? null : Integer.valueOf(digits);
    }
    InferenceConfiguration inference =
        request instanceof ConverseRequest converse
            ? converse.inferenceConfig()
            : ((ConverseStreamRequest) request).inferenceConfig();
    return inference == null ? null : inference.maxTokens();
  }

  private static int number(MeteredCall call) {
    String number = call.tags().get("number");
    if (number == null) {
      throw new AssertionError("a call lost its tags: " + call);
    }
    return Integer.parseInt(number);
  }

  private MeteredCall sending(BedrockRuntimeRequest request, String modelId) {
    MeteredCall call = RESERVED.get();
    RESERVED.remove();
    tell(Told.sent(number(call), modelId, limit(request)));
    return call;
  }

  private Flight flight(BedrockRuntimeRequest request, String modelId) {
    MeteredCall call = RESERVED.get();
    Flight flight = new Flight(call, Thread.currentThread() != driver);
    flights.put(number(call), flight);
    sending(request, modelId);
    return flight;
  }

  private final class AnswersAtOnce implements BedrockRuntimeClient {
    @Override
    public ConverseResponse converse(ConverseRequest request) {
      return (ConverseResponse) answer(sending(request, request.modelId()), atOnce);
    }

    @Override
    public InvokeModelResponse invokeModel(InvokeModelRequest request) {
      return (InvokeModelResponse) answer(sending(request, request.modelId()), atOnce);
    }

    @Override
    public String serviceName() {
      return "at once";
    }

    @Override
    public void close() {}
  }

  private final class AnswersLater implements BedrockRuntimeAsyncClient {
    @Override
    public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
      return flight(request, request.modelId()).future();
    }

    @Override
    public CompletableFuture<InvokeModelResponse> invokeModel(InvokeModelRequest request) {
      return flight(request, request.modelId()).future();
    }

    @Override
    public CompletableFuture<Void> converseStream(
        ConverseStreamRequest request, ConverseStreamResponseHandler handler) {
      Flight flight = flight(request, request.modelId());
      flight.handler = handler;
      handler.responseReceived(ConverseStreamResponse.builder().build());
      handler.onEventStream(
          SdkPublisher.adapt(
              subscriber -> {
                flight.subscriber = subscriber;
                subscriber.onSubscribe(new Upstream(flight));
              }));
      return flight.future();
    }

    @Override
    public String serviceName() {
      return "later";
    }

    @Override
    public void close() {}
  }

  private record Upstream(Flight flight) implements Subscription {
    @Override
    public void request(long count) {}

    @Override
    public void cancel() {
      flight.source.complete(null);
    }
  }

  /** A caller that wants every event, and leaves when one says so. */
  private static final class Listening
      implements ConverseStreamResponseHandler, Subscriber<ConverseStreamOutput> {
    private @Nullable Subscription subscription;

    @Override
    public void responseReceived(ConverseStreamResponse response) {}

    @Override
    public void onEventStream(SdkPublisher<ConverseStreamOutput> publisher) {
      publisher.subscribe(this);
    }

    @Override
    public void exceptionOccurred(Throwable failure) {}

    @Override
    public void complete() {}

    @Override
    public void onSubscribe(Subscription subscription) {
      this.subscription = subscription;
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ConverseStreamOutput event) {
      if (event.equals(LEAVE) && subscription != null) {
        subscription.cancel();
      }
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
  }

  private static final ConverseStreamOutput TEXT =
      ConverseStreamOutput.contentBlockDeltaBuilder().delta(d -> d.text("word ")).build();

  private static final ConverseStreamOutput LEAVE =
      ConverseStreamOutput.contentBlockDeltaBuilder().delta(d -> d.text("enough")).build();

  /** A call in flight ends. */
  void finish(int number, Ending ending) {
    Flight flight = flights.remove(number);
    if (flight == null) {
      throw new AssertionError("call " + number + " should be in flight");
    }
    if (flight.handler != null && flight.subscriber != null) {
      stream(flight, flight.handler, flight.subscriber, ending);
      return;
    }
    if (ending.end() == End.ABANDONED) {
      leave(number);
      return;
    }
    try {
      flight.source.complete(answer(flight.call, ending));
    } catch (RuntimeException failure) {
      flight.source.completeExceptionally(failure);
    }
  }

  void leave(int number) {
    result(number).cancel(true);
  }

  private CompletableFuture<?> result(int number) {
    return Objects.requireNonNull(results.get(number), "made");
  }

  private static void stream(
      Flight flight,
      ConverseStreamResponseHandler handler,
      Subscriber<? super ConverseStreamOutput> subscriber,
      Ending ending) {
    switch (ending.end()) {
      case ABANDONED -> subscriber.onNext(LEAVE);
      case ANSWERED, ANSWERED_WITHOUT_USAGE -> {
        subscriber.onNext(TEXT);
        if (ending.end() == End.ANSWERED) {
          subscriber.onNext(
              ConverseStreamOutput.metadataBuilder().usage(usage(flight.call, ending)).build());
        }
        subscriber.onComplete();
        handler.complete();
        flight.source.complete(null);
      }
      default -> {
        if (ending.end() == End.BROKEN_OFF) {
          subscriber.onNext(TEXT);
        }
        RuntimeException failure = failure(ending.end());
        handler.exceptionOccurred(failure);
        flight.source.completeExceptionally(failure);
      }
    }
  }

  private static Object answer(MeteredCall call, @Nullable Ending ending) {
    if (ending == null) {
      throw new AssertionError("nobody said how the call ends");
    }
    boolean told = ending.end() == End.ANSWERED;
    if (!told && ending.end() != End.ANSWERED_WITHOUT_USAGE) {
      throw failure(ending.end());
    }
    TokenUsage usage = usage(call, ending);
    if (call.operation().equals("Converse")) {
      return ConverseResponse.builder().usage(told ? usage : null).build();
    }
    String body =
        told
            ? "{\"usage\":{\"input_tokens\":"
                + usage.inputTokens()
                + ",\"output_tokens\":"
                + usage.outputTokens()
                + "}}"
            : "{}";
    return InvokeModelResponse.builder().body(SdkBytes.fromUtf8String(body)).build();
  }

  private static TokenUsage usage(MeteredCall call, Ending ending) {
    int input = (int) Reference.used(call.estimate().inputTokens(), ending);
    int output = (int) Reference.used(call.estimate().outputTokens(), ending);
    return TokenUsage.builder()
        .inputTokens(input)
        .outputTokens(output)
        .totalTokens(input + output)
        .build();
  }

  private static RuntimeException failure(End end) {
    return switch (end) {
      case THROTTLED -> ThrottlingException.builder().statusCode(429).message("slow down").build();
      case NEVER_CONNECTED -> SdkClientException.create("no way", new ConnectException("refused"));
      case TIMED_OUT -> ApiCallTimeoutException.builder().message("too late").build();
      default -> new IllegalStateException("broken off");
    };
  }

  void mode(String budget, Mode mode) {
    meter.budget(budget).mode(mode, "history");
  }

  void grant(String budget, String scope, long extra, Instant until) {
    BudgetControl control = meter.budget(budget);
    Amount more = new Amount(extra, control.budget().limit().unit());
    control.grant(new Grant(scope, more, until, "history"));
  }

  void freeze(String budget, String scope, String reason) {
    meter.budget(budget).freeze(scope, reason);
  }

  void thaw(String budget, String scope) {
    meter.budget(budget).thaw(scope, "history");
  }

  void correct(String budget, String scope, long amount) {
    BudgetControl control = meter.budget(budget);
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
    RESERVED.set(call);
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
            denial.retryAfter(),
            inShort(denial.reason())));
  }

  /** The beginning of a reason, as the reference writes it. */
  private static String inShort(@Nullable String reason) {
    if (reason == null || reason.startsWith("it lacks") || reason.startsWith("no slot")) {
      return "";
    }
    if (reason.startsWith("it is frozen: ")) {
      return ", frozen " + reason.substring("it is frozen: ".length());
    }
    return reason.startsWith("its cost is unknown")
        ? ", unknown price"
        : reason.startsWith("it never fits")
            ? ", never fits"
            : reason.startsWith("other calls wait")
                ? ", others wait"
                : reason.startsWith("the limit is for all time") ? ", for ever" : ", whole run";
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
