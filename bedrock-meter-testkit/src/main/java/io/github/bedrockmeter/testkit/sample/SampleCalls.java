// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.sample;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Calls as a meter describes them before they are sent, for tests of policies and listeners.
 *
 * <pre>{@code
 * MeteredCall call =
 *     SampleCalls.converse()
 *         .model("amazon.nova-lite-v1:0")
 *         .tags("team", "search")
 *         .inputTokens(1_000)
 *         .outputTokens(500)
 *         .build();
 * }</pre>
 *
 * <p>What a test does not set is as in an ordinary call: a model, a region, the standard tier, a
 * thousand input and five hundred output tokens, and a known cost. Each call has an id of its own.
 * Thread-safe.
 */
public final class SampleCalls {

  /** The model of a call that names none: {@value}. */
  public static final String MODEL = "amazon.nova-lite-v1:0";

  /**
   * What sample calls cost, unless they are given other rates: round numbers that are easy to
   * follow, not the prices of AWS. A million input tokens cost 1 dollar, output tokens 5, tokens
   * read from the cache 0.10, and tokens written to it 1.25, or 2 for an hour.
   */
  public static final Rates RATES =
      Rates.builder("sample rates")
          .perMillion(Meter.INPUT, "1")
          .perMillion(Meter.OUTPUT, "5")
          .perMillion(Meter.CACHE_READ, "0.10")
          .perMillion(Meter.CACHE_WRITE_5M, "1.25")
          .perMillion(Meter.CACHE_WRITE_1H, "2")
          .build();

  private static final AtomicLong CALLS = new AtomicLong();

  private SampleCalls() {}

  /** A call of Converse. */
  public static Builder converse() {
    return of("Converse");
  }

  /** A call of ConverseStream. */
  public static Builder converseStream() {
    return of("ConverseStream");
  }

  /** A call of InvokeModel. */
  public static Builder invokeModel() {
    return of("InvokeModel");
  }

  /**
   * A call of any operation.
   *
   * @param operation Bedrock's name for it: {@code InvokeModelWithResponseStream}
   */
  public static Builder of(String operation) {
    return new Builder(operation);
  }

  /** Collects what a call is to look like. Mutable, confined to one thread. */
  public static final class Builder {
    private final String operation;
    private final Map<Meter, Long> counts = new LinkedHashMap<>();
    private String id = "sample-call-" + CALLS.incrementAndGet();
    private String model = MODEL;
    private @Nullable String requestedModel;
    private @Nullable String region = "us-east-1";
    private String tier = PriceKey.STANDARD;
    private Instant startedAt = Instant.parse("2026-11-23T10:15:30Z");
    private Tags tags = Tags.none();
    private @Nullable Usage bound;
    private Rates rates = RATES;
    private @Nullable String unpricedReason;
    private List<Amendment> amendments = List.of();

    private Builder(String operation) {
      this.operation = operation;
      counts.put(Meter.INPUT, 1_000L);
      counts.put(Meter.OUTPUT, 500L);
    }

    /** The call's id, which is a new one for each builder otherwise. */
    public Builder id(String id) {
      this.id = id;
      return this;
    }

    /** The model as it is called: a model id, a profile id or an ARN. */
    public Builder model(String model) {
      this.model = model;
      return this;
    }

    /** The model as the application named it, where that was a model name of the meter. */
    public Builder requestedModel(String requestedModel) {
      this.requestedModel = requestedModel;
      return this;
    }

    /** The client's region; null where it is unknown. */
    public Builder region(@Nullable String region) {
      this.region = region;
      return this;
    }

    /** The tier: {@code standard}, {@code flex}, {@code priority}, ... */
    public Builder tier(String tier) {
      this.tier = tier;
      return this;
    }

    /** When the call was made. */
    public Builder startedAt(Instant startedAt) {
      this.startedAt = startedAt;
      return this;
    }

    /** The call's tags, as names and values in turn: {@code tags("team", "search")}. */
    public Builder tags(String... namesAndValues) {
      this.tags = Tags.of(namesAndValues);
      return this;
    }

    /** The call's tags. */
    public Builder tags(Tags tags) {
      this.tags = tags;
      return this;
    }

    /** The estimated input tokens. */
    public Builder inputTokens(long count) {
      return count(Meter.INPUT, count);
    }

    /** The estimated output tokens: the most that the request allows. */
    public Builder outputTokens(long count) {
      return count(Meter.OUTPUT, count);
    }

    /** The estimated count of any meter, such as {@link Meter#CACHE_WRITE_1H}. */
    public Builder count(Meter meter, long count) {
      counts.put(meter, count);
      return this;
    }

    /** The built-in upper bound, where it differs from the estimate. */
    public Builder bound(Usage bound) {
      this.bound = bound;
      return this;
    }

    /** What the estimate costs, instead of {@link SampleCalls#RATES}. */
    public Builder rates(Rates rates) {
      this.rates = rates;
      return this;
    }

    /** A call whose cost is unknown, as that of a model without a price. */
    public Builder unpriced(String reason) {
      this.unpricedReason = reason;
      return this;
    }

    /** How the call was changed to fit its budgets. */
    public Builder amendments(Amendment... amendments) {
      this.amendments = List.of(amendments);
      return this;
    }

    /**
     * The call.
     *
     * @throws IllegalArgumentException if a count is negative
     */
    public MeteredCall build() {
      Usage.Builder counted = Usage.builder(Source.ESTIMATED);
      counts.forEach(counted::count);
      Usage estimate = counted.build();
      return new MeteredCall(
          id,
          operation,
          requestedModel != null ? requestedModel : model,
          new PriceKey(model, region, tier, startedAt),
          tags,
          bound != null ? bound : estimate,
          estimate,
          unpricedReason != null ? new Cost.Unknown(unpricedReason) : rates.costOf(estimate),
          amendments);
    }
  }
}
