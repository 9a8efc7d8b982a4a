// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetControl;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.ledger.Unit;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;

/** Does to a budget what an operator asks the endpoint for. Thread-safe. */
final class BudgetActions {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final List<String> ACTIONS =
      List.of("grant", "freeze", "thaw", "mode", "charge", "credit");
  private static final List<String> MODES = List.of("enforce", "shadow", "observe");

  private final BedrockMeter meter;
  private final boolean allowed;

  BudgetActions(BedrockMeter meter, boolean allowed) {
    this.meter = meter;
    this.allowed = allowed;
  }

  /**
   * What is asked for.
   *
   * @param scope empty for the whole budget
   */
  record Change(
      String budget,
      String action,
      String scope,
      @Nullable String amount,
      @Nullable String until,
      @Nullable String mode,
      @Nullable String reason) {}

  boolean exists(String budget) {
    try {
      meter.control(budget);
      return true;
    } catch (IllegalArgumentException unknown) {
      return false;
    }
  }

  void run(Change change) {
    if (!allowed) {
      throw refused(
          "changes are not allowed here; bedrock.meter.endpoint.allow-changes=true allows them");
    }
    try {
      run(meter.control(change.budget()), change, given("reason", change.reason(), "launch week"));
    } catch (IllegalArgumentException | DateTimeException wrong) {
      throw refused(String.valueOf(wrong.getMessage()));
    }
  }

  private static void run(BudgetControl budget, Change change, String reason) {
    switch (change.action()) {
      case "grant" ->
          budget.grant(
              new Budget.Grant(change.scope(), amount(budget, change), until(change), reason));
      case "freeze" -> budget.freeze(change.scope(), reason);
      case "thaw" -> budget.thaw(change.scope(), reason);
      case "mode" -> budget.mode(mode(change), reason);
      case "charge" -> await(budget.charge(change.scope(), amount(budget, change), reason));
      case "credit" -> await(budget.credit(change.scope(), amount(budget, change), reason));
      default ->
          throw new IllegalArgumentException(
              "unknown action '"
                  + Escaped.text(change.action())
                  + "'"
                  + NearestName.hint(change.action(), ACTIONS)
                  + "; allowed are "
                  + String.join(", ", ACTIONS));
    }
  }

  private static Amount amount(BudgetControl budget, Change change) {
    Unit unit = budget.budget().limit().unit();
    String word =
        switch (unit) {
          case NANO_USD -> "USD";
          case TOKENS -> "tokens";
          case REQUESTS -> "requests";
        };
    String given = given("amount", change.amount(), "5.00 USD");
    if (!given.endsWith(" " + word)) {
      throw new IllegalArgumentException(
          "amount must be in the unit of the budget, as '5 "
              + word
              + "': '"
              + Escaped.text(given)
              + "'");
    }
    String number = given.substring(0, given.length() - word.length() - 1);
    return unit == Unit.NANO_USD ? Amount.usd(number) : new Amount(Long.parseLong(number), unit);
  }

  private static Instant until(Change change) {
    return change.until() == null || change.until().equals("forever")
        ? Instant.MAX
        : OffsetDateTime.parse(change.until()).toInstant();
  }

  private static Budget.Mode mode(Change change) {
    String given = given("mode", change.mode(), "observe").toLowerCase(Locale.ROOT);
    if (!MODES.contains(given)) {
      throw new IllegalArgumentException(
          "unknown mode '"
              + Escaped.text(given)
              + "'"
              + NearestName.hint(given, MODES)
              + "; allowed are "
              + String.join(", ", MODES));
    }
    return Budget.Mode.valueOf(given.toUpperCase(Locale.ROOT));
  }

  private static String given(String name, @Nullable String value, String example) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " is missing, as '" + example + "'");
    }
    return value;
  }

  private static void await(CompletableFuture<?> change) {
    try {
      change.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException unanswered) {
      throw new IllegalStateException(
          "the ledger did not answer; whether the balance was changed is not known", unanswered);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the ledger was asked", interrupted);
    }
  }

  private static InvalidEndpointRequestException refused(String reason) {
    return new InvalidEndpointRequestException(reason, reason);
  }
}
