// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.ledger.Ledger;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Publishes calls, costs, budgets and the meter's own health to a Micrometer registry. {@code
 * docs/metrics.md} lists every metric. Thread-safe.
 *
 * <pre>{@code
 * BedrockMetrics metrics = BedrockMetrics.builder(registry).tags("team").build();
 * BedrockMeter meter = BedrockMeter.builder()
 *     .ledger(metrics.timed(ledger))
 *     .listener(metrics)
 *     .build();
 * metrics.watch(meter);
 * }</pre>
 *
 * <p>As a listener it takes some microseconds for each event, on the thread that publishes it. The
 * balances of budgets are read from the ledger by a daemon thread of its own, which {@link #close}
 * ends. Amounts are doubles in Micrometer: sums of dollars are exact to about fifteen digits.
 */
public final class BedrockMetrics implements MeterListener, AutoCloseable {
  private final Builder settings;
  private final Instruments instruments;
  private final CallMetrics calls;
  private final Series<Counter> denials;
  private final Series<Counter> thresholds;
  private final Series<Counter> changes;
  private final Series<Counter> lost;
  private final Series<Timer> latency;
  private final List<ScheduledExecutorService> refreshing = new ArrayList<>();
  private final List<Watched> watching = new ArrayList<>();

  private BedrockMetrics(Builder settings) {
    this.settings = settings;
    this.instruments = new Instruments(settings.registry, settings.mostSeries);
    this.calls = new CallMetrics(instruments, settings.tags, settings.tokenUsage);
    this.denials =
        instruments.counter(
            "bedrock.meter.denials", null, "Calls that a budget or a policy denied");
    this.thresholds =
        instruments.counter("bedrock.meter.thresholds", null, "Shares of limits that were reached");
    this.changes =
        instruments.counter(
            "bedrock.meter.budget.changes", null, "Changes of budgets while in force");
    this.lost =
        instruments.counter(
            "bedrock.meter.holds.lost", null, "Balances charged without a hold in the ledger");
    this.latency =
        instruments.timer(
            "bedrock.meter.ledger.latency",
            "How long the ledger took to answer",
            Instruments.doubling(Duration.ofNanos(100_000), 16));
  }

  /** A builder of metrics in a registry. */
  public static Builder builder(MeterRegistry registry) {
    return new Builder(registry);
  }

  /** The ledger, with its latency measured; for the meter's builder. */
  public Ledger timed(Ledger ledger) {
    return new TimedLedger(ledger, latency);
  }

  /**
   * Adds gauges of a meter: its budgets, its ledger, its settlements. Looks at the ledger now and
   * then, as often as {@link Builder#refreshEvery} says. What is asked stays reachable until {@link
   * #close}.
   *
   * @throws IllegalStateException if the registry has such gauges already: it can show one meter
   */
  public void watch(BedrockMeter meter) {
    watching(
        watched -> {
          BudgetGauges budgets =
              new BudgetGauges(watched, meter, settings.mostBalances, System::nanoTime);
          gauges(watched, meter);
          refresh(budgets);
        });
  }

  private static void gauges(Watched watched, BedrockMeter meter) {
    watched.gauge(
        "bedrock.meter.accounts.in.trouble",
        "Balances that the ledger failed to hold on, and that are tried once a second",
        () -> meter.health().accountsInTrouble().size());
    watched.gauge(
        "bedrock.meter.calls.open",
        "Calls that were granted and have not ended",
        () -> meter.health().openCalls());
    watched.gauge(
        "bedrock.meter.settlements.pending",
        "Settlements that the ledger has not answered yet",
        () -> meter.health().pendingSettlements());
    watched.counter(
        "bedrock.meter.settlements.failed",
        Tags.empty(),
        "Settlements that failed for good",
        () -> meter.health().failedSettlements());
    watched.gauge(
        "bedrock.meter.bypassed",
        "1 while all calls pass by the emergency switch",
        () -> meter.health().bypassedUntil() == null ? 0 : 1);
  }

  private void refresh(BudgetGauges budgets) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              // It inherits no thread-local values of the caller that happened to need it.
              Thread daemon = new Thread(null, task, "bedrock-meter-metrics", 0, false);
              daemon.setDaemon(true);
              daemon.setContextClassLoader(BedrockMetrics.class.getClassLoader());
              return daemon;
            });
    thread.scheduleWithFixedDelay(
        budgets::refresh, 0, settings.refreshEvery.toNanos(), TimeUnit.NANOSECONDS);
    refreshing.add(thread);
  }

  /** Keeps what is added for {@link #close}; if one is refused, none is added. */
  private synchronized void watching(Consumer<Watched> add) {
    Watched watched = new Watched(settings.registry);
    try {
      add.accept(watched);
    } catch (RuntimeException refused) {
      watched.removeAll();
      throw refused;
    }
    watching.add(watched);
  }

  /**
   * Adds gauges of a usage journal. What is asked stays reachable until {@link #close}.
   *
   * @param pending how many events it has not stored yet
   * @param dropped how many it lost
   * @throws IllegalStateException if the registry has such gauges already
   */
  public void watchJournal(LongSupplier pending, LongSupplier dropped) {
    watching(
        watched -> {
          watched.gauge(
              "bedrock.meter.journal.pending",
              "Events that the journal has not stored yet",
              pending::getAsLong);
          watched.counter(
              "bedrock.meter.journal.dropped",
              Tags.empty(),
              "Events that the journal lost",
              dropped::getAsLong);
        });
  }

  /**
   * Adds a gauge of a price catalogue's age, by the day that it is as of. What is asked stays
   * reachable until {@link #close}.
   *
   * @throws IllegalStateException if the registry has such a gauge already
   */
  public void watchCatalogue(Supplier<Instant> asOf) {
    watching(
        watched ->
            watched.age(
                "bedrock.meter.catalogue.age",
                "Age of the price catalogue",
                TimeUnit.MILLISECONDS,
                () -> Duration.between(asOf.get(), Instant.now()).toMillis()));
  }

  @Override
  public void onUsage(UsageEvent event) {
    calls.ended(event);
  }

  @Override
  public void onDenied(DenialEvent event) {
    denials
        .of(
            Tags.of(
                "budget",
                event.denial().budget(),
                "kind",
                event.denial().kind().name().toLowerCase(Locale.ROOT),
                "enforced",
                Boolean.toString(event.enforced())))
        .increment();
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    thresholds
        .of(Tags.of("budget", event.budget(), "share", event.share().toPlainString()))
        .increment();
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    changes
        .of(Tags.of("budget", change.budget(), "kind", change.getClass().getSimpleName()))
        .increment();
  }

  @Override
  public void onChargedWithoutHold(ChargedWithoutHoldEvent event) {
    lost.of(Tags.of("budget", event.account().budget())).increment();
  }

  /**
   * Ends the threads that look at ledgers, and removes what {@link #watch}, {@link #watchJournal}
   * and {@link #watchCatalogue} added, so that it can be added anew. What counts events stays in
   * the registry.
   */
  @Override
  public synchronized void close() {
    refreshing.forEach(ScheduledExecutorService::shutdownNow);
    refreshing.clear();
    watching.forEach(Watched::removeAll);
    watching.clear();
  }

  /** Builds metrics. Mutable, confined to one thread. */
  public static final class Builder {
    private final MeterRegistry registry;
    private List<String> tags = List.of();
    private Duration refreshEvery = Duration.ofSeconds(15);
    private int mostBalances = 100;
    private int mostSeries = 1_000;
    private boolean tokenUsage;

    private Builder(MeterRegistry registry) {
      this.registry = Objects.requireNonNull(registry, "registry");
    }

    /**
     * Names of calls' tags that costs are split by: {@code tags("team", "costCenter")}. {@link
     * #build} refuses names that are one label in Prometheus, which writes dots, dashes and
     * underscores alike, and those of the metric's own tags.
     */
    public Builder tags(String... names) {
      this.tags = List.of(names);
      return this;
    }

    /** How often balances are read from the ledger; every 15 seconds by default. */
    public Builder refreshEvery(Duration interval) {
      if (interval.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException(
            "refreshEvery must be at least a second, for example PT15S: " + interval);
      }
      this.refreshEvery = interval;
      return this;
    }

    /** How many balances of each budget have gauges, the largest first; 100 by default. */
    public Builder mostBalances(int most) {
      this.mostBalances = checkPositive("mostBalances", most);
      return this;
    }

    /**
     * How many series each metric may have; 1,000 by default. Beyond that, models and tags are
     * folded into {@code (other)}, which {@code bedrock.meter.series.folded} counts; beyond twice
     * as many, all tags are.
     */
    public Builder mostSeries(int most) {
      this.mostSeries = checkPositive("mostSeries", most);
      return this;
    }

    /**
     * Whether the older {@code gen_ai.client.token.usage} is published as well, which many
     * dashboards still read; false by default.
     */
    public Builder tokenUsage(boolean tokenUsage) {
      this.tokenUsage = tokenUsage;
      return this;
    }

    private static int checkPositive(String setting, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(setting + " must be positive: " + value);
      }
      return value;
    }

    /**
     * The metrics.
     *
     * @throws IllegalArgumentException if {@link #tags} collide with one another or with the
     *     metric's own
     */
    public BedrockMetrics build() {
      DeclaredTags.check(tags);
      return new BedrockMetrics(this);
    }
  }
}
