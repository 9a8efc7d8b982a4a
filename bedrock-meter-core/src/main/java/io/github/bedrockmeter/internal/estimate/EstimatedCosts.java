// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.internal.request.CachePoints;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** What usage costs, and what an estimate may cost at most. Never throws. Thread-safe. */
public final class EstimatedCosts {
  private static final Logger log = LoggerFactory.getLogger(EstimatedCosts.class);

  private final PriceBook prices;
  private final Estimates estimates;

  public EstimatedCosts(PriceBook prices, Estimates estimates) {
    this.prices = prices;
    this.estimates = estimates;
  }

  /**
   * The cost of an estimate, as an upper bound: the dearer of uncached and cached input where the
   * request may write to the cache, and of the asked and the standard tier where Bedrock may serve
   * it in that one; unknown where the request does not tell how much of a meter it will use.
   */
  public Cost estimatedCost(
      Operation operation, BedrockRuntimeRequest request, PriceKey pricing, Usage estimate) {
    Cost asked = price(pricing, estimate);
    try {
      Cost dearest = asked;
      Meter cacheWrite = CachePoints.meter(request, pricing.modelId());
      if (cacheWrite != null) {
        Usage.Builder written = Usage.builder(Source.ESTIMATED);
        estimate.forEach(written::count);
        written.count(Meter.INPUT, 0).count(cacheWrite, estimate.inputTokens());
        dearest = dearer(dearest, price(pricing, written.build()));
      }
      if (!pricing.tier().equals(PriceKey.STANDARD) && !pricing.tier().equals(PriceKey.LATENCY)) {
        dearest = dearer(dearest, price(pricing.withTier(PriceKey.STANDARD), estimate));
      }
      return withoutUntold(dearest, estimates.untold(operation, request, estimate));
    } catch (Throwable mishap) {
      log.warn("The estimate of a call to {} may be too low", pricing.modelId(), mishap);
      return asked;
    }
  }

  /** The dearer of two costs; the first where one of them is unknown. */
  private static Cost dearer(Cost first, Cost second) {
    return first instanceof Cost.Known one
            && second instanceof Cost.Known other
            && other.amountUsd().compareTo(one.amountUsd()) > 0
        ? other
        : first;
  }

  /** A cost that leaves something out is not known, and what it tells is the least it can be. */
  public static Cost withoutUntold(Cost cost, Set<Meter> untold) {
    return untold.isEmpty() || cost instanceof Cost.Unknown
        ? cost
        : new Cost.Unknown("nothing tells how much was used of " + untold, cost.atLeastUsd());
  }

  /** What usage costs; unknown if the price book fails. Never throws. */
  public Cost price(PriceKey key, Usage usage) {
    try {
      Cost cost = prices.costOf(key, usage);
      return cost != null ? cost : new Cost.Unknown("the price book answered null");
    } catch (Throwable mishap) {
      log.warn("The price book failed for {}; the cost is unknown", key, mishap);
      return new Cost.Unknown("the price book failed: " + mishap.getClass().getSimpleName());
    }
  }
}
