// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.ledger.Ledger;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends alerts about budgets, denials and the ledger to people: {@code docs/alerts.md} lists them
 * all. Thread-safe.
 *
 * <pre>{@code
 * Alerts alerts = Alerts.to(AlertChannel.slack(System.getenv("SLACK_WEBHOOK")));
 * BedrockMeter meter = BedrockMeter.builder().listener(alerts).build();
 * alerts.watch(meter);
 * }</pre>
 *
 * <p>As a listener it takes some microseconds on the thread of a call, whatever the channels do:
 * texts are written and sent on one daemon thread of its own, which ends when it has had nothing to
 * do for ten seconds and watches no meter. What waits is bounded; what finds no place is counted,
 * and the next digest says how many. Events carry no text of a prompt or an answer, and so no alert
 * does.
 */
public final class Alerts implements MeterListener, AutoCloseable {
  private final Sending sending;
  private final Meters meters;
  private final Noticing noticing;

  private Alerts(Builder settings) {
    Times times = new Times(settings.zone);
    this.meters = new Meters(times);
    this.sending = new Sending(settings.sending(), new MeterTexts(times));
    Watch watch =
        new Watch(
            meters,
            settings.lookEvery,
            settings.clock,
            settings.nanoClock,
            times,
            settings.mostRemembered,
            sending::raise,
            sending::repeated);
    sending.watching(watch);
    this.noticing =
        new Noticing(settings.clock, times, meters, settings.mostRemembered, sending, watch);
  }

  /** Alerts of severity {@code WARNING} and more, to one channel; see {@link Builder} for more. */
  public static Alerts to(AlertChannel channel) {
    return builder().channel(channel).build();
  }

  /** A builder of alerts. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Looks at a meter every half minute, unless {@link Builder#lookEvery} says otherwise, for what
   * no event reports: whether its ledger answers, the pace of its budgets, abandoned holds. It also
   * lets denials be counted by the windows of its budgets, not by days. Asks the ledger once for
   * each budget, like {@link BedrockMeter#snapshot}. The thread stays until {@link #close}.
   */
  public void watch(BedrockMeter meter) {
    meters.add(Objects.requireNonNull(meter, "meter"));
    sending.wake();
  }

  @Override
  public void onDenied(DenialEvent event) {
    noticing.onDenied(event);
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    noticing.onThreshold(event);
  }

  @Override
  public void onUsage(UsageEvent event) {
    noticing.onUsage(event);
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    noticing.onBudgetChanged(change);
  }

  @Override
  public void onBypass(BypassEvent event) {
    noticing.onBypass(event);
  }

  @Override
  public void onChargedWithoutHold(ChargedWithoutHoldEvent event) {
    noticing.onChargedWithoutHold(event);
  }

  @Override
  public void onSettlementFailed(SettlementFailedEvent event) {
    noticing.onSettlementFailed(event);
  }

  /** How alerts fare: cheap, for health checks. */
  public Status status() {
    Delivery delivery = sending.delivery();
    return new Status(sending.waiting(), delivery.messagesSent(), delivery.alertsNotSent());
  }

  /**
   * How alerts fare. Immutable and thread-safe.
   *
   * @param waiting alerts that wait to be sent, over all channels, those in tries apart
   * @param sent messages that were sent since the alerts were built
   * @param notSent alerts that were dropped since then: refused, or after all tries
   */
  public record Status(int waiting, long sent, long notSent) {}

  /** Does what is due, and returns after how many nanoseconds there is more; for tests. */
  long work() throws InterruptedException {
    return sending.run();
  }

  /**
   * Sends what waits, as one message to each channel, waits for that, ten seconds at most, and ends
   * the thread. Events that come later are ignored. Close the meter first, so that what its last
   * settlements report is sent too.
   */
  @Override
  public void close() {
    sending.close();
  }

  @Override
  public String toString() {
    return "Alerts, " + status();
  }

  /** Builds alerts. Mutable, confined to one thread. */
  public static final class Builder {
    private final List<Outbox.Target> channels = new ArrayList<>();
    private ZoneId zone = ZoneOffset.UTC;
    private @Nullable String source;
    private @Nullable Ledger ledger;
    private Duration lookEvery = Duration.ofSeconds(30);
    private Duration messageEvery = Duration.ofSeconds(30);
    private Duration repeatEvery = Duration.ofHours(1);
    private int mostWaiting = 100;
    private int mostRemembered = 10_000;
    private InstantSource clock = InstantSource.system();
    private LongSupplier nanoClock = System::nanoTime;
    private boolean ownThread = true;

    private Builder() {}

    /** Adds a channel for alerts of severity {@code WARNING} and more. */
    public Builder channel(AlertChannel channel) {
      return channel(channel, Route.standard());
    }

    /** Adds a channel for some alerts. */
    public Builder channel(AlertChannel channel, Route route) {
      channels.add(
          new Outbox.Target(
              Objects.requireNonNull(channel, "channel"), Objects.requireNonNull(route, "route")));
      return this;
    }

    /** The zone of the times that are shown, and of days; UTC by default. */
    public Builder zone(ZoneId zone) {
      this.zone = Objects.requireNonNull(zone, "zone");
      return this;
    }

    /** Where alerts come from, as {@code "checkout, production"}; it is shown in each message. */
    public Builder source(String source) {
      if (source.isBlank()) {
        throw new IllegalArgumentException(
            "source must not be blank, for example \"checkout, production\"");
      }
      this.source = Names.text(source);
      return this;
    }

    /**
     * The ledger that the meters of a fleet share. Alerts that each of its processes would send,
     * such as the first denial of a scope, are then sent by one of them: the first to take the only
     * unit of an account of a budget {@code bedrock-meter-alerts} in that ledger. Where the ledger
     * does not answer within two seconds, each process sends. Processes have the same {@link
     * #zone}, since some alerts are once a day, and the same channels and routes: an alert is sent
     * to those of one process, and is lost if that process ends or its channel fails for good.
     */
    public Builder onceIn(Ledger ledger) {
      this.ledger = Objects.requireNonNull(ledger, "ledger");
      return this;
    }

    /** How often watched meters are looked at; every 30 seconds by default. */
    public Builder lookEvery(Duration interval) {
      this.lookEvery = atLeastASecond("lookEvery", interval);
      return this;
    }

    /**
     * How often a channel gets a message at most, after three at once; every 30 seconds by default.
     * What comes in between is one digest.
     */
    public Builder messageEvery(Duration interval) {
      this.messageEvery = atLeastASecond("messageEvery", interval);
      return this;
    }

    /**
     * How often a message says what happened again after its alert, as further denials; each hour
     * by default.
     */
    public Builder repeatEvery(Duration interval) {
      this.repeatEvery = atLeastASecond("repeatEvery", interval);
      return this;
    }

    /**
     * How many alerts wait for a channel at most; 100 by default. What comes beyond that is counted
     * by kind and budget.
     */
    public Builder mostWaiting(int most) {
      this.mostWaiting = positive("mostWaiting", most);
      return this;
    }

    /**
     * How many scopes are remembered as alerted, so that they are not alerted again in their
     * window; 10,000 by default. Further ones are counted with what happened again, and have no
     * alert of their own. So many are remembered of each: denied scopes, scopes of lost holds,
     * models without a price, and balances with a pace, with abandoned holds, or exhausted.
     */
    public Builder mostRemembered(int most) {
      this.mostRemembered = positive("mostRemembered", most);
      return this;
    }

    /** The wall clock; the system's by default. */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /** Elapsed nanoseconds, by which messages are spaced and tried again; the JVM's by default. */
    public Builder nanoClock(LongSupplier nanoClock) {
      this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
      return this;
    }

    /** Without a thread: tests call {@link Alerts#work}. */
    Builder withoutThread() {
      this.ownThread = false;
      return this;
    }

    private static Duration atLeastASecond(String setting, Duration value) {
      if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofDays(365)) > 0) {
        throw new IllegalArgumentException(
            setting + " must be at least a second and at most a year, for example PT30S: " + value);
      }
      return value;
    }

    private static int positive(String setting, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(
            setting + " must be positive, for example 100: " + value);
      }
      return value;
    }

    private Sending.Settings sending() {
      return new Sending.Settings(
          List.copyOf(channels),
          new Outbox.Limits(mostWaiting, messageEvery),
          repeatEvery,
          source,
          ledger,
          clock,
          nanoClock,
          ownThread);
    }

    /**
     * The alerts.
     *
     * @throws IllegalStateException if there is no channel
     */
    public Alerts build() {
      if (channels.isEmpty()) {
        throw new IllegalStateException(
            "alerts need a channel, as .channel(AlertChannel.slack(url))");
      }
      return new Alerts(this);
    }
  }
}
