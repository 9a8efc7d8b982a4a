// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.call;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call that goes through no wrapped client, as the application states it: an agent's, one to an
 * endpoint that speaks another provider's API, a record of a batch job, an hour of provisioned
 * throughput. Immutable and thread-safe.
 *
 * <pre>{@code
 * UnwrappedCall call = UnwrappedCall.of("InvokeAgent", "us.anthropic.claude-sonnet-4-6")
 *     .region("us-east-1").tags(Tags.of("team", "search")).estimate(Usage.ofTokens(20_000, 4_000));
 * try (UnwrappedCall.Reserved reserved = meter.reserve(call)) {
 *   reserved.commit(usageOf(agent.invoke(...)));
 * }
 * }</pre>
 *
 * @param operation what is called, as events and reports name it
 * @param modelId a model id, a profile id or an ARN, or one of the meter's own model names
 * @param region the source region, which sets the price; null if it is unknown
 * @param tier the price tier, in the words of {@link PriceKey}
 * @param tags who it is for; scopes of the thread and the meter's defaults add to them
 * @param estimate what it may consume at most: what budgets hold until it ends
 * @param deadline how long it may be open; after that it is charged at its estimate. In real time
 */
public record UnwrappedCall(
    String operation,
    String modelId,
    @Nullable String region,
    String tier,
    Tags tags,
    Usage estimate,
    Duration deadline) {
  private static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(15);
  private static final Duration LONGEST_DEADLINE = Duration.ofDays(7);

  public UnwrappedCall {
    if (operation.isBlank()) {
      throw new IllegalArgumentException("operation must not be blank, for example 'InvokeAgent'");
    }
    if (modelId.isBlank()) {
      throw new IllegalArgumentException(
          "modelId must not be blank, for example 'amazon.nova-lite-v1:0'");
    }
    Objects.requireNonNull(tier, "tier");
    Objects.requireNonNull(tags, "tags");
    Objects.requireNonNull(estimate, "estimate");
    if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(LONGEST_DEADLINE) > 0) {
      throw new IllegalArgumentException(
          "deadline must be positive and at most " + LONGEST_DEADLINE + ": " + deadline);
    }
  }

  /** A call of the standard tier that may be open for fifteen minutes, without an estimate. */
  public static UnwrappedCall of(String operation, String modelId) {
    return new UnwrappedCall(
        operation, modelId, null, PriceKey.STANDARD, Tags.none(), Usage.NONE, DEFAULT_DEADLINE);
  }

  /** This call in a region. */
  public UnwrappedCall region(String other) {
    return new UnwrappedCall(operation, modelId, other, tier, tags, estimate, deadline);
  }

  /** This call in a price tier, {@code batch} for example. */
  public UnwrappedCall tier(String other) {
    return new UnwrappedCall(operation, modelId, region, other, tags, estimate, deadline);
  }

  /** This call with these tags, which win over those of scopes and of the meter. */
  public UnwrappedCall tags(Tags other) {
    return new UnwrappedCall(operation, modelId, region, tier, other, estimate, deadline);
  }

  /** This call with what it may consume at most. */
  public UnwrappedCall estimate(Usage other) {
    return new UnwrappedCall(operation, modelId, region, tier, tags, other, deadline);
  }

  /** This call with how long it may be open. */
  public UnwrappedCall deadline(Duration other) {
    return new UnwrappedCall(operation, modelId, region, tier, tags, estimate, other);
  }

  /**
   * Room that was reserved for a call. The first of its methods that ends it decides; the others
   * then change nothing. Thread-safe; no method waits for the ledger.
   */
  public interface Reserved extends AutoCloseable {

    /** The call. */
    MeteredCall call();

    /**
     * Charges what the call consumed.
     *
     * @return what that costs; also where the call had ended before, and is not charged again
     */
    default Cost commit(Usage usage) {
      return commit(usage, null);
    }

    /**
     * Charges what the call consumed.
     *
     * @param requestId Bedrock's request id, by which its invocation log is joined; null if unknown
     * @return what that costs; also where the call had ended before, and is not charged again
     */
    Cost commit(Usage usage, @Nullable String requestId);

    /** The call was not made, or was refused: nothing is charged. */
    void release();

    /** Charges the estimate, unless the call has ended: it may have been billed. */
    @Override
    void close();
  }
}
