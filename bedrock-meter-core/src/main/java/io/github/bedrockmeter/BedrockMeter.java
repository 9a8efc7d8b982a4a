// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.internal.budgets.SteadyLedger;
import io.github.bedrockmeter.internal.budgets.TagRules;
import io.github.bedrockmeter.internal.call.CallSettings;
import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.client.BuiltClients;
import io.github.bedrockmeter.internal.client.ClientProxy;
import io.github.bedrockmeter.internal.client.InstrumentedAsyncHttpClient;
import io.github.bedrockmeter.internal.client.InstrumentedHttpClient;
import io.github.bedrockmeter.internal.estimate.CountTokensEstimator;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.estimate.Estimates;
import io.github.bedrockmeter.internal.request.AbandonRule;
import io.github.bedrockmeter.internal.request.TagScope;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.usage.ModelAliases;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * Meters, prices and caps what Bedrock clients spend. Wrap the client you have; each call is then
 * checked against budgets before it is sent, and its usage is read, priced and published to
 * listeners when it has ended. Thread-safe; one meter serves any number of clients. Its budgets can
 * be changed while it is in use; all else is fixed.
 *
 * <pre>{@code
 * BedrockMeter meter = BedrockMeter.builder()
 *     .budget(Budget.named("tenant-daily").limit(Amount.usd("25.00")).window(Window.daily(ZoneOffset.UTC)).per("tenant").build())
 *     .prices(PriceCatalog.bundled())
 *     .listener(MeterListener.logging())
 *     .build();
 * BedrockRuntimeClient client = meter.wrap(BedrockRuntimeClient.create());
 * }</pre>
 */
public final class BedrockMeter implements AutoCloseable {
  private static final Duration CLOSING_TIME = Duration.ofSeconds(10);

  private final Metering metering;
  private final Budgets budgets;
  private final InstantSource clock;

  private BedrockMeter(Metering metering, Budgets budgets, InstantSource clock) {
    this.metering = metering;
    this.budgets = budgets;
    this.clock = clock;
  }

  /** A builder of a meter. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A client that meters the calls made through it. It behaves like {@code client}; closing it
   * closes {@code client}.
   *
   * @throws IllegalArgumentException if the client is metered already
   */
  public BedrockRuntimeClient wrap(BedrockRuntimeClient client) {
    return ClientProxy.wrap(client, metering);
  }

  /** Like {@link #wrap(BedrockRuntimeClient)}, streams included. */
  public BedrockRuntimeAsyncClient wrap(BedrockRuntimeAsyncClient client) {
    return ClientProxy.wrap(client, metering);
  }

  /**
   * Builds a client that meters the calls made through it, and sees of each attempt whether it left
   * the process: what was not sent is not charged, whatever failed. It sends through the SDK's
   * default HTTP client. An HTTP client that is set on the builder cannot be seen from outside: a
   * client is refused, a client's builder would be replaced. Hand its builder to {@link
   * #wrap(BedrockRuntimeClientBuilder, SdkHttpClient.Builder)}. Closing the client closes its HTTP
   * client.
   *
   * @throws IllegalArgumentException if an HTTP client is set on the builder
   */
  public BedrockRuntimeClient wrap(BedrockRuntimeClientBuilder builder) {
    return BuiltClients.build(builder, null, metering);
  }

  /** Like {@link #wrap(BedrockRuntimeClientBuilder)}, with an HTTP client of your own. */
  public BedrockRuntimeClient wrap(
      BedrockRuntimeClientBuilder builder, SdkHttpClient.Builder<?> httpClientBuilder) {
    return BuiltClients.build(
        builder, Objects.requireNonNull(httpClientBuilder, "httpClientBuilder"), metering);
  }

  /** Like {@link #wrap(BedrockRuntimeClientBuilder)}, streams included. */
  public BedrockRuntimeAsyncClient wrap(BedrockRuntimeAsyncClientBuilder builder) {
    return BuiltClients.build(builder, null, metering);
  }

  /** Like {@link #wrap(BedrockRuntimeAsyncClientBuilder)}, with an HTTP client of your own. */
  public BedrockRuntimeAsyncClient wrap(
      BedrockRuntimeAsyncClientBuilder builder, SdkAsyncHttpClient.Builder<?> httpClientBuilder) {
    return BuiltClients.build(
        builder, Objects.requireNonNull(httpClientBuilder, "httpClientBuilder"), metering);
  }

  /**
   * An HTTP client for a client that is built elsewhere and then wrapped: this meter sees of each
   * attempt whether it left. Closing it closes {@code client}.
   */
  public SdkHttpClient instrument(SdkHttpClient client) {
    metering.instruments();
    return new InstrumentedHttpClient(client);
  }

  /** Like {@link #instrument(SdkHttpClient)}, for asynchronous clients. */
  public SdkAsyncHttpClient instrument(SdkAsyncHttpClient client) {
    metering.instruments();
    return new InstrumentedAsyncHttpClient(client);
  }

  /**
   * The current balances of each budget that this meter has used, at most the ten largest for each
   * budget, as far as this meter knows. Asks the ledger once, so it is cheap enough to be scraped;
   * {@link io.github.bedrockmeter.ledger.Ledger#find} lists every account.
   */
  public CompletableFuture<List<BudgetStatus>> status() {
    return budgets.reports().status(clock.instant());
  }

  /**
   * Changes one budget while it is in force: its mode, grants, freezes, and what was charged.
   *
   * @throws IllegalArgumentException if there is no budget of this name
   */
  public BudgetControl control(String name) {
    return budgets.control(name);
  }

  /**
   * Puts other budgets in force, all at once. A budget whose name stays keeps what was spent, if it
   * counts the same unit per the same tags in the same window, and what was changed about it by
   * hand. Calls in flight settle with the budgets they were granted by.
   *
   * @param budgets all budgets from now on; names are unique
   * @param reason why; it is in the events
   */
  public void replaceBudgets(List<Budget> budgets, String reason) {
    this.budgets.administration().replace(budgets, reason);
  }

  /**
   * What a request would cost in a region, and which budget would bind. The request is not sent.
   * Waits for Bedrock's CountTokens where the estimator asks it.
   *
   * @param region the source region: that of the client which would make the call
   * @throws IllegalArgumentException if the request names no model, or is of an operation that has
   *     no quote
   */
  public Quote quote(BedrockRuntimeRequest request, Region region) {
    return Quote.of(metering, budgets, metering.asked(request, region.id()));
  }

  /**
   * Tags for one request: {@code .overrideConfiguration(BedrockMeter.tags("team", "search"))}.
   *
   * @param namesAndValues names and values in turn
   */
  public static Consumer<AwsRequestOverrideConfiguration.Builder> tags(String... namesAndValues) {
    return tags(Tags.of(namesAndValues));
  }

  /** Tags for one request. */
  public static Consumer<AwsRequestOverrideConfiguration.Builder> tags(Tags tags) {
    Objects.requireNonNull(tags, "tags");
    return request -> TagScope.attach(request, tags);
  }

  /** What is charged for one streaming request if it ends before it has reported its usage. */
  public static Consumer<AwsRequestOverrideConfiguration.Builder> abandonedStreams(
      AbandonedStreams rule) {
    Objects.requireNonNull(rule, "rule");
    return request -> AbandonRule.attach(request, rule);
  }

  /**
   * Tags for every call made on this thread until the scope is closed. Scopes nest; the inner one's
   * values win. Tags are read on the thread that makes the call, also for an asynchronous one.
   */
  public static Scope openScope(Tags tags) {
    Runnable close = TagScope.open(tags);
    return close::run;
  }

  /** A scope of tags, closed on the thread that opened it. */
  @FunctionalInterface
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits, for ten seconds at most, until the settlements under way have ended. The wrapped clients
   * stay open; calls may still be made, and are metered.
   */
  @Override
  public void close() {
    metering.awaitSettlements(CLOSING_TIME);
  }

  /** Builds a meter. Mutable, confined to one thread. */
  public static final class Builder {
    private final List<Budget> budgets = new ArrayList<>();
    private final List<BudgetPolicy> policies = new ArrayList<>();
    private final List<MeterListener> listeners = new ArrayList<>();
    private PriceBook prices = PriceBook.none();
    private UsageEstimator estimator = UsageEstimator.bound();
    private @Nullable Ledger ledger;
    private Duration ledgerTimeout = Duration.ofMillis(50);
    private Duration settlementTime = Duration.ofMinutes(2);
    private boolean failOpen;
    private Tags defaultTags = Tags.none();
    private boolean stampTags = true;
    private boolean countAttempts;
    private long defaultMaxOutputTokens = 8_192;
    private AbandonedStreams abandonedStreams = AbandonedStreams.HOLD_WORST_CASE;
    private final Map<String, String> modelNames = new HashMap<>();
    private final Map<String, TagRules.Rule> tagRules = new LinkedHashMap<>();
    private InstantSource clock = InstantSource.system();
    private LongSupplier nanoClock = System::nanoTime;

    private Builder() {}

    /** Adds a budget. Names are unique, since they name the ledger's accounts. */
    public Builder budget(Budget budget) {
      for (Budget other : budgets) {
        if (other.name().equals(budget.name())) {
          throw new IllegalArgumentException("two budgets are named '" + budget.name() + "'");
        }
      }
      budgets.add(budget);
      return this;
    }

    /** Adds a policy of your own, which is asked before the budgets. */
    public Builder policy(BudgetPolicy policy) {
      policies.add(Objects.requireNonNull(policy, "policy"));
      return this;
    }

    /** Where prices come from; without them costs are unknown and dollar budgets deny. */
    public Builder prices(PriceBook prices) {
      this.prices = Objects.requireNonNull(prices, "prices");
      return this;
    }

    /** Adds a listener. Listeners are notified in the order they were added. */
    public Builder listener(MeterListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /** Where balances are kept; by default in this JVM's memory. */
    public Builder ledger(Ledger ledger) {
      this.ledger = Objects.requireNonNull(ledger, "ledger");
      return this;
    }

    /** How long a call waits for the ledger before it is denied; 50 ms by default. */
    public Builder ledgerTimeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException(
            "ledgerTimeout must be positive, such as PT0.05S: " + timeout);
      }
      this.ledgerTimeout = timeout;
      return this;
    }

    /**
     * How long a settlement that fails is tried again, at growing intervals, before {@link
     * MeterListener#onSettlementFailed} is called; two minutes by default, a ledger that restarts
     * needs less.
     */
    public Builder settlementTime(Duration time) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException(
            "settlementTime must be positive, such as PT2M: " + time);
      }
      this.settlementTime = time;
      return this;
    }

    /**
     * Whether calls pass, unreserved, when the ledger cannot decide; false by default, so that they
     * are denied. True trades the promise that a limit holds for availability. A budget that says
     * no still denies.
     */
    public Builder failOpen(boolean failOpen) {
      this.failOpen = failOpen;
      return this;
    }

    /**
     * What a call may consume at most; by default {@link UsageEstimator#bound}. See {@link
     * Estimators} for closer ones.
     */
    public Builder estimator(UsageEstimator estimator) {
      this.estimator = Objects.requireNonNull(estimator, "estimator");
      return this;
    }

    /**
     * The output tokens to assume for a call without {@code maxTokens} to a model whose maximum the
     * price book does not know; 8,192 by default. The log names each such model once.
     */
    public Builder defaultMaxOutputTokens(long tokens) {
      if (tokens < 1) {
        throw new IllegalArgumentException("defaultMaxOutputTokens must be at least 1: " + tokens);
      }
      this.defaultMaxOutputTokens = tokens;
      return this;
    }

    /** Tags of every call that has no other value for them. */
    public Builder tags(Tags tags) {
      this.defaultTags = Objects.requireNonNull(tags, "tags");
      return this;
    }

    /**
     * Denies calls without this tag, before anything else is asked: {@code
     * requireTag("applicationId")}.
     *
     * @param allowed the values it may have; any, if none are given
     */
    public Builder requireTag(String name, String... allowed) {
      return tagRule(name, true, allowed);
    }

    /** Denies calls that have this tag with a value that is not one of these. */
    public Builder optionalTag(String name, String... allowed) {
      if (allowed.length == 0) {
        throw new IllegalArgumentException(
            "an optional tag with any value needs no rule; give '" + name + "' its allowed values");
      }
      return tagRule(name, false, allowed);
    }

    private Builder tagRule(String name, boolean required, String... allowed) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a tag's name must not be blank");
      }
      Set<String> values = new LinkedHashSet<>(Arrays.asList(allowed));
      if (tagRules.putIfAbsent(name, new TagRules.Rule(required, values)) != null) {
        throw new IllegalArgumentException("tag '" + name + "' has a rule already");
      }
      return this;
    }

    /**
     * Whether a call's tags are also written into its request metadata, so that Bedrock's
     * invocation logs carry them; true by default.
     */
    public Builder stampTags(boolean stampTags) {
      this.stampTags = stampTags;
      return this;
    }

    /**
     * Whether the SDK's attempts at every call are counted, so that one that broke off after it was
     * sent is charged too when a later one succeeds. Where client or request has an {@code
     * apiCallAttemptTimeout} that is always so. False by default, since the SDK then keeps metrics
     * of each call, some kilobytes.
     */
    public Builder countAttempts(boolean countAttempts) {
      this.countAttempts = countAttempts;
      return this;
    }

    /**
     * What is charged for a stream that ends before it has reported its usage; by default the
     * estimate, since AWS bills it in full.
     */
    public Builder abandonedStreams(AbandonedStreams rule) {
      this.abandonedStreams = Objects.requireNonNull(rule, "rule");
      return this;
    }

    /**
     * A model name of your own, which callers may use as a model id: {@code
     * modelName("claude-3-5-haiku", "us.anthropic.claude-3-5-haiku-20241022-v1:0")}, or a cost
     * centre's name for its application inference profile. It is replaced before the call is sent;
     * events name both.
     */
    public Builder modelName(String name, String modelId) {
      if (name.isBlank() || modelId.isBlank()) {
        throw new IllegalArgumentException(
            "a model name and its model id must not be blank: '"
                + name
                + "' for '"
                + modelId
                + "'");
      }
      String other = modelNames.putIfAbsent(name, modelId);
      if (other != null && !other.equals(modelId)) {
        throw new IllegalArgumentException(
            "model name '"
                + name
                + "' stands for '"
                + other
                + "' already, not for '"
                + modelId
                + "'");
      }
      return this;
    }

    /**
     * Every name of {@code aliases} as a {@link #modelName}. Its ARNs are called as they are: they
     * are for the price catalogue and the service quotas, which take the same value.
     */
    public Builder modelAliases(ModelAliases aliases) {
      aliases.calledAs().forEach(this::modelName);
      return this;
    }

    /** The wall clock: it chooses budget windows and effective prices. */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /** The clock that measures how long calls take, in nanoseconds from any origin. */
    public Builder nanoClock(LongSupplier nanoClock) {
      this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
      return this;
    }

    /** The meter. */
    public BedrockMeter build() {
      UsageEstimator used =
          estimator instanceof CountTokensEstimator counting
              ? counting.in(prices, nanoClock)
              : estimator;
      Listeners notified = new Listeners(withLearner(used));
      List<BudgetPolicy> all = new ArrayList<>(policies);
      if (!tagRules.isEmpty()) {
        all.add(0, new TagRules(tagRules));
      }
      Ledger store = ledger == null ? Ledger.inMemory(clock, 100_000) : ledger;
      Ledger steady = new SteadyLedger(store, ledgerTimeout, settlementTime, nanoClock);
      Budgets counted = new Budgets(budgets, steady, ledgerTimeout, prices, notified, clock);
      all.add(failOpen ? BudgetPolicy.failOpen(counted) : counted);
      BudgetPolicy policy = BudgetPolicy.allOf(all.toArray(BudgetPolicy[]::new));
      Estimates estimates = new Estimates(used, prices, defaultMaxOutputTokens);
      CallSettings settings =
          new CallSettings(
              clock,
              nanoClock,
              defaultTags,
              stampTags,
              countAttempts,
              abandonedStreams,
              modelNames);
      return new BedrockMeter(
          new Metering(estimates, new EstimatedCosts(prices), policy, counted, notified, settings),
          counted,
          clock);
    }

    /** The listeners, and the estimator if it is one: it learns from the same events. */
    private List<MeterListener> withLearner(UsageEstimator used) {
      List<MeterListener> all = new ArrayList<>(listeners);
      UsageEstimator learner = used;
      while (learner instanceof CountTokensEstimator counting) {
        learner = counting.otherwise();
      }
      if (learner instanceof MeterListener listener && !all.contains(listener)) {
        all.add(listener);
      }
      return all;
    }
  }
}
