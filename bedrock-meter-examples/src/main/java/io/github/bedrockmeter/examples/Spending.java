// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Adds up each team's usage from the meter's events. Thread-safe. */
final class Spending implements MeterListener {

  /**
   * What one team used so far. Immutable.
   *
   * @param calls calls that were sent
   * @param denied calls that were denied
   * @param usd the known part of what the calls cost, in US dollars
   * @param unpriced calls whose cost is unknown
   */
  record Team(long calls, long denied, Usage usage, BigDecimal usd, long unpriced) {
    static final Team NEW = new Team(0, 0, Usage.NONE, BigDecimal.ZERO, 0);

    Team plus(Team that) {
      return new Team(
          calls + that.calls,
          denied + that.denied,
          usage.plus(that.usage),
          usd.add(that.usd),
          unpriced + that.unpriced);
    }
  }

  private final Map<String, Team> teams = new TreeMap<>();
  private final List<ThresholdEvent> warnings = new ArrayList<>();
  private @Nullable UsageEvent last;

  @Override
  public synchronized void onUsage(UsageEvent event) {
    last = event;
    long unpriced = event.cost() instanceof Cost.Unknown ? 1 : 0;
    add(event.call(), new Team(1, 0, event.usage(), event.cost().atLeastUsd(), unpriced));
  }

  @Override
  public synchronized void onDenied(DenialEvent event) {
    add(event.call(), new Team(0, 1, Usage.NONE, BigDecimal.ZERO, 0));
  }

  @Override
  public synchronized void onThreshold(ThresholdEvent event) {
    warnings.add(event);
  }

  private void add(MeteredCall call, Team more) {
    String team = call.tags().get("team");
    teams.merge(team == null ? "" : team, more, Team::plus);
  }

  /** Each team that made a call, by name. */
  synchronized Map<String, Team> teams() {
    return new TreeMap<>(teams);
  }

  /** The call that ended last. */
  synchronized UsageEvent last() {
    if (last == null) {
      throw new IllegalStateException("no call has ended");
    }
    return last;
  }

  /** The warnings since this method was called before. */
  synchronized List<ThresholdEvent> newWarnings() {
    List<ThresholdEvent> news = List.copyOf(warnings);
    warnings.clear();
    return news;
  }
}
