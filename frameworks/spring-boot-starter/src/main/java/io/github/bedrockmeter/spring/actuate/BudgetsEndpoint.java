// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.internal.text.Log;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.util.MimeType;

/**
 * The actuator endpoint {@code budgets}: what is spent, held and left, as JSON, and as a page for a
 * browser; and, where a property allows it, grants, freezes, modes and adjustments. Who may call it
 * is the application's decision, as for every endpoint. Waits up to five seconds for the ledger.
 * Thread-safe.
 */
@WebEndpoint(id = "budgets")
public final class BudgetsEndpoint {
  private static final Log log = Log.to(LoggerFactory.getLogger(BudgetsEndpoint.class));
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final BedrockMeter meter;
  private final BudgetActions actions;
  private final int mostBalances;
  private final LastHour hour;

  /**
   * An endpoint.
   *
   * @param allowChanges whether {@link #change} is allowed
   * @param mostBalances how many balances of each budget are shown, the largest first
   * @param hour what the page shows of the last hour
   */
  public BudgetsEndpoint(
      BedrockMeter meter, boolean allowChanges, int mostBalances, LastHour hour) {
    this.meter = meter;
    this.actions = new BudgetActions(meter, allowChanges);
    this.mostBalances = mostBalances;
    this.hour = hour;
  }

  /** All budgets. */
  @ReadOperation(producesFrom = AnswerFormat.class)
  WebEndpointResponse<?> budgets(AnswerFormat format) {
    return answer(format, null);
  }

  /** One budget. */
  @ReadOperation(producesFrom = AnswerFormat.class)
  @Nullable WebEndpointResponse<?> budget(@Selector String name, AnswerFormat format) {
    return actions.exists(name) ? answer(format, name) : null;
  }

  private WebEndpointResponse<?> answer(AnswerFormat format, @Nullable String only) {
    return format == AnswerFormat.PAGE
        ? page(only)
        : new WebEndpointResponse<>(
            shown(only), WebEndpointResponse.STATUS_OK, format.getProducedMimeType());
  }

  private WebEndpointResponse<String> page(@Nullable String only) {
    List<BudgetStatus> balances = null;
    try {
      balances = read(only);
    } catch (IllegalStateException unreadable) {
      log.warn("The page of the endpoint 'budgets' cannot show balances", unreadable);
    }
    BudgetsPage page =
        new BudgetsPage(balances, meter.health(), mostBalances, hour.view(), Instant.now());
    return new WebEndpointResponse<>(
        page.html(),
        balances == null
            ? WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE
            : WebEndpointResponse.STATUS_OK,
        new MimeType(AnswerFormat.PAGE.getProducedMimeType(), StandardCharsets.UTF_8));
  }

  /**
   * Changes one budget.
   *
   * @param action grant, freeze, thaw, mode, charge or credit
   * @param scope whose balance, as {@code tenant=acme}; left out for the whole budget
   * @param amount for grant, charge and credit: with its unit, as {@code 5.00 USD}
   * @param until for grant: an instant; forever if it is left out
   * @param mode for mode: enforce, shadow or observe
   * @param reason why; it is in the events
   */
  /* Boot 3.5 knows what may be left out by Spring's own annotation, Boot 4 by JSpecify's. */
  @WriteOperation
  public Map<String, Object> change(
      @Selector String name,
      String action,
      @org.springframework.lang.Nullable @Nullable String scope,
      @org.springframework.lang.Nullable @Nullable String amount,
      @org.springframework.lang.Nullable @Nullable String until,
      @org.springframework.lang.Nullable @Nullable String mode,
      @org.springframework.lang.Nullable @Nullable String reason) {
    actions.run(
        new BudgetActions.Change(
            name, action, scope == null ? "" : scope, amount, until, mode, reason));
    return shown(name);
  }

  private Map<String, Object> shown(@Nullable String only) {
    Map<String, Object> answer = new LinkedHashMap<>();
    BedrockMeter.Health health = meter.health();
    answer.put("ledgerAnswers", health.ledgerAnswers());
    answer.put("openCalls", health.openCalls());
    answer.put("balances", read(only).stream().map(BudgetsEndpoint::balance).toList());
    return answer;
  }

  private List<BudgetStatus> read(@Nullable String only) {
    try {
      return meter.snapshot(mostBalances).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).stream()
          .filter(status -> only == null || status.budget().name().equals(only))
          .toList();
    } catch (TimeoutException | ExecutionException unanswered) {
      throw new IllegalStateException("the ledger could not be read", unanswered);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the ledger was read", interrupted);
    }
  }

  private static Map<String, Object> balance(BudgetStatus status) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("budget", status.budget().name());
    shown.put("scope", status.scope());
    shown.put("mode", status.mode().name().toLowerCase(Locale.ROOT));
    shown.put("limit", text(status.limit()));
    shown.put("settled", text(status.settled()));
    shown.put("held", text(status.held()));
    shown.put("abandoned", text(status.abandoned()));
    shown.put("available", text(status.available()));
    shown.put("windowEnd", status.windowEnd() == null ? null : status.windowEnd().toString());
    shown.put("forecast", status.forecast() == null ? null : text(status.forecast()));
    shown.put("frozen", status.frozen());
    return shown;
  }

  private static String text(Amount amount) {
    return amount.toString();
  }
}
