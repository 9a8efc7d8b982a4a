// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.internal.request.OutputLimit;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * What a call on its way in has become, and what may still be changed about it so that it fits its
 * budgets. Confined to one thread at a time.
 */
final class Amending {
  /*
   * The budget that says no is asked for its remedies in this order: less output of the same model,
   * another model. What was changed is reserved again, so that other policies have their say on what
   * will really be sent; other budgets may say no then, and have remedies of their own. Output is
   * lowered a bounded number of times, since others spend at the same time.
   */
  private static final Logger log = LoggerFactory.getLogger(Amending.class);

  private static final int MOST_FITTINGS = 8;

  private final Metering metering;
  private final Budgets budgets;
  private final Operation operation;
  private final BedrockRuntimeRequest original;
  private final String requestedModel;
  private final @Nullable String region;

  private BedrockRuntimeRequest request;
  private String modelId;
  private List<Amendment> amendments = new ArrayList<>();
  private final Set<String> modelsTried = new HashSet<>();
  private int fittings;

  Amending(
      Metering metering,
      Budgets budgets,
      Operation operation,
      BedrockRuntimeRequest request,
      String requestedModel,
      @Nullable String region) {
    this.metering = metering;
    this.budgets = budgets;
    this.operation = operation;
    this.original = request;
    this.request = request;
    this.requestedModel = requestedModel;
    this.region = region;
    this.modelId = metering.modelNamed(requestedModel);
  }

  /** The request as it is now. */
  BedrockRuntimeRequest request() {
    return request;
  }

  /** The call as it is now; told later where the estimator asks somebody. */
  CompletionStage<MeteredCall> describe(Tags tags, List<Amendment> before) {
    List<Amendment> all = new ArrayList<>(before);
    all.addAll(amendments);
    return metering.describeAsync(operation, request, requestedModel, modelId, region, tags, all);
  }

  /** Starts anew, as the caller asked for it. */
  void reset() {
    request = original;
    modelId = metering.modelNamed(requestedModel);
    amendments = new ArrayList<>();
    modelsTried.clear();
    fittings = 0;
  }

  /** Changes the call to what the budget that denied it can take; false if it cannot be. */
  boolean amend(MeteredCall call, Denied denied) {
    try {
      Budget budget = budgets.budgetBehind(denied);
      return budget != null && (lowerOutput(budget, call, denied) || fallBack(budget));
    } catch (RuntimeException mishap) {
      log.warn("Call {} cannot be changed to fit", call.id(), mishap);
      return false;
    }
  }

  /** Goes to the budget's other model, unless it does already. */
  boolean fallBack(Budget budget) {
    Budget.Fallback fallback = budget.fallback();
    if (fallback == null) {
      return false;
    }
    String other = metering.modelNamed(fallback.model());
    modelsTried.add(modelId);
    if (modelsTried.contains(other) || !canGoTo(other)) {
      return false;
    }
    amendments = new ArrayList<>();
    amendments.add(new Amendment.OtherModel(budget.name(), modelId, other));
    request = RequestFacts.withModelId(operation, original, other);
    modelId = other;
    fittings = 0;
    return true;
  }

  private boolean canGoTo(String other) {
    return switch (operation) {
      case CONVERSE, CONVERSE_STREAM -> true;
      case INVOKE_MODEL, INVOKE_MODEL_WITH_RESPONSE_STREAM ->
          Readers.shareTheirBodies(modelId, other);
      default -> false;
    };
  }

  private boolean lowerOutput(Budget budget, MeteredCall call, Denied denied) {
    Amount available = denied.available();
    if (budget.onShortfall() != Budget.OnShortfall.FIT_OUTPUT
        || available == null
        || available.unit() == Unit.REQUESTS
        || fittings >= MOST_FITTINGS) {
      return false;
    }
    long estimated = call.estimate().outputTokens();
    if (estimated == 0) {
      return false;
    }
    Long asked = OutputLimit.of(request);
    long limit = asked != null ? asked : call.bound().outputTokens();
    long fitting = fittingOutput(budget, call, available.units());
    if (fitting < 0) {
      return false;
    }
    // What is estimated may be a share of the limit, or a multiple of it where answers are several.
    long lowered = Math.multiplyExact(fitting, limit) / estimated;
    if (lowered < budget.leastOutputTokens() || lowered >= limit) {
      return false;
    }
    BedrockRuntimeRequest smaller = OutputLimit.set(request, lowered);
    if (smaller == null) {
      return false;
    }
    request = smaller;
    fittings++;
    long from = limit;
    for (Amendment done : amendments) {
      if (done instanceof Amendment.LoweredOutput before) {
        from = before.from();
      }
    }
    amendments.removeIf(done -> done instanceof Amendment.LoweredOutput);
    amendments.add(new Amendment.LoweredOutput(budget.name(), from, lowered));
    return true;
  }

  /** The most output tokens of which the call would fit into so many units; -1 if none would. */
  private long fittingOutput(Budget budget, MeteredCall call, long available) {
    long fits = -1;
    long tooMany = call.estimate().outputTokens();
    while (tooMany - fits > 1) {
      long middle = fits + (tooMany - fits) / 2;
      if (unitsWithOutput(budget, call, middle) <= available) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return fits;
  }

  private long unitsWithOutput(Budget budget, MeteredCall call, long outputTokens) {
    Usage.Builder smaller = Usage.builder(Source.ESTIMATED);
    call.estimate().forEach(smaller::count);
    Usage usage = smaller.count(Meter.OUTPUT, outputTokens).build();
    return budgets.unitsFor(
        budget,
        call,
        usage,
        metering.costs().estimatedCost(operation, request, call.pricing(), usage));
  }
}
