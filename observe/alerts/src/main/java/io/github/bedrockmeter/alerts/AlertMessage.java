// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Command;
import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.Alert.Severity;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a channel sends: one alert, or a digest of many. Immutable and thread-safe.
 *
 * @param id unique, and the same each time that the sending is tried again
 * @param at when it was put together
 * @param source the application that it comes from, as the alerts' builder was given it; null if it
 *     was not
 * @param severity that of the most urgent alert in it
 * @param title one line, escaped
 * @param details a line each, escaped
 * @param commands what to type
 * @param alerts the alert; of a digest the first ones
 * @param count how many alerts it stands for
 * @param counts how many of each kind and budget; their sum is {@code count}
 */
public record AlertMessage(
    String id,
    Instant at,
    @Nullable String source,
    Severity severity,
    String title,
    List<String> details,
    List<Command> commands,
    List<Alert> alerts,
    long count,
    List<Count> counts) {

  /**
   * How many alerts of a kind.
   *
   * @param kind the kind
   * @param budget the budget; null if they are about none, or about too many to be listed
   * @param count how many
   */
  public record Count(Kind kind, @Nullable String budget, long count) {}

  public AlertMessage {
    details = List.copyOf(details);
    commands = List.copyOf(commands);
    alerts = List.copyOf(alerts);
    counts = List.copyOf(counts);
  }

  /** Whether it is about other than one alert that it carries. */
  public boolean isDigest() {
    return count != 1 || alerts.size() != 1;
  }
}
