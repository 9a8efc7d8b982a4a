// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.estimate.Estimates;
import io.github.bedrockmeter.internal.request.AbandonRule;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.MeteredMark;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.internal.support.Listeners;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** The life of a call: estimate, reserve, send, read, settle, report. Thread-safe. */
public final class Metering {
  /*
   * The order of the steps, and why it is this one.
   *
   * Before the call is sent, anything may still stop it, so everything that can fail for reasons of
   * ours happens here: facts, estimate, price, policy. An estimator or a price book that fails has a
   * stand-in (the built-in bound, an unknown cost); a policy has none, and denies.
   *
   * Once the call is sent, nothing of ours may reach the caller. SyncCalls and AsyncCalls send, and
   * hand what came back to OpenCall, whose methods never throw. OpenCall closes once: whatever comes
   * first, an answer, a failure or a cancellation, decides; the rest find it closed. It starts the
   * commit, notifies the listeners, and returns without waiting for the commit to end.
   */
  private final CallSettings settings;
  private final CallDescriber describer;
  private final Accounting accounting;
  private final Decisions decisions;
  private final Budgets budgets;
  private final Bypass bypass;
  private final StatedCalls stated;

  @SuppressWarnings("ThreadLocalUsage") // each meter has its own: two that are stacked both meter
  private final ThreadLocal<@Nullable BedrockRuntimeRequest> handedOver = new ThreadLocal<>();

  private volatile boolean hasInstrumented;

  /**
   * What a meter is made of.
   *
   * @param policy all that must grant a call, {@code budgets} included
   */
  public Metering(
      Estimates estimates,
      EstimatedCosts costs,
      BudgetPolicy policy,
      Budgets budgets,
      Listeners listeners,
      CallSettings settings) {
    this.settings = settings;
    this.describer = new CallDescriber(estimates, costs, settings.clock(), settings.workers());
    this.accounting =
        new Accounting(
            estimates,
            costs,
            new CacheCounts(settings.inputIncludesCache()),
            listeners,
            new Settlements(),
            new OpenCalls(),
            settings.nanoClock(),
            settings.workers());
    this.bypass = new Bypass(settings.clock(), listeners);
    this.decisions = new Decisions(policy, new Passing(bypass, budgets, listeners), accounting);
    this.budgets = budgets;
    this.stated = new StatedCalls(settings, describer, decisions, accounting, budgets);
  }

  /** The model behind a name: the id it stands for, or the name itself. */
  public String modelNamed(String name) {
    return settings.modelNamed(name);
  }

  /** What a request asks for, by the tags that apply on this thread. */
  public Asked asked(
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      @Nullable String region) {
    String modelId = settings.modelNamed(requestedModel);
    return Asked.of(
        operation,
        modelId.equals(requestedModel)
            ? request
            : RequestFacts.withModelId(operation, request, modelId),
        requestedModel,
        region,
        settings.tags().of(request, budgets.tagNames()));
  }

  /**
   * What a request would ask for if it were made now, for a quote.
   *
   * @throws IllegalArgumentException if the request names no model, or has no quote
   */
  public Asked asked(BedrockRuntimeRequest request, String region) {
    Asked plain = Asked.of(request);
    return asked(plain.operation(), request, plain.requestedModel(), region);
  }

  /** The facts, the estimate and its cost, of a call that is about to be made. Never throws. */
  public MeteredCall describe(Asked asked) {
    return describer.describe(asked);
  }

  /** Calls that go through no wrapped client. */
  public StatedCalls stated() {
    return stated;
  }

  /** The emergency switch. */
  public Bypass bypass() {
    return bypass;
  }

  /** What usage costs, and estimates. */
  public EstimatedCosts costs() {
    return accounting.costs();
  }

  /**
   * Lets a call in, on the caller's thread.
   *
   * @param client the client's settings, whose timeout bounds a wait; null where it does not say
   */
  public OpenCall admit(Asked asked, @Nullable ClientOverrideConfiguration client) {
    long askedNanos = accounting.nanoTime();
    MeteredCall call = describer.describe(asked);
    return budgets.remedies().exist()
        ? admission(asked, client, askedNanos).enter(call)
        : decisions.opened(call, asked, decisions.decide(call), askedNanos);
  }

  /**
   * Lets a call in without blocking; the stage fails with {@link BudgetExceededException} on a no.
   *
   * @param client the client's settings, whose timeout bounds a wait; null where it does not say
   * @param result the future that the caller holds; a call that waits leaves when it completes
   */
  public CompletionStage<OpenCall> admitAsync(
      Asked asked, @Nullable ClientOverrideConfiguration client, CompletableFuture<?> result) {
    long askedNanos = accounting.nanoTime();
    return describer.mayWait(asked)
        ? describer
            .describeAsync(asked, List.of())
            .thenCompose(call -> admitAsync(asked, client, call, result, askedNanos))
        : admitAsync(asked, client, describer.describe(asked), result, askedNanos);
  }

  private CompletionStage<OpenCall> admitAsync(
      Asked asked,
      @Nullable ClientOverrideConfiguration client,
      MeteredCall call,
      CompletableFuture<?> result,
      long askedNanos) {
    if (budgets.remedies().exist()) {
      AdmissionInSteps admission =
          new AdmissionInSteps(admission(asked, client, askedNanos), settings.workers());
      CompletableFuture<OpenCall> entered = admission.enter(call);
      if (!entered.isDone()) {
        result.whenComplete((answer, failure) -> admission.cancel());
      }
      return entered;
    }
    return decisions
        .decideAsync(call)
        .thenApply(decision -> decisions.opened(call, asked, decision, askedNanos));
  }

  private Admission admission(
      Asked asked, @Nullable ClientOverrideConfiguration client, long askedNanos) {
    Amending amending =
        new Amending(describer, accounting.costs(), budgets.remedies(), settings, asked);
    WaitingCall waiting = new WaitingCall(budgets.remedies(), CallTime.of(asked.request(), client));
    return new Admission(
        decisions, budgets.remedies(), budgets.shadows(), amending, waiting, askedNanos);
  }

  /** The denial of a call that names no model when the meter has to decide. */
  public BudgetExceededException deniedWithoutModel(Asked asked) {
    return decisions.denied(
        describer.describe(asked),
        (Denied)
            BudgetDecision.denied(
                DenialKind.MODEL_UNKNOWN_AT_ADMISSION,
                "model",
                "the request must name a modelId before the client is called; a model that an"
                    + " interceptor fills in later would not be counted"));
  }

  /**
   * The request to send: with the call's id and tags in its metadata, unless that was switched off,
   * and with its attempts counted where they can time out and are not seen.
   *
   * @param client the client's settings; null where it does not say
   */
  public BedrockRuntimeRequest toSend(
      OpenCall call, @Nullable ClientOverrideConfiguration client, boolean isSeen) {
    BedrockRuntimeRequest granted = call.asked().request();
    BedrockRuntimeRequest request =
        MeteredMark.on(settings.stamp().on(granted, call.call(), client), client);
    Attempts attempts =
        isSeen ? null : Attempts.at(request, client, settings.countAttempts(), call.call().id());
    if (attempts == null) {
      return request;
    }
    call.seenBy(attempts);
    return attempts.watch(request, client);
  }

  /** What this thread hands over to a client that this meter wraps; null if nothing. */
  public @Nullable BedrockRuntimeRequest handedOver() {
    return handedOver.get();
  }

  /**
   * This thread hands a request over, until the client returns: another client of this meter that
   * it comes to is under the first, and passes it on.
   */
  public void handsOver(@Nullable BedrockRuntimeRequest request) {
    handedOver.set(request);
  }

  /** Remembers that an HTTP client was instrumented, which clients built elsewhere may use. */
  public void instruments() {
    hasInstrumented = true;
  }

  /** Whether any HTTP client was instrumented for clients that are built elsewhere. */
  public boolean hasInstrumented() {
    return hasInstrumented;
  }

  /**
   * The sending of a call through an instrumented HTTP client.
   *
   * @param isCertain whether the client surely sends through one
   */
  public Sending sending(OpenCall call, boolean isCertain) {
    Sending sending = new Sending(isCertain);
    call.seenBy(sending);
    return sending;
  }

  /** What is charged for this call's stream if it ends without usage. */
  public AbandonedStreams abandonedStreams(BedrockRuntimeRequest request) {
    return AbandonRule.of(request, settings.abandonedStreams());
  }

  /** The calls that were granted and have not ended, the oldest first. */
  public List<MeteredCall> openCalls() {
    return accounting.openCalls().now();
  }

  /** How many settlements have begun and have not ended. */
  public int pendingSettlements() {
    return accounting.settlements().pending();
  }

  /** How many settlements failed for good. */
  public long failedSettlements() {
    return accounting.settlements().failures();
  }

  /** Waits until the settlements under way have ended, at most so long. */
  public boolean awaitSettlements(Duration atMost) {
    return accounting.settlements().await(atMost);
  }
}
