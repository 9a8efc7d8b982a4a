// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.call.UnwrappedCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.internal.budgets.Budgets;
import io.github.bedrockmeter.internal.budgets.HandedOver;
import io.github.bedrockmeter.internal.budgets.SteadyLedger;
import io.github.bedrockmeter.internal.call.CallSettings;
import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.call.ModelNames;
import io.github.bedrockmeter.internal.call.TagSettings;
import io.github.bedrockmeter.internal.client.BuiltClients;
import io.github.bedrockmeter.internal.client.ClientProxy;
import io.github.bedrockmeter.internal.client.InstrumentedAsyncHttpClient;
import io.github.bedrockmeter.internal.client.InstrumentedHttpClient;
import io.github.bedrockmeter.internal.client.MeteringInterceptor;
import io.github.bedrockmeter.internal.estimate.CountTokensEstimator;
import io.github.bedrockmeter.internal.estimate.EstimatedCosts;
import io.github.bedrockmeter.internal.estimate.Estimates;
import io.github.bedrockmeter.internal.estimate.Learners;
import io.github.bedrockmeter.internal.reading.BatchLine;
import io.github.bedrockmeter.internal.reading.Missing;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.request.AbandonRule;
import io.github.bedrockmeter.internal.request.TagAttribute;
import io.github.bedrockmeter.internal.request.TagScope;
import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.ModelAliases;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsClient;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
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
 * BedrockRuntimeClient client = meter.wrap(BedrockRuntimeClient.builder());
 * }</pre>
 */
public final class BedrockMeter implements AutoCloseable {
  private static final Duration CLOSING_TIME = Duration.ofSeconds(10);

  private final Metering metering;
  private final Budgets budgets;
  private final SteadyLedger ledger;
  private final InstantSource clock;
  private final Workers workers;

  private BedrockMeter(
      Metering metering,
      Budgets budgets,
      SteadyLedger ledger,
      InstantSource clock,
      Workers workers) {
    this.metering = metering;
    this.budgets = budgets;
    this.ledger = ledger;
    this.clock = clock;
    this.workers = workers;
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
   * @throws IllegalStateException if the AWS SDK is older than 2.41.34; the message has the lines
   *     that mend it
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
   * @throws IllegalStateException if the AWS SDK is older than 2.41.34
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
   * Whether a client is metered already, by whichever meter, so that {@link
   * #wrap(BedrockRuntimeClient)} would refuse it: for code that wraps every client it is given.
   */
  public static boolean isMetered(AwsClient client) {
    return ClientProxy.isMetered(client);
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
   * An interceptor for clients that other code builds, and that cannot be wrapped. Set on a client,
   * it meters the calls that come through no wrapped client; one may be set on many. It waits for
   * budgets on the caller's thread, of asynchronous clients too, so it wants a ledger in memory or
   * a leased one. The page {@code docs/attach.md} has what it sees, and what it does not.
   *
   * @throws IllegalStateException if the AWS SDK is older than 2.41.34
   */
  public ExecutionInterceptor interceptor() {
    return new MeteringInterceptor(metering);
  }

  /**
   * Reserves room for a call that goes through no wrapped client. It is checked against budgets,
   * priced and reported like any other; it is not amended, and does not wait for room. Waits for
   * the ledger as long as a call does.
   *
   * @throws io.github.bedrockmeter.budget.BudgetExceededException if the call is denied
   */
  public UnwrappedCall.Reserved reserve(UnwrappedCall call) {
    return metering.stated().reserve(call);
  }

  /** Like {@link #reserve}, without blocking; the future fails if the call is denied. */
  public CompletableFuture<UnwrappedCall.Reserved> reserveAsync(UnwrappedCall call) {
    return metering.stated().reserveAsync(call).toCompletableFuture();
  }

  /**
   * Charges a call that went through no wrapped client and has ended. Nothing can stop it any more,
   * so it is charged beyond any limit, and policies are not asked; budgets that are over deny the
   * next one. Waits for the ledger as long as a call does; what a ledger that is unavailable cannot
   * be charged now is tried again like a settlement.
   *
   * @return what it costs by the price book
   */
  public Cost record(UnwrappedCall call, Usage usage) {
    return metering.stated().record(call, usage, null);
  }

  /**
   * Like {@link #record(UnwrappedCall, Usage)}, for a cost that no count gives, such as an hour of
   * provisioned throughput, storage or fine-tuning: {@code Cost.stated(new BigDecimal("39.60"),
   * "contract 2026-11")}.
   */
  public Cost record(UnwrappedCall call, Usage usage, Cost cost) {
    return metering.stated().record(call, usage, Objects.requireNonNull(cost, "cost"));
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
   * The balances of each budget in its current window, whichever process used them, the largest
   * first. Asks the ledger once for each budget, which may have to read every account it has: for
   * dashboards, every few seconds at most.
   *
   * @param atMost so many balances of each budget
   */
  public CompletableFuture<List<BudgetStatus>> snapshot(int atMost) {
    return budgets.reports().snapshot(clock.instant(), atMost);
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
   * The calls that were granted and have not ended, the oldest first: what they are, for whom,
   * since when, and what is held for them. Their ids are in the holds of the ledger and, unless
   * that was switched off, in Bedrock's invocation log.
   */
  public List<MeteredCall> openCalls() {
    return metering.openCalls();
  }

  /**
   * How many calls lacked a tag that a budget counts per, by the tag's name, since the meter was
   * built: granted and denied ones, whether or not the budget's filter takes them. They share one
   * balance, {@code tenant=}. A tag that no call lacked is not in it.
   */
  public Map<String, Long> untaggedCalls() {
    return budgets.untagged().counts();
  }

  /**
   * How the meter itself is, as it knows without asking the ledger: cheap, for health checks and
   * metrics.
   */
  public Health health() {
    return new Health(
        ledger.isAvailable(),
        ledger.inTrouble(),
        metering.openCalls().size(),
        metering.pendingSettlements(),
        metering.failedSettlements(),
        metering.bypass().until());
  }

  /**
   * How a meter is. Immutable and thread-safe.
   *
   * @param ledgerAnswers whether the ledger's store answers, by the latest calls; if not, calls are
   *     denied, or pass where the meter fails open, and one a second tries
   * @param accountsInTrouble balances on which the latest holds failed, so that calls which need
   *     them are denied and one a second tries
   * @param openCalls calls that were granted and have not ended
   * @param pendingSettlements settlements that the ledger has not answered yet
   * @param failedSettlements settlements that failed for good since the meter was built
   * @param bypassedUntil until when all calls pass by {@link #bypass}; null if they do not
   */
  public record Health(
      boolean ledgerAnswers,
      List<Account> accountsInTrouble,
      int openCalls,
      int pendingSettlements,
      long failedSettlements,
      @Nullable Instant bypassedUntil) {
    public Health {
      accountsInTrouble = List.copyOf(accountsInTrouble);
    }
  }

  /**
   * The emergency switch: until then every call passes, whatever budgets and policies say. Calls
   * are still metered, and charged where the ledger can be reached; each denial is reported as not
   * enforced. The system property {@code bedrockmeter.bypass}, an instant and a reason as {@code
   * 2026-11-29T12:00:00Z store is being restored}, does the same for all meters of a JVM that has
   * it.
   *
   * @throws IllegalArgumentException if the reason is blank or the instant has passed
   */
  public void bypass(String reason, Instant until) {
    metering.bypass().open(reason, until);
    budgets.administration().mayFitAnywhere();
  }

  /** Ends {@link #bypass}; nothing, if it is not on. */
  public void endBypass(String reason) {
    metering.bypass().close(reason);
  }

  /**
   * Reads the output of a batch job, a {@code *.jsonl.out} file of CreateModelInvocationJob, at
   * batch prices. Lazily: the caller closes the lines. A line that cannot be read is a record
   * without usage. No budget is asked or charged.
   *
   * @param modelId the job's model, as its {@code modelId} or one of the meter's model names
   * @param region the job's region
   * @param submitted when the job was submitted, which sets its prices
   */
  public Stream<BatchRecord> readBatch(
      String modelId, Region region, Instant submitted, Stream<String> lines) {
    String model = metering.modelNamed(modelId);
    PriceKey pricing = new PriceKey(model, region.id(), PriceKey.BATCH, submitted);
    return lines
        .filter(line -> !line.isBlank())
        .map(line -> priced(BatchLine.read(line, model), pricing));
  }

  private BatchRecord priced(BatchLine line, PriceKey pricing) {
    Reading reading = line.reading();
    Usage usage = line.error() == null ? reading.usage() : Usage.NONE;
    Cost cost =
        usage == null
            ? new Cost.Unknown("the record reports no usage", BigDecimal.ZERO)
            : line.error() != null
                ? Cost.NOTHING
                : EstimatedCosts.unknownIfUnreported(
                    metering.costs().price(pricing, usage, "of a batch"), reading.missing());
    List<Anomaly> anomalies =
        reading.missing().isEmpty()
            ? reading.anomalies()
            : Missing.with(reading.anomalies(), "not reported: " + reading.missing());
    return new BatchRecord(line.recordId(), line.error(), usage, cost, anomalies);
  }

  /**
   * One record of a batch job. Immutable and thread-safe.
   *
   * @param recordId as the job's input named it, or as Bedrock did
   * @param error the code of the failure, for which nothing is charged; null if the model answered
   * @param usage what the answer reports; null if it reports nothing
   * @param cost at batch prices; unknown where a count is missing
   * @param anomalies what did not fit
   */
  public record BatchRecord(
      String recordId,
      @Nullable String error,
      @Nullable Usage usage,
      Cost cost,
      List<Anomaly> anomalies) {}

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
   * Tags for one request: {@code .overrideConfiguration(BedrockMeter.tags("team", "search"))}. Used
   * several times on one builder, they add up; the later one's values win.
   *
   * @param namesAndValues names and values in turn
   */
  public static Consumer<AwsRequestOverrideConfiguration.Builder> tags(String... namesAndValues) {
    return tags(Tags.of(namesAndValues));
  }

  /** Like {@link #tags(String...)}. */
  public static Consumer<AwsRequestOverrideConfiguration.Builder> tags(Tags tags) {
    Objects.requireNonNull(tags, "tags");
    return request -> TagAttribute.attach(request, tags);
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
    return TagScope.open(tags)::run;
  }

  /**
   * Like {@link #openScope}, in place of the tags of the scopes around it: for code that carries
   * what {@link #currentTags} returned to another thread.
   */
  public static Scope replaceTags(Tags tags) {
    return TagScope.replace(tags)::run;
  }

  /** The tags of the scopes that are open on this thread. */
  public static Tags currentTags() {
    return TagScope.current();
  }

  /** The task, with the tags that this thread has now, on whatever thread it runs. */
  public static Runnable carryTags(Runnable task) {
    return TagScope.carrying(task);
  }

  /** Like {@link #carryTags(Runnable)}. */
  public static <T> Callable<T> carryTags(Callable<T> task) {
    return TagScope.carrying(task);
  }

  /** An executor whose tasks have the tags of the thread that hands them over. */
  public static Executor carryTags(Executor executor) {
    Objects.requireNonNull(executor, "executor");
    return task -> executor.execute(TagScope.carrying(task));
  }

  /**
   * A scope of tags. To be closed on the thread that opened it; closed on another, it ends for the
   * thread that opened it, and the log warns. To close it again changes nothing.
   */
  @FunctionalInterface
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits, for ten seconds at most, until the settlements under way have ended, and ends the
   * meter's idle threads. The wrapped clients stay open; calls may still be made, and are metered.
   */
  @Override
  public void close() {
    metering.awaitSettlements(CLOSING_TIME);
    workers.close();
  }

  /** Builds a meter. Mutable, confined to one thread. */
  public static final class Builder {
    private final List<Budget> budgets = new ArrayList<>();
    private final List<BudgetPolicy> policies = new ArrayList<>();
    private final List<MeterListener> listeners = new ArrayList<>();
    private PriceBook prices = PriceBook.none();
    private UsageEstimator estimator = UsageEstimator.bound();
    private @Nullable Ledger ledger;
    private @Nullable Duration ledgerTimeout;
    private Duration settlementTime = Duration.ofMinutes(2);
    private boolean failOpen;
    private final TagSettings tags = new TagSettings();
    private boolean countAttempts;
    private long defaultMaxOutputTokens = 8_192;
    private final Map<String, Boolean> inputIncludesCache = new HashMap<>();
    private AbandonedStreams abandonedStreams = AbandonedStreams.HOLD_WORST_CASE;
    private final ModelNames modelNames = new ModelNames();
    private InstantSource clock = InstantSource.system();
    private LongSupplier nanoClock = System::nanoTime;
    private @Nullable Executor executor;

    private Builder() {}

    /** Adds a budget. Names are unique, since they name the ledger's accounts. */
    public Builder budget(Budget budget) {
      for (Budget other : budgets) {
        if (other.name().equals(budget.name())) {
          throw new IllegalArgumentException(
              "two budgets are named '" + Escaped.text(budget.name()) + "'");
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

    /**
     * How long a call waits for the ledger before it is denied; by default the ledger's own {@link
     * Ledger#answerTime}, 50 ms in memory.
     */
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
     * needs less, and at most five.
     */
    public Builder settlementTime(Duration time) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException(
            "settlementTime must be positive, such as PT2M: " + time);
      }
      if (time.compareTo(LedgerSupport.LONGEST_SETTLEMENT_TIME) > 0) {
        throw new IllegalArgumentException(
            "settlementTime must be at most "
                + LedgerSupport.LONGEST_SETTLEMENT_TIME
                + ", since ledgers remember settlements for little longer: "
                + time);
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

    /**
     * Whether the {@code inputTokens} that Converse reports for a provider's models include what
     * the cache served and stored. An OpenAI model's answer can leave that open: without this
     * setting the counts are charged as they are reported, which is never too little, with the
     * anomaly {@code INPUT_MAY_INCLUDE_CACHE}. Compare with your bill before you set it.
     *
     * @param provider as model ids begin with, such as {@code openai}
     */
    public Builder inputIncludesCache(String provider, boolean includes) {
      if (!provider.equals(ModelId.of(provider + ".model").provider())) {
        throw new IllegalArgumentException(
            "inputIncludesCache takes a provider, such as \"openai\": '" + provider + "'");
      }
      inputIncludesCache.put(provider, includes);
      return this;
    }

    /** Tags of every call that has no other value for them. */
    public Builder tags(Tags tags) {
      this.tags.defaults(tags);
      return this;
    }

    /**
     * Tags that a framework knows about the thread that makes a call, such as the user of the
     * request that it serves; asked at each call, on that thread, so it must answer at once. They
     * come after the request's tags and open scopes, and before the request's own metadata. A
     * source that fails is logged and gives no tags.
     */
    public Builder tagSource(Supplier<Tags> source) {
      tags.surroundings(source);
      return this;
    }

    /**
     * Denies calls without this tag, before anything else is asked: {@code
     * requireTag("applicationId")}.
     *
     * @param allowed the values it may have; any, if none are given
     */
    public Builder requireTag(String name, String... allowed) {
      tags.rule(name, true, allowed);
      return this;
    }

    /** Denies calls that have this tag with a value that is not one of these. */
    public Builder optionalTag(String name, String... allowed) {
      tags.rule(name, false, allowed);
      return this;
    }

    /**
     * Names that are tags when a request's own metadata has them, besides those that a budget
     * counts per or a rule is for. The rest of its metadata is passed on and is no tag.
     */
    public Builder metadataTags(String... names) {
      tags.declare(names);
      return this;
    }

    /**
     * Whether tags of the request's own metadata win over those that the application sets on the
     * request or by a scope. False by default: metadata may be made from what a user sent.
     */
    public Builder metadataFirst(boolean metadataFirst) {
      tags.metadataFirst(metadataFirst);
      return this;
    }

    /**
     * Whether a call's tags are also written into its request metadata, so that Bedrock's
     * invocation logs carry them; true by default.
     */
    public Builder stampTags(boolean stampTags) {
      tags.stampTags(stampTags);
      return this;
    }

    /**
     * Whether a call's id is also written into its request metadata, as {@code bedrockMeterCall},
     * so that a call that was lost is found in Bedrock's invocation logs; true by default, whatever
     * {@link #stampTags} says.
     */
    public Builder stampCallId(boolean stampCallId) {
      tags.stampCallId(stampCallId);
      return this;
    }

    /**
     * Whether the SDK's attempts are counted at every call of a wrapped client that does not
     * stream, so that one that broke off after it was sent is charged too when a later one
     * succeeds. Where client or request has an {@code apiCallAttemptTimeout} that is always so, and
     * a client that is built through the meter does not need it: its attempts are seen. False by
     * default, since the SDK then keeps metrics of each call, some kilobytes.
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
      modelNames.add(name, modelId);
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

    /**
     * Where the meter goes on after a wait: after an answer of a remote ledger, and with a call
     * that waited for room. Callers' continuations and listeners run there and may block, so it
     * should have threads for many of them, and must not drop tasks. By default the meter has
     * daemon threads of its own, begun when they are needed, up to 200, that end after ten seconds
     * without work. The meter does not close an executor that it is given.
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /** The meter. */
    public BedrockMeter build() {
      Workers workers = new Workers(executor);
      UsageEstimator used =
          estimator instanceof CountTokensEstimator counting
              ? counting.in(prices, nanoClock)
              : estimator;
      Listeners notified = new Listeners(Learners.with(listeners, used));
      List<BudgetPolicy> all = new ArrayList<>(tags.policy());
      for (BudgetPolicy policy : policies) {
        all.add(new HandedOver(policy, workers));
      }
      Ledger store = ledger == null ? Ledger.inMemory(clock, 100_000) : ledger;
      Duration patience = ledgerTimeout == null ? store.answerTime() : ledgerTimeout;
      SteadyLedger steady = new SteadyLedger(store, patience, settlementTime, nanoClock);
      Budgets counted =
          new Budgets(budgets, steady, patience, prices, notified, clock, nanoClock, workers);
      all.add(failOpen ? BudgetPolicy.failOpen(counted) : counted);
      BudgetPolicy policy = BudgetPolicy.allOf(all.toArray(new BudgetPolicy[0]));
      Estimates estimates = new Estimates(used, prices, defaultMaxOutputTokens);
      CallSettings settings =
          new CallSettings(
              clock,
              nanoClock,
              tags.sources(),
              tags.stamp(),
              countAttempts,
              abandonedStreams,
              inputIncludesCache,
              modelNames.ids(),
              workers);
      return new BedrockMeter(
          new Metering(
              estimates,
              new EstimatedCosts(prices),
              policy,
              counted,
              counted.with(notified),
              settings),
          counted,
          steady,
          clock,
          workers);
    }
  }
}
