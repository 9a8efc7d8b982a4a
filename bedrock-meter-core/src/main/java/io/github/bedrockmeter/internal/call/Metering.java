// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.DenialEvent;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.estimate.Estimates;
import io.github.bedrockmeter.internal.request.AbandonRule;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.internal.request.RequestStamp;
import io.github.bedrockmeter.internal.request.TagScope;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** The life of a call: estimate, reserve, send, read, settle, tell. Thread-safe. */
public final class Metering {
  /*
   * The order of the steps, and why it is this one.
   *
   * Before the call is sent, anything may still stop it, so everything that can fail for reasons of
   * ours happens here: facts, estimate, price, policy. An estimator or a price book that fails has a
   * stand-in (the built-in bound, an unknown cost); a policy has none, and denies.
   *
   * Once the call is sent, nothing of ours may reach the caller. SyncCalls and AsyncCalls send, and
   * hand what came back to OpenCall, whose methods never throw. OpenCall closes once: whoever comes first, an
   * answer, a failure or a cancellation, decides; the rest find it closed. It starts the commit,
   * tells the listeners, and returns without waiting for the commit to end.
   */
  private static final Logger log = LoggerFactory.getLogger(Metering.class);

  private final Estimates estimates;
  private final EstimatedCosts costs;
  private final BudgetPolicy policy;
  private final Budgets budgets;
  private final Listeners listeners;
  private final InstantSource clock;
  private final LongSupplier nanoClock;
  private final Tags defaultTags;
  private final boolean stampTags;
  private final boolean countAttempts;
  private final AbandonedStreams abandonedStreams;
  private final Map<String, String> modelNames;

  private final String idPrefix = Long.toString(new SecureRandom().nextLong(), 36) + ".";
  private volatile @Nullable String lastRegion;
  private final AtomicLong nextId = new AtomicLong();
  private final Set<CompletableFuture<?>> unsettled = ConcurrentHashMap.newKeySet();

  /** What a meter is made of; {@code BedrockMeter.Builder} says what each part is. */
  public Metering(
      UsageEstimator estimator,
      PriceBook prices,
      BudgetPolicy policy,
      Budgets budgets,
      Listeners listeners,
      InstantSource clock,
      LongSupplier nanoClock,
      Tags defaultTags,
      boolean stampTags,
      boolean countAttempts,
      long defaultMaxOutputTokens,
      AbandonedStreams abandonedStreams,
      Map<String, String> modelNames) {
    this.modelNames = Map.copyOf(modelNames);
    this.estimates = new Estimates(estimator, prices, defaultMaxOutputTokens);
    this.costs = new EstimatedCosts(prices, estimates);
    this.policy = policy;
    this.budgets = budgets;
    this.listeners = listeners;
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.defaultTags = defaultTags;
    this.stampTags = stampTags;
    this.countAttempts = countAttempts;
    this.abandonedStreams = abandonedStreams;
  }

  /** The model behind a name: what the meter was told it stands for, or the name itself. */
  public String modelNamed(String name) {
    return modelNames.getOrDefault(name, name);
  }

  /** Remembers the region of a client that is wrapped, for quotes, which have no client. */
  public @Nullable String remember(@Nullable String region) {
    if (region != null) {
      lastRegion = region;
    }
    return region;
  }

  /** A call as it would be made now through the client that was wrapped last. */
  public MeteredCall describe(BedrockRuntimeRequest request) {
    Operation operation = RequestFacts.operationOf(request);
    String model = operation == null ? null : RequestFacts.modelId(operation, request);
    if (operation == null || model == null || model.isEmpty()) {
      throw new IllegalArgumentException(
          "quotes are for Converse, InvokeModel, their streams and StartAsyncInvoke, with a"
              + " modelId; got "
              + request.getClass().getSimpleName());
    }
    return describe(
        operation,
        RequestFacts.withModelId(operation, request, modelNamed(model)),
        model,
        lastRegion);
  }

  /** The same request to another model. */
  public static BedrockRuntimeRequest withModelId(BedrockRuntimeRequest request, String modelId) {
    Operation operation = RequestFacts.operationOf(request);
    return operation == null ? request : RequestFacts.withModelId(operation, request, modelId);
  }

  /** The facts, the estimate and its cost, of a call that is about to be made. Never throws. */
  MeteredCall describe(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      @Nullable String region) {
    String modelId = modelNamed(requestedModel);
    Usage bound = estimates.bound(operation, request, modelId);
    Usage estimate =
        estimates.narrows(operation)
            ? estimates.narrowed(operation, request, modelId, bound)
            : bound;
    return describe(
        operation,
        request,
        requestedModel,
        modelId,
        region,
        tags(request),
        bound,
        estimate,
        List.of());
  }

  /** Like {@link #describe}, without waiting for an estimator that asks somebody. */
  CompletionStage<MeteredCall> describeAsync(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      String modelId,
      @Nullable String region,
      Tags tags,
      List<Amendment> amendments) {
    Usage bound = estimates.bound(operation, request, modelId);
    CompletionStage<Usage> estimate =
        estimates.narrows(operation)
            ? estimates.narrowedAsync(operation, request, modelId, bound)
            : CompletableFuture.completedFuture(bound);
    return estimate.thenApply(
        usage ->
            describe(
                operation,
                request,
                requestedModel,
                modelId,
                region,
                tags,
                bound,
                usage,
                amendments));
  }

  private MeteredCall describe(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      String modelId,
      @Nullable String region,
      Tags tags,
      Usage bound,
      Usage estimate,
      List<Amendment> amendments) {
    PriceKey pricing = new PriceKey(modelId, region, RequestFacts.tier(request), clock.instant());
    return new MeteredCall(
        idPrefix + nextId.getAndIncrement(),
        operation.awsName(),
        requestedModel,
        pricing,
        tags,
        bound,
        estimate,
        costs.estimatedCost(operation, request, pricing, estimate),
        amendments);
  }

  private Tags tags(BedrockRuntimeRequest request) {
    return RequestFacts.tags(request).over(TagScope.current()).over(defaultTags);
  }

  /** Lets a call in, on the caller's thread. */
  public OpenCall admit(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      @Nullable String region) {
    MeteredCall call = describe(operation, request, requestedModel, region);
    if (budgets.hasRemedies()) {
      return admission(operation, request, call).enterWaiting(call);
    }
    BudgetDecision decision;
    try {
      decision = policy.reserve(call);
    } catch (Throwable undecided) {
      throw denied(call, undecided(call, undecided));
    }
    return opened(call, request, decision);
  }

  /**
   * Lets a call in without blocking; the stage fails with {@link BudgetExceededException} on a no.
   *
   * @param result the future that the caller holds; a call that waits leaves when it completes
   */
  public CompletionStage<OpenCall> admitAsync(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      @Nullable String region,
      CompletableFuture<?> result) {
    if (estimates.narrows(operation)) {
      Tags tags = tags(request);
      return describeAsync(
              operation,
              request,
              requestedModel,
              modelNamed(requestedModel),
              region,
              tags,
              List.of())
          .thenCompose(call -> admitAsync(operation, request, call, result));
    }
    return admitAsync(
        operation, request, describe(operation, request, requestedModel, region), result);
  }

  private CompletionStage<OpenCall> admitAsync(
      Operation operation,
      BedrockRuntimeRequest request,
      MeteredCall call,
      CompletableFuture<?> result) {
    if (budgets.hasRemedies()) {
      Admission admission = admission(operation, request, call);
      CompletionStage<OpenCall> entered = admission.enter(call);
      if (!entered.toCompletableFuture().isDone()) {
        result.whenComplete((answer, failure) -> admission.cancel());
      }
      return entered;
    }
    return decideAsync(call).thenApply(decision -> opened(call, request, decision));
  }

  private Admission admission(
      Operation operation, BedrockRuntimeRequest request, MeteredCall call) {
    Amending amending =
        new Amending(this, budgets, operation, request, call.requestedModel(), call.region());
    return new Admission(this, budgets, amending, call.tags());
  }

  /** What the policy says, without blocking. The stage does not fail: undecided is a denial. */
  CompletionStage<BudgetDecision> decideAsync(MeteredCall call) {
    CompletionStage<BudgetDecision> stage;
    try {
      stage = policy.reserveAsync(call);
    } catch (Throwable undecided) {
      return CompletableFuture.completedFuture(undecided(call, undecided));
    }
    if (stage == null) {
      return CompletableFuture.completedFuture(undecided(call, null));
    }
    return stage.handle(
        (decision, undecided) ->
            undecided == null && decision != null
                ? decision
                : undecided(call, undecided == null ? null : Failures.unwrapped(undecided)));
  }

  /** Opens a call that was granted; throws where it was denied. */
  OpenCall opened(
      MeteredCall call, BedrockRuntimeRequest request, @Nullable BudgetDecision decision) {
    if (decision instanceof BudgetDecision.Granted granted) {
      listeners.reserved(call);
      return new OpenCall(this, call, request, granted.reservation(), nanoTime());
    }
    throw denied(call, decision instanceof Denied denied ? denied : undecided(call, null));
  }

  /** Tells that a call is denied, and gives the exception that says so. */
  BudgetExceededException denied(MeteredCall call, Denied denied) {
    listeners.publish(listener -> listener.onDenied(new DenialEvent(call, denied, true)));
    return new BudgetExceededException(denied);
  }

  private static Denied undecided(MeteredCall call, @Nullable Throwable cause) {
    log.warn("Call {} is denied: its policy cannot decide", call.id(), cause);
    String why =
        cause == null
            ? "it answered null"
            : cause.getMessage() == null ? cause.getClass().getName() : cause.getMessage();
    return new Denied(
        "policy",
        "",
        null,
        null,
        null,
        "the policy cannot decide ("
            + why
            + "), and what cannot decide does not spend; see BudgetPolicy.failOpen, or failOpen of"
            + " the meter's builder for its budgets");
  }

  /**
   * The request to send: with the call's tags in its metadata, unless that was switched off, and
   * with its attempts counted where they can time out.
   */
  public BedrockRuntimeRequest toSend(OpenCall call, @Nullable ClientOverrideConfiguration client) {
    BedrockRuntimeRequest request =
        stampTags ? RequestStamp.stamp(call.request(), call.call().tags()) : call.request();
    Attempts attempts = Attempts.at(request, client, countAttempts);
    if (attempts == null) {
      return request;
    }
    call.count(attempts);
    return attempts.watch(request, client);
  }

  /** What is charged for this call's stream if it ends without usage. */
  public AbandonedStreams abandonedStreams(BedrockRuntimeRequest request) {
    return AbandonRule.of(request, abandonedStreams);
  }

  /** What usage costs, and estimates. */
  public EstimatedCosts costs() {
    return costs;
  }

  Listeners listeners() {
    return listeners;
  }

  /** Elapsed time's clock; zero if it is broken, since a call must not end for that. */
  long nanoTime() {
    try {
      return nanoClock.getAsLong();
    } catch (Throwable mishap) {
      log.warn("The nano clock failed", mishap);
      return 0;
    }
  }

  /** Remembers a settlement that is under way, so that {@link #awaitSettlements} can wait. */
  @SuppressWarnings("CollectionUndefinedEquality") // identity is meant: each is its own settlement
  void underWay(CompletableFuture<?> settlement) {
    if (!settlement.isDone()) {
      unsettled.add(settlement);
      settlement.whenComplete((done, failure) -> unsettled.remove(settlement));
    }
  }

  /** Waits until the settlements under way have ended, at most so long. */
  public boolean awaitSettlements(Duration atMost) {
    CompletableFuture<?>[] pending = unsettled.toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(pending).get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException reportedAlready) {
      return true;
    } catch (TimeoutException late) {
      log.warn("{} settlements had not ended after {}", unsettled.size(), atMost);
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
