// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.Alert.Severity;
import io.github.bedrockmeter.alerts.AlertMessage.Count;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which alerts go to a channel: {@code Route.from(Severity.CRITICAL).budgets("tenant-daily")}.
 * Immutable and thread-safe, as far as its predicate is.
 */
public final class Route {
  private static final Route DEFAULT =
      new Route(Severity.WARNING, EnumSet.allOf(Kind.class), budget -> true);

  private final Severity least;
  private final Set<Kind> kinds;
  private final Predicate<String> budgets;

  private Route(Severity least, EnumSet<Kind> kinds, Predicate<String> budgets) {
    this.least = least;
    this.kinds = EnumSet.copyOf(kinds);
    this.budgets = budgets;
  }

  /** Alerts of every kind and budget that are at least so severe; {@code INFO} for all. */
  public static Route from(Severity least) {
    return new Route(
        Objects.requireNonNull(least, "least"), EnumSet.allOf(Kind.class), budget -> true);
  }

  /** Where nothing else is said: from {@link Severity#WARNING} on. */
  static Route standard() {
    return DEFAULT;
  }

  /** Only these kinds. */
  public Route kinds(Kind first, Kind... others) {
    return new Route(least, EnumSet.of(first, others), budgets);
  }

  /**
   * All but these kinds.
   *
   * @throws IllegalArgumentException if no kind would be left
   */
  public Route without(Kind first, Kind... others) {
    EnumSet<Kind> left = EnumSet.copyOf(kinds);
    left.removeAll(EnumSet.of(first, others));
    if (left.isEmpty()) {
      throw new IllegalArgumentException(
          "without(...) leaves no kind of alert; leave the channel out instead");
    }
    return new Route(least, left, budgets);
  }

  /** Only alerts about these budgets, and those that are about none, such as a ledger's outage. */
  public Route budgets(String... names) {
    Set<String> named = Set.copyOf(List.of(names));
    return budgets(named::contains);
  }

  /**
   * Only alerts about budgets whose name passes, and those that are about none. Asked on the thread
   * that sends; one that throws lets the alert pass.
   */
  public Route budgets(Predicate<String> names) {
    return new Route(least, EnumSet.copyOf(kinds), Objects.requireNonNull(names, "names"));
  }

  /** Whether alerts that were only counted go this way, at the severity that their kind has. */
  boolean takes(Count count) {
    return takes(usual(count.kind()), count.kind(), count.budget());
  }

  /** The severity that most alerts of a kind have. */
  static Severity usual(Kind kind) {
    return switch (kind) {
      case EXHAUSTED, BYPASS, LEDGER_OUTAGE, LEDGER_RECOVERED -> Severity.CRITICAL;
      case LOST_HOLD, SETTLEMENT_FAILED -> Severity.CRITICAL;
      case BUDGET_CHANGED -> Severity.INFO;
      default -> Severity.WARNING;
    };
  }

  /** Whether an alert goes this way. */
  boolean takes(Alert alert) {
    return takes(alert.severity(), alert.kind(), alert.budget());
  }

  private boolean takes(Severity severity, Kind kind, @Nullable String budget) {
    return severity.compareTo(least) >= 0
        && kinds.contains(kind)
        && (budget == null || passes(budget));
  }

  private boolean passes(String budget) {
    try {
      return budgets.test(budget);
    } catch (RuntimeException failure) { // rather one alert too many
      return true;
    }
  }
}
