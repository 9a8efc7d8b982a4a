// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.call;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call to Bedrock, as it stands before it is sent. Immutable and thread-safe.
 *
 * @param id unique across processes and restarts, and new for each try; every hold and event of the
 *     call carries it, and so does its request's metadata, unless that was switched off
 * @param operation Bedrock's name for the operation, as in its logs: {@code Converse}, {@code
 *     InvokeModelWithResponseStream}
 * @param requestedModel the model as the caller named it: the same as {@link #modelId}, or one of
 *     the meter's own model names
 * @param pricing what the price depends on: model, source region, tier, start
 * @param tags the call's tags
 * @param bound what the call may consume at most, by the built-in bound
 * @param estimate what budgets hold, by the meter's estimator: the bound itself unless another one
 *     was set; an upper bound if the estimator's is
 * @param estimatedCost what the estimate costs
 * @param amendments how the call was changed to fit its budgets, in the order it was done; mostly
 *     empty
 */
public record MeteredCall(
    String id,
    String operation,
    String requestedModel,
    PriceKey pricing,
    Tags tags,
    Usage bound,
    Usage estimate,
    Cost estimatedCost,
    List<Amendment> amendments) {

  public MeteredCall {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(requestedModel, "requestedModel");
    Objects.requireNonNull(pricing, "pricing");
    Objects.requireNonNull(tags, "tags");
    Objects.requireNonNull(bound, "bound");
    Objects.requireNonNull(estimate, "estimate");
    Objects.requireNonNull(estimatedCost, "estimatedCost");
    amendments = List.copyOf(amendments);
  }

  /** The model as it is called: a model id, a profile id or an ARN. */
  public String modelId() {
    return pricing.modelId();
  }

  /**
   * The name under which CloudWatch keeps this model's metrics: the last part of an ARN, such as
   * the id of an application inference profile, or else the model id.
   */
  public String modelMetric() {
    return ModelId.of(modelId()).shortName();
  }

  /** The region of the client; null where the client does not say. */
  public @Nullable String region() {
    return pricing.region();
  }

  /** When the call was made, by the meter's clock. */
  public Instant startedAt() {
    return pricing.at();
  }

  /** How a call was changed so that a budget could take it, instead of refusing it. */
  public sealed interface Amendment {

    /** The budget that the call did not fit as it was asked for. */
    String budget();

    /**
     * The call was sent with a lower limit on its output, or with one where it had none.
     *
     * @param budget the budget that asked for it
     * @param from the output tokens the request allowed, or the model does where it set no limit
     * @param to the output tokens it was sent with
     */
    record LoweredOutput(String budget, long from, long to) implements Amendment {}

    /**
     * The call was sent to another model.
     *
     * @param budget the budget that asked for it
     * @param from the model the caller asked for, as it is called
     * @param to the model it was sent to
     */
    record OtherModel(String budget, String from, String to) implements Amendment {}

    /**
     * The call was kept back until the budget had room.
     *
     * @param budget the budget that asked for it
     * @param time how long it waited
     */
    record Waited(String budget, Duration time) implements Amendment {}
  }
}
