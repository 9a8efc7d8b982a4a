// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * A call as it was sent, where an interceptor changed it after it was admitted. Immutable.
 *
 * @param pricing what its price depends on
 * @param estimate what it may consume at most
 * @param anomaly says what was changed; null if it asks for no more than was admitted
 */
record SentCall(PriceKey pricing, Usage estimate, @Nullable Anomaly anomaly) {

  /** What was sent; null if that is what was admitted, or sending was not seen. */
  static @Nullable SentCall of(MeteredCall call, Asked asked, Sight sight, Accounting accounting) {
    if (!(sight instanceof Sending sending)) {
      return null;
    }
    BedrockRuntimeRequest request = sending.sentInstead();
    String called = sending.modelId();
    String model = called == null ? asked.modelId() : called;
    if (request == null && model.equals(asked.modelId())) {
      return null;
    }
    Asked sent = request == null ? asked : asked.withRequest(request);
    PriceKey pricing = new PriceKey(model, asked.region(), sent.tier(), call.startedAt());
    Usage estimate =
        request == null ? call.estimate() : accounting.estimates().bound(sent, call.id());
    Cost cost = accounting.costs().estimatedCost(sent, pricing, estimate, call.id());
    return new SentCall(pricing, estimate, anomaly(call, pricing, estimate, cost));
  }

  private static @Nullable Anomaly anomaly(
      MeteredCall call, PriceKey pricing, Usage estimate, Cost cost) {
    boolean more =
        estimate.totalTokens() > call.bound().totalTokens()
            || !(cost instanceof Cost.Known)
            || cost.atLeastUsd().compareTo(call.estimatedCost().atLeastUsd()) > 0;
    return more
        ? new Anomaly(
            Anomaly.Kind.MORE_THAN_ADMITTED,
            "admitted: "
                + call.modelId()
                + ", at most "
                + call.estimate().totalTokens()
                + " tokens; sent: "
                + pricing.modelId()
                + ", at most "
                + estimate.totalTokens())
        : null;
  }
}
