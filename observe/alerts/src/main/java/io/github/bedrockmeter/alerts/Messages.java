// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Command;
import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.Alert.Severity;
import io.github.bedrockmeter.alerts.AlertMessage.Count;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts messages together: one alert as it is, many as a digest. Immutable and thread-safe. */
final class Messages {
  /** Rows of counts, and titles, that a digest lists. */
  private static final int MOST_COUNTS = 12;

  private static final int MOST_TITLES = 5;
  private static final int MOST_COMMANDS = 3;

  /** Alerts that a digest carries in full, for programs. */
  private static final int MOST_ALERTS = 20;

  private final @Nullable String source;
  private final InstantSource clock;

  Messages(@Nullable String source, InstantSource clock) {
    this.source = source;
    this.clock = clock;
  }

  /** One alert. */
  AlertMessage of(Alert alert) {
    return of(alert, 0);
  }

  /**
   * One alert.
   *
   * @param notSent how many alerts before it could not be sent
   */
  AlertMessage of(Alert alert, long notSent) {
    List<String> details = new ArrayList<>(alert.details());
    if (notSent > 0) {
      details.add(
          String.format(
              Locale.ROOT,
              "%,d %s before this could not be sent here.",
              notSent,
              notSent == 1 ? "alert" : "alerts"));
    }
    return message(
        alert.severity(),
        alert.title(),
        details,
        alert.commands(),
        List.of(alert),
        List.of(new Count(alert.kind(), alert.budget(), 1)));
  }

  /**
   * A digest.
   *
   * @param alerts what waited, the oldest first
   * @param more what found no place to wait, by kind and budget
   * @param most the highest severity of what found no place
   * @param notSent how many alerts before these could not be sent
   */
  AlertMessage digest(List<Alert> alerts, List<Count> more, Severity most, long notSent) {
    Map<Count, Long> sums = new LinkedHashMap<>();
    alerts.forEach(alert -> sums.merge(new Count(alert.kind(), alert.budget(), 0), 1L, Long::sum));
    more.forEach(
        count -> sums.merge(new Count(count.kind(), count.budget(), 0), count.count(), Long::sum));
    List<Count> counts = new ArrayList<>();
    sums.forEach((key, count) -> counts.add(new Count(key.kind(), key.budget(), count)));
    counts.sort(Comparator.comparingLong(Count::count).reversed());
    Severity severity =
        Stream.concat(Stream.of(most), alerts.stream().map(Alert::severity))
            .max(Comparator.naturalOrder())
            .orElse(most);
    List<Alert> first = alerts.subList(0, Math.min(MOST_ALERTS, alerts.size()));
    long all = counts.stream().mapToLong(Count::count).sum();
    return message(
        severity,
        String.format(Locale.ROOT, "%,d %s: %s", all, all == 1 ? "alert" : "alerts", kinds(counts)),
        details(alerts, counts, notSent),
        commands(counts),
        first,
        counts);
  }

  /** {@code 3 budget exhausted, 117 first denial}. */
  private static String kinds(List<Count> counts) {
    Map<Kind, Long> byKind = new LinkedHashMap<>();
    counts.forEach(count -> byKind.merge(count.kind(), count.count(), Long::sum));
    List<String> words = new ArrayList<>();
    byKind.forEach(
        (kind, count) -> words.add(String.format(Locale.ROOT, "%,d %s", count, kind.label())));
    return String.join(", ", words);
  }

  private static List<String> details(List<Alert> alerts, List<Count> counts, long notSent) {
    List<String> details = new ArrayList<>();
    for (Count count : counts.subList(0, Math.min(MOST_COUNTS, counts.size()))) {
      details.add(
          String.format(Locale.ROOT, "%,d x %s", count.count(), count.kind().label())
              + (count.budget() == null ? "" : ": budget '" + Names.text(count.budget()) + "'"));
    }
    if (counts.size() > MOST_COUNTS) {
      List<Count> rest = counts.subList(MOST_COUNTS, counts.size());
      details.add(
          String.format(
              Locale.ROOT,
              "%,d x in %,d other budgets and kinds",
              rest.stream().mapToLong(Count::count).sum(),
              rest.size()));
    }
    if (!alerts.isEmpty()) {
      details.add(alerts.size() > MOST_TITLES ? "The first of them:" : "They are:");
      alerts.stream().limit(MOST_TITLES).forEach(alert -> details.add("- " + alert.title()));
    }
    if (notSent > 0) {
      details.add(
          String.format(Locale.ROOT, "%,d alerts before these could not be sent here.", notSent));
    }
    return details;
  }

  private static List<Command> commands(List<Count> counts) {
    Set<Command> commands = new LinkedHashSet<>();
    counts.stream()
        .map(Count::budget)
        .filter(budget -> budget != null)
        .distinct()
        .limit(MOST_COMMANDS)
        .forEach(budget -> commands.add(Commands.accounts(budget)));
    if (commands.isEmpty()) {
      commands.add(Commands.accounts(null));
    }
    return List.copyOf(commands);
  }

  private AlertMessage message(
      Severity severity,
      String title,
      List<String> details,
      List<Command> commands,
      List<Alert> alerts,
      List<Count> counts) {
    Instant now = clock.instant();
    long count = counts.stream().mapToLong(Count::count).sum();
    return new AlertMessage(
        UUID.randomUUID().toString(),
        now,
        source,
        severity,
        title,
        details,
        commands,
        alerts,
        count,
        counts);
  }
}
