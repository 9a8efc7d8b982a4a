// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.alerts.Alert;
import io.github.bedrockmeter.alerts.AlertChannel;
import io.github.bedrockmeter.alerts.Alerts;
import io.github.bedrockmeter.alerts.Route;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.spring.BedrockMeterProperties.Sinks;
import io.github.bedrockmeter.spring.BedrockMeterProperties.Sinks.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Alerts as the properties have them. Immutable. */
final class AlertSinks {
  private static final String PREFIX = BedrockMeterProperties.PREFIX + ".sinks.alerts";

  private final Sinks.Alerts settings;
  private final List<Sink> sinks = new ArrayList<>();

  /** A channel, and which alerts it gets. */
  private record Sink(String name, AlertChannel channel, Severity from, List<String> budgets) {
    Route route() {
      Route route =
          Route.from(
              switch (from) {
                case INFO -> Alert.Severity.INFO;
                case WARNING -> Alert.Severity.WARNING;
                case CRITICAL -> Alert.Severity.CRITICAL;
              });
      return budgets.isEmpty() ? route : route.budgets(budgets.toArray(String[]::new));
    }
  }

  /**
   * The channels of the properties.
   *
   * @throws InvalidPropertiesException if one of them cannot be used
   */
  AlertSinks(Sinks.@Nullable Alerts given) {
    settings = given == null ? new Sinks.Alerts(null, null, null, null, null, null, false) : given;
    Sinks.Channel slack = settings.slack();
    if (slack != null) {
      AlertChannel channel = hook("slack", slack.url(), AlertChannel::slack);
      sinks.add(new Sink("slack", channel, slack.from(), slack.budgets()));
    }
    Sinks.Channel teams = settings.teams();
    if (teams != null) {
      AlertChannel channel = hook("teams", teams.url(), AlertChannel::teams);
      sinks.add(new Sink("teams", channel, teams.from(), teams.budgets()));
    }
    Sinks.Webhook webhook = settings.webhook();
    if (webhook != null) {
      String key = given("webhook.signing-key", webhook.signingKey());
      AlertChannel channel = hook("webhook", webhook.url(), url -> AlertChannel.webhook(url, key));
      sinks.add(new Sink("webhook", channel, webhook.from(), webhook.budgets()));
    }
    Sinks.LogChannel log = settings.log();
    if (log != null && log.enabled()) {
      sinks.add(new Sink("log", new AlertLog(), log.from(), log.budgets()));
    }
  }

  private static AlertChannel hook(
      String name, @Nullable String url, Function<String, AlertChannel> made) {
    String address = given(name + ".url", url);
    try {
      return made.apply(address);
    } catch (IllegalArgumentException refused) {
      throw InvalidPropertiesException.of(PREFIX + "." + name, refused);
    }
  }

  /** A variable that is not set stays in the text as it is written: {@code ${NAME}}. */
  private static String given(String property, @Nullable String value) {
    if (value == null || value.isBlank() || value.contains("${")) {
      throw InvalidPropertiesException.of(
          PREFIX + "." + property,
          "it is missing or empty; is the environment variable set that it is read from?");
    }
    return value;
  }

  /**
   * The alerts.
   *
   * @param beans channels of the application, which take what is WARNING and CRITICAL
   * @param application its name; empty if it has none
   * @throws InvalidPropertiesException if they cannot be sent as the properties say
   */
  Alerts alerts(List<AlertChannel> beans, MeterLedger ledger, String application) {
    if (beans.isEmpty() && sinks.isEmpty()) {
      throw InvalidPropertiesException.of(
          PREFIX,
          "no channel is named; set slack.url, teams.url, webhook.url or log.enabled=true, or"
              + " define a bean of type AlertChannel");
    }
    Alerts.Builder builder = Alerts.builder();
    beans.forEach(builder::channel);
    sinks.forEach(sink -> builder.channel(sink.channel(), sink.route()));
    String source = settings.source() == null ? application : settings.source();
    if (!source.isBlank()) {
      InvalidPropertiesException.checked(PREFIX + ".source", () -> builder.source(source));
    }
    if (settings.zone() != null) {
      builder.zone(settings.zone());
    }
    if (settings.onceInFleet()) {
      builder.onceIn(shared(ledger));
    }
    return builder.build();
  }

  private static Ledger shared(MeterLedger ledger) {
    Ledger shared = ledger.shared();
    if (shared == null) {
      throw InvalidPropertiesException.of(
          PREFIX + ".once-in-fleet",
          "a ledger in memory is one process's own; "
              + BedrockMeterProperties.PREFIX
              + ".ledger.type must name a shared one");
    }
    return shared;
  }

  /** A channel for a budget that does not exist would never get an alert about it. */
  void checkBudgets(BedrockMeter meter) {
    for (Sink sink : sinks) {
      for (String budget : sink.budgets()) {
        InvalidPropertiesException.checked(
            PREFIX + "." + sink.name() + ".budgets", () -> meter.control(budget));
      }
    }
  }
}
