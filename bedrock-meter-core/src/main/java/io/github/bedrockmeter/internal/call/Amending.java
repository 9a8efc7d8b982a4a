// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.internal.budgets.Remedies;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

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
  private static final Log log = Log.to(LoggerFactory.getLogger(Amending.class));
  private static final OutageLog UNCHANGED =
      new OutageLog(log, "A call cannot be changed to fit its budget");

  private static final int MOST_FITTINGS = 8;

  /** Models refuse a limit above their own maximum; none that is known has a lower one. */
  private static final long LIMIT_OF_ANY_MODEL = 2_048;

  private final CallDescriber describer;
  private final EstimatedCosts costs;
  private final Remedies remedies;
  private final CallSettings settings;
  private final Asked original;

  private Asked asked;
  private List<Amendment> amendments = new ArrayList<>();
  private final Set<String> modelsTried = new HashSet<>();
  private int fittings;

  /** The budget whose {@code maxTokens} the call has, where it had none; null if none. */
  private @Nullable Budget limiting;

  Amending(
      CallDescriber describer,
      EstimatedCosts costs,
      Remedies remedies,
      CallSettings settings,
      Asked original) {
    this.describer = describer;
    this.costs = costs;
    this.remedies = remedies;
    this.settings = settings;
    this.original = original;
    this.asked = original;
  }

  /** What is asked for as it is now. */
  Asked asked() {
    return asked;
  }

  /** The call as it is now; the stage completes later where the estimator asks a service. */
  CompletionStage<MeteredCall> describeAsync(List<Amendment> before) {
    return describer.describeAsync(asked, withOwn(before));
  }

  /** The call as it is now, on a thread that may wait for an estimator. */
  MeteredCall describe(List<Amendment> before) {
    return describer.describe(asked, withOwn(before));
  }

  private List<Amendment> withOwn(List<Amendment> before) {
    List<Amendment> all = new ArrayList<>(before);
    all.addAll(amendments);
    return all;
  }

  /** Starts anew, as the caller asked for it. */
  void reset() {
    asked = original;
    amendments = new ArrayList<>();
    modelsTried.clear();
    fittings = 0;
    limiting = null;
  }

  /**
   * Gives a call that sets no {@code maxTokens} that of a budget; false if none has one, or it
   * cannot be set.
   */
  boolean limitOutput(MeteredCall call) {
    Budget budget = remedies.limitsOutput(call);
    return budget != null && limitOutput(budget, call.bound());
  }

  private boolean limitOutput(Budget budget, Usage bound) {
    Long tokens = budget.defaultMaxTokens();
    if (tokens == null) {
      return false;
    }
    long from = ofOneAnswer(bound);
    long limit = Remedies.assumesOutput(bound) ? tokens : Math.min(tokens, from);
    Asked limited = asked.withFirstOutputLimit(limit);
    if (limited == null) {
      return false;
    }
    asked = limited;
    limiting = budget;
    amendments.add(new Amendment.LoweredOutput(budget.name(), from, limit));
    return true;
  }

  private long ofOneAnswer(Usage bound) {
    return bound.outputTokens() / asked.samplings();
  }

  /** Changes the call to what the budget that denied it can take; false if it cannot be. */
  boolean amend(MeteredCall call, Denied denied) {
    try {
      Budget budget = remedies.budgetBehind(denied);
      return budget != null && (lowerOutput(budget, call, denied) || fallBack(budget));
    } catch (Throwable failure) { // of a filter, a limit or a price book
      UNCHANGED.failed("call " + call.id(), failure);
      return false;
    }
  }

  /** Goes to the budget's other model, unless it does already. */
  boolean fallBack(Budget budget) {
    Budget.Fallback fallback = budget.fallback();
    if (fallback == null) {
      return false;
    }
    String other = settings.modelNamed(fallback.model());
    modelsTried.add(asked.modelId());
    if (modelsTried.contains(other) || !canGoTo(other)) {
      return false;
    }
    amendments = new ArrayList<>();
    amendments.add(new Amendment.OtherModel(budget.name(), asked.modelId(), other));
    asked = original.withModel(other);
    fittings = 0;
    if (limiting != null) {
      limitOutput(limiting, describer.bound(asked));
    }
    return true;
  }

  private boolean canGoTo(String other) {
    return switch (asked.operation()) {
      case CONVERSE, CONVERSE_STREAM -> true;
      case INVOKE_MODEL, INVOKE_MODEL_WITH_RESPONSE_STREAM ->
          Readers.shareTheirBodies(asked.modelId(), other);
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
    Long set = asked.outputLimit();
    long limit = set != null ? set : ofOneAnswer(call.bound());
    long fitting = fittingOutput(budget, call, available.units());
    if (fitting < 0) {
      return false;
    }
    // What is estimated may be a share of the limit, or a multiple of it where answers are several.
    long lowered = Math.multiplyExact(fitting, limit) / estimated;
    if (set == null && Remedies.assumesOutput(call.bound())) {
      lowered = Math.min(lowered, LIMIT_OF_ANY_MODEL);
    }
    if (lowered < budget.leastOutputTokens() || lowered >= limit) {
      return false;
    }
    Asked smaller = asked.withOutputLimit(lowered);
    if (smaller == null) {
      return false;
    }
    asked = smaller;
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
    Usage usage = call.estimate().with(Meter.OUTPUT, outputTokens);
    return remedies.unitsFor(
        budget, call, usage, costs.estimatedCost(asked, call.pricing(), usage, call.id()));
  }
}
