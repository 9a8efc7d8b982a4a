// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.util.Set;
import org.slf4j.LoggerFactory;

/** What usage costs, and what an estimate may cost at most. Never throws. Thread-safe. */
public final class EstimatedCosts {
  private static final Log log = Log.to(LoggerFactory.getLogger(EstimatedCosts.class));
  private static final OutageLog TOO_LOW =
      new OutageLog(log, "The estimate of a call's cost may be too low");
  private static final OutageLog PRICES =
      new OutageLog(log, "The price book fails, and costs are unknown");

  private final PriceBook prices;

  public EstimatedCosts(PriceBook prices) {
    this.prices = prices;
  }

  /**
   * The cost of an estimate, as an upper bound: the higher of uncached and cached input where the
   * request may write to the cache, and of the asked and the standard tier where Bedrock may serve
   * it in that one; unknown where the request does not say how much of a meter it will use.
   *
   * @param call its id, for the log
   */
  public Cost estimatedCost(Asked asked, PriceKey pricing, Usage estimate, String call) {
    Cost cost = price(pricing, estimate, call);
    try {
      Cost highest = highestOf(asked, pricing, estimate, cost, call);
      if (!pricing.tier().equals(PriceKey.STANDARD)) {
        PriceKey standard = pricing.withTier(PriceKey.STANDARD);
        Cost served = price(standard, estimate, call);
        highest = higher(highest, highestOf(asked, standard, estimate, served, call));
      }
      return unknownIfUnreported(highest, Estimates.unstated(asked, estimate, call));
    } catch (Throwable failure) {
      TOO_LOW.failed("call " + call + " to " + pricing.modelId(), failure);
      return cost;
    }
  }

  /** The cost of an estimate in one tier, with its input uncached or written to the cache. */
  private Cost highestOf(
      Asked asked, PriceKey pricing, Usage estimate, Cost uncached, String call) {
    Meter cacheWrite = asked.cacheWrite();
    if (cacheWrite == null) {
      return uncached;
    }
    Usage written = estimate.with(Meter.INPUT, 0).with(cacheWrite, estimate.inputTokens());
    return higher(uncached, price(pricing, written, call));
  }

  /** The higher of two costs; the first where one of them is unknown. */
  private static Cost higher(Cost first, Cost second) {
    return first instanceof Cost.Known one
            && second instanceof Cost.Known other
            && other.amountUsd().compareTo(one.amountUsd()) > 0
        ? other
        : first;
  }

  /** A cost that leaves something out is not known, and what it says is the least it can be. */
  public static Cost unknownIfUnreported(Cost cost, Set<Meter> unreported) {
    return unreported.isEmpty() || cost instanceof Cost.Unknown
        ? cost
        : new Cost.Unknown("it is unknown how much was used of " + unreported, cost.atLeastUsd());
  }

  /** What usage of a call costs; unknown if the price book fails. Never throws. */
  public Cost price(PriceKey key, Usage usage, String call) {
    try {
      Cost cost = prices.costOf(key, usage);
      return cost != null ? cost : new Cost.Unknown("the price book answered null");
    } catch (Throwable failure) {
      PRICES.failed("call " + call + " to " + key.modelId(), failure);
      return new Cost.Unknown("the price book failed: " + failure.getClass().getSimpleName());
    }
  }
}
