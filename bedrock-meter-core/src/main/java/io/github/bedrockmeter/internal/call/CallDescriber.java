// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.call.UnwrappedCall;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.estimate.Estimates;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** The facts of a call before it is sent, with its estimate and cost. Thread-safe. */
final class CallDescriber {
  private static final String[] DIGITS = new String[Character.MAX_RADIX];

  static {
    for (int i = 0; i < DIGITS.length; i++) {
      DIGITS[i] = Integer.toString(i, DIGITS.length);
    }
  }

  private final Estimates estimates;
  private final EstimatedCosts costs;
  private final InstantSource clock;
  private final Workers workers;

  /** 56 random bits: two processes hardly ever share them, and most ids fit into 16 characters. */
  private final String idPrefix =
      Long.toString(new SecureRandom().nextLong() >>> 8, DIGITS.length) + ".";

  private final AtomicLong nextId = new AtomicLong();
  private volatile Stem stem = new Stem(-1, "");

  CallDescriber(Estimates estimates, EstimatedCosts costs, InstantSource clock, Workers workers) {
    this.estimates = estimates;
    this.costs = costs;
    this.clock = clock;
    this.workers = workers;
  }

  /**
   * Whether the estimator may ask another service, for which an asynchronous call must not wait.
   */
  boolean mayWait(Asked asked) {
    return estimates.narrows(asked);
  }

  /** What a call may use at most, by the built-in bound. Never throws, and never waits. */
  Usage bound(Asked asked) {
    return estimates.bound(asked, "that is not described yet");
  }

  /** The facts, the estimate and its cost, of a call that is about to be made. Never throws. */
  MeteredCall describe(Asked asked) {
    return describe(asked, List.of());
  }

  /** Like {@link #describe(Asked)}, of a call that was amended. */
  MeteredCall describe(Asked asked, List<Amendment> amendments) {
    String id = newId();
    Usage bound = estimates.bound(asked, id);
    Usage estimate = estimates.narrows(asked) ? estimates.narrowed(asked, bound, id) : bound;
    return describe(id, asked, bound, estimate, amendments);
  }

  /**
   * Like {@link #describe(Asked)}, without waiting for an estimator that asks another service; the
   * stage completes on a thread on which foreign code may run.
   */
  CompletionStage<MeteredCall> describeAsync(Asked asked, List<Amendment> amendments) {
    String id = newId();
    Usage bound = estimates.bound(asked, id);
    CompletionStage<Usage> estimate =
        estimates.narrows(asked)
            ? estimates.narrowedAsync(asked, bound, id)
            : CompletableFuture.completedFuture(bound);
    return workers
        .handOver(estimate)
        .thenApply(usage -> describe(id, asked, bound, usage, amendments));
  }

  /** Ids that differ in their last digit share the text before it, which is kept. */
  private String newId() {
    long number = nextId.getAndIncrement();
    long tens = number / DIGITS.length;
    Stem known = stem;
    if (known.tens != tens) {
      known = new Stem(tens, idPrefix + Long.toString(tens, DIGITS.length));
      stem = known;
    }
    return known.text.concat(DIGITS[(int) (number % DIGITS.length)]);
  }

  private record Stem(long tens, String text) {}

  /** The facts of a call that goes through no wrapped client. Never throws. */
  MeteredCall describe(UnwrappedCall asked, String modelId, Tags tags) {
    String id = newId();
    PriceKey pricing = new PriceKey(modelId, asked.region(), asked.tier(), clock.instant());
    return new MeteredCall(
        id,
        asked.operation(),
        asked.modelId(),
        pricing,
        tags,
        asked.estimate(),
        asked.estimate(),
        costs.price(pricing, asked.estimate(), id),
        List.of());
  }

  private MeteredCall describe(
      String id, Asked asked, Usage bound, Usage estimate, List<Amendment> amendments) {
    PriceKey pricing = new PriceKey(asked.modelId(), asked.region(), asked.tier(), clock.instant());
    return new MeteredCall(
        id,
        asked.operation().awsName(),
        asked.requestedModel(),
        pricing,
        asked.tags(),
        bound,
        estimate,
        costs.estimatedCost(asked, pricing, estimate, id),
        amendments);
  }
}
