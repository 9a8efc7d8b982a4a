// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Command;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.ledger.Unit;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lines of the {@code bedrock-meter} command. Options come first, and names after {@code --} where
 * one begins with a dash. Stateless.
 */
final class Commands {
  /** A longer name would make a line that cannot be read; the budget's accounts are listed then. */
  private static final int LONGEST_NAME = 256;

  private Commands() {}

  /**
   * Shows an account and its holds.
   *
   * @param window the first instant of its window; null for the window of when it is typed
   */
  static Command show(String budget, String scope, @Nullable Instant window) {
    if (budget.length() > LONGEST_NAME || scope.length() > LONGEST_NAME) {
      return accounts(budget);
    }
    String at = window == null ? "" : "--window " + window + " ";
    return new Command(
        "look",
        "bedrock-meter show "
            + at
            + names(scope.isEmpty() ? List.of(budget) : List.of(budget, scope)));
  }

  /** Lists a budget's accounts of now; of all budgets, where it is null or has a very long name. */
  static Command accounts(@Nullable String budget) {
    String which =
        budget == null || budget.length() > LONGEST_NAME ? "" : " --budget=" + Shell.word(budget);
    return new Command("look", "bedrock-meter accounts --now" + which);
  }

  /** Gives back an amount in the present window, so that so much more may be spent in it. */
  static List<Command> credit(String budget, String scope, Amount amount) {
    if (amount.units() == 0 || budget.length() > LONGEST_NAME || scope.length() > LONGEST_NAME) {
      return List.of();
    }
    return List.of(
        new Command(
            "grant " + amount + " more in this window (add --yes to do it)",
            "bedrock-meter adjust --reason 'granted after an alert' "
                + names(List.of(budget, scope, "-" + written(amount)))));
  }

  private static String written(Amount amount) {
    if (amount.unit() == Unit.NANO_USD) {
      return BigDecimal.valueOf(amount.units(), 9).stripTrailingZeros().toPlainString() + "usd";
    }
    return amount.units() + (amount.unit() == Unit.TOKENS ? "tokens" : "requests");
  }

  /** Lists the holds of processes that have ended, and releases them with {@code --yes}. */
  static Command releaseAbandoned(String budget, String scope) {
    if (budget.length() > LONGEST_NAME || scope.length() > LONGEST_NAME) {
      return new Command("release them (add --yes to do it)", "bedrock-meter release-abandoned");
    }
    return new Command(
        "list them (add --yes to release them)",
        "bedrock-meter release-abandoned "
            + names(scope.isEmpty() ? List.of(budget) : List.of(budget, scope)));
  }

  /** Shows what is known of a model's prices. */
  static Command prices(String model, @Nullable String region) {
    String shown = model.length() > LONGEST_NAME ? model.substring(0, LONGEST_NAME) : model;
    return new Command(
        "look",
        "bedrock-meter prices show "
            + (region == null ? "" : "--region=" + Shell.word(region) + " ")
            + names(List.of(shown)));
  }

  private static String names(List<String> names) {
    // An amount, as -1.50usd, is read as a name wherever it stands.
    boolean hasDash =
        names.get(0).startsWith("-") || (names.size() > 1 && names.get(1).startsWith("-"));
    StringBuilder line = new StringBuilder(hasDash ? "-- " : "");
    for (int i = 0; i < names.size(); i++) {
      line.append(i == 0 ? "" : " ")
          .append(names.get(i).isEmpty() ? "''" : Shell.word(names.get(i)));
    }
    return line.toString();
  }
}
