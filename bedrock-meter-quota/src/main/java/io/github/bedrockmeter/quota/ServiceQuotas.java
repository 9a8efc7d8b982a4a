// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.usage.ModelAliases;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps calls under Bedrock's own quotas of tokens and requests, so that a fleet waits instead of
 * being throttled. Immutable settings, thread-safe; use one for all meters of a JVM.
 *
 * <pre>{@code
 * BedrockMeter meter = BedrockMeter.builder()
 *     .policy(ServiceQuotas.builder()
 *         .model("us.anthropic.claude-sonnet-4-6", ModelQuota.tokensPerMinute(2_000_000).withRequestsPerMinute(500))
 *         .share(1, 4)                        // four JVMs share the account's quota
 *         .waitUpTo(Duration.ofSeconds(20))
 *         .build())
 *     .build();
 * }</pre>
 *
 * <p>It counts as AWS does. At its start a call takes its input and the whole of {@code maxTokens}.
 * At its end it has taken input, cache writes, and output times the model's {@linkplain
 * BurndownRates burndown rate}; the difference is given back, or becomes a debt that the refill
 * repays. Cache reads are free. A call that failed, or was never sent, gives everything back. The
 * attempts that the SDK repeats by itself are not seen.
 *
 * <p>A model has its quotas for each region, apart from those of its cross-region profiles, which
 * are models of their own here as at AWS. Calls of models without a quota pass, as do guardrails,
 * reserved tiers and provisioned throughput, which have other limits.
 *
 * <p>A synchronous call waits on its caller's thread; an asynchronous call blocks no thread, and
 * goes on with one of the meter's own if it waited. Calls for one model go in the order in which
 * they came. Nothing is stored: a JVM that starts has full buckets.
 */
public final class ServiceQuotas implements BudgetPolicy {
  private static final int PERCENT = 100;

  /** The share of a day's quota that may go at once, since few loads are even over the day. */
  private static final int DAY_HEADROOM_PERCENT = 50;

  private static final int FEW_LANES = 1_000;

  private static final Set<String> MODEL_OPERATIONS =
      Set.of(
          "Converse",
          "ConverseStream",
          "InvokeModel",
          "InvokeModelWithResponseStream",
          "InvokeModelWithBidirectionalStream",
          "StartAsyncInvoke");

  private final ModelMap<ModelQuota> quotas;
  private final ModelAliases aliases;
  private final BurndownRates burndown;
  private final long share;
  private final long shares;
  private final int headroomPercent;
  private final Duration longestWait;
  private final LongSupplier nanoClock;
  private final Lane.Alarm alarm;
  private final Executor executor;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private volatile int sweepAt = FEW_LANES;

  private ServiceQuotas(Builder builder, BurndownRates burndown) {
    this.quotas = new ModelMap<>(builder.quotas);
    this.aliases = builder.aliases;
    this.burndown = burndown;
    this.share = builder.share;
    this.shares = builder.shares;
    this.headroomPercent = builder.headroomPercent;
    this.longestWait = builder.longestWait;
    this.nanoClock = builder.nanoClock;
    this.alarm = builder.alarm;
    this.executor = builder.executor;
  }

  /** A builder of this policy. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Waits on the caller's thread. A thread that is interrupted is denied, and stays interrupted.
   */
  @Override
  public BudgetDecision reserve(MeteredCall call) {
    CompletableFuture<BudgetDecision> answer = reserve(call, Runnable::run);
    try {
      return answer.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return answer.cancel(false)
          ? BudgetDecision.denied(
              DenialKind.INTERRUPTED,
              "service-quotas",
              "the thread was interrupted while the call waited for a quota")
          : answer.join();
    } catch (ExecutionException broken) {
      throw new CompletionException(broken.getCause());
    }
  }

  /** Blocks no thread. Cancelling the future gives up the call's place. */
  @Override
  public CompletionStage<BudgetDecision> reserveAsync(MeteredCall call) {
    return reserve(call, executor);
  }

  private CompletableFuture<BudgetDecision> reserve(MeteredCall call, Executor completer) {
    while (true) {
      Lane lane = laneOf(call);
      if (lane == null) {
        return CompletableFuture.completedFuture(BudgetDecision.granted());
      }
      CompletableFuture<BudgetDecision> answer = lane.reserve(tokensAtStart(call), completer);
      if (answer != null) {
        return answer;
      }
    }
  }

  /** Forgets lanes that are not in use: a pattern takes in any model id, also a made-up one. */
  private void sweep() {
    if (lanes.size() >= sweepAt) {
      lanes.values().removeIf(Lane::closeIfUnused);
      sweepAt = Math.max(FEW_LANES, 2 * lanes.size());
    }
  }

  /** How many models in how many regions are remembered. */
  int lanes() {
    return lanes.size();
  }

  private @Nullable Lane laneOf(MeteredCall call) {
    if (!MODEL_OPERATIONS.contains(call.operation())
        || call.pricing().tier().equals("reserved")
        || ModelId.of(call.modelId()).kind() == ModelId.Kind.PROVISIONED) {
      return null;
    }
    String model = ModelId.of(aliases.modelOf(call.modelId())).shortName();
    ModelQuota quota = quotas.find(model);
    if (quota == null) {
      return null;
    }
    String scope = "model=" + model + (call.region() == null ? "" : ",region=" + call.region());
    Lane known = lanes.get(scope);
    if (known != null) {
      return known;
    }
    sweep();
    return lanes.computeIfAbsent(
        scope,
        newScope -> {
          long rate = burndown.of(model);
          return new Lane(
              newScope,
              buckets(model, quota),
              usage -> tokensAtEnd(usage, rate),
              longestWait.toNanos(),
              nanoClock,
              alarm);
        });
  }

  /** All input, as the meter estimates it, and the most output that the request allows. */
  private static long tokensAtStart(MeteredCall call) {
    Usage estimate = call.estimate();
    long cached = Math.addExact(estimate.cacheReadTokens(), estimate.cacheWriteTokens());
    return Math.addExact(
        Math.addExact(sum(estimate, "input", 1), cached), sum(call.bound(), "output", 1));
  }

  private static long tokensAtEnd(Usage usage, long burndown) {
    return Math.addExact(
        sum(usage, "input", 1),
        Math.addExact(usage.cacheWriteTokens(), sum(usage, "output", burndown)));
  }

  /** The tokens of all meters of one direction, whatever they stand for: text, image, speech. */
  private static long sum(Usage usage, String direction, long factor) {
    long[] sum = {0};
    usage.forEach(
        (meter, count) -> {
          if (meter.countsTokens() && meter.kind().startsWith(direction)) {
            sum[0] = Math.addExact(sum[0], Math.multiplyExact(count, factor));
          }
        });
    return sum[0];
  }

  private List<QuotaBucket> buckets(String model, ModelQuota quota) {
    List<QuotaBucket> buckets = new ArrayList<>();
    add(buckets, model, "requests-per-minute", Unit.REQUESTS, quota.requestsPerMinute());
    add(buckets, model, "tokens-per-minute", Unit.TOKENS, quota.tokensPerMinute());
    add(buckets, model, "tokens-per-day", Unit.TOKENS, quota.tokensPerDay());
    return buckets;
  }

  private void add(
      List<QuotaBucket> buckets, String model, String name, Unit unit, @Nullable Long accounts) {
    if (accounts == null) {
      return;
    }
    boolean daily = name.endsWith("day");
    long ours = Math.multiplyExact(accounts, share) / shares;
    long percent = daily ? DAY_HEADROOM_PERCENT : headroomPercent;
    long capacity = Math.max(1, Math.multiplyExact(ours, percent) / PERCENT);
    if (ours - capacity < 1) {
      throw new IllegalArgumentException(
          "the share of '%s' in its %s is %d of %d, too little for a capacity and a refill"
              .formatted(model, name, ours, accounts));
    }
    buckets.add(
        new QuotaBucket(
            name,
            unit,
            ours,
            capacity,
            daily ? Duration.ofDays(1) : Duration.ofMinutes(1),
            nanoClock));
  }

  /** Builds the policy. Mutable, confined to one thread. */
  public static final class Builder {
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private final Map<String, ModelQuota> quotas = new HashMap<>();
    private ModelAliases aliases = ModelAliases.none();
    private @Nullable BurndownRates burndown;
    private long share = 1;
    private long shares = 1;
    private int headroomPercent = 20;
    private Duration longestWait = Duration.ZERO;
    private LongSupplier nanoClock = System::nanoTime;
    private Lane.Alarm alarm =
        (nanos, task) ->
            CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, Runnable::run)
                .execute(task);
    private Executor executor = new CompletableFuture<>().defaultExecutor();

    private Builder() {}

    /**
     * The quota of one model, or the same for each model of a kind.
     *
     * @param pattern a model id or a cross-region profile's id, whole, as {@code
     *     us.anthropic.claude-sonnet-4-6}, or its beginning, as {@code amazon.nova-*}; the whole
     *     name wins over a beginning, and a longer beginning over a shorter. ARNs of both are
     *     matched by what they end in
     */
    public Builder model(String pattern, ModelQuota quota) {
      Objects.requireNonNull(quota, "quota");
      if (quotas.putIfAbsent(ModelMap.check(pattern), quota) != null) {
        throw new IllegalArgumentException("'" + Escaped.text(pattern) + "' has a quota already");
      }
      return this;
    }

    /**
     * The model behind a name that does not show it, such as an application inference profile's
     * ARN: its calls take from that model's quota.
     */
    public Builder alias(String modelId, String model) {
      aliases = aliases.with(modelId, model);
      return this;
    }

    /** More aliases; the meter and the price catalogue take the same value. */
    public Builder aliases(ModelAliases more) {
      aliases = aliases.plus(more);
      return this;
    }

    /** How output burns the quota down; by default {@link BurndownRates#bundled}. */
    public Builder burndown(BurndownRates rates) {
      this.burndown = Objects.requireNonNull(rates, "rates");
      return this;
    }

    /**
     * The part of the account's quota that this policy may use, which is all of it by default: one
     * of {@code n} JVMs has {@code share(1, n)}.
     */
    public Builder share(int part, int of) {
      if (part < 1 || part > of) {
        throw new IllegalArgumentException(
            "share must be a part of the whole, such as share(1, 4): " + part + " of " + of);
      }
      this.share = part;
      this.shares = of;
      return this;
    }

    /**
     * How much of a minute's quota may go at once, 1 to 90; 20 by default. The rest flows evenly:
     * with 5, up to 95 % of the quota is in steady use. Calls larger than this part go only if they
     * may wait.
     */
    public Builder headroomPercent(int percent) {
      if (percent < 1 || percent > 90) {
        throw new IllegalArgumentException("headroomPercent must be from 1 to 90: " + percent);
      }
      this.headroomPercent = percent;
      return this;
    }

    /** How long a call waits for room before it is denied; by default it does not wait. */
    public Builder waitUpTo(Duration longestWait) {
      if (longestWait.isNegative() || longestWait.compareTo(LONGEST_WAIT) > 0) {
        throw new IllegalArgumentException(
            "waitUpTo must be from zero to one day, such as Duration.ofSeconds(20): "
                + longestWait);
      }
      this.longestWait = longestWait;
      return this;
    }

    /** Time, alarms and the place of continuations, for tests. */
    Builder time(LongSupplier nanoClock, Lane.Alarm alarm, Executor executor) {
      this.nanoClock = nanoClock;
      this.alarm = alarm;
      this.executor = executor;
      return this;
    }

    /**
     * The policy.
     *
     * @throws IllegalStateException if no model has a quota
     * @throws IllegalArgumentException if a share is too small to be used
     */
    public ServiceQuotas build() {
      if (quotas.isEmpty()) {
        throw new IllegalStateException(
            "no model has a quota; give one, as .model(\"amazon.nova-lite-v1:0\","
                + " ModelQuota.tokensPerMinute(200_000))");
      }
      ServiceQuotas policy =
          new ServiceQuotas(this, burndown == null ? BurndownRates.bundled() : burndown);
      quotas.forEach(policy::buckets); // refuses shares that are too small
      return policy;
    }
  }
}
