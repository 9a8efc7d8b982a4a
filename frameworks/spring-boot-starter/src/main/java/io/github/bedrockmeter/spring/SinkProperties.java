// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where events go beside metrics and the journal. Immutable.
 *
 * @param alerts Alerts to people, with bedrock-meter-alerts.
 * @param cloudwatch Lines for CloudWatch, with bedrock-meter-cloudwatch.
 */
public record SinkProperties(@Nullable Alerts alerts, @Nullable CloudWatch cloudwatch) {

  /** From which severity on an alert is sent. */
  public enum Severity {
    /** All alerts. */
    INFO,
    /** What someone should look at, and worse. */
    WARNING,
    /** What someone has to look at now. */
    CRITICAL
  }

  /**
   * Alerts. Immutable.
   *
   * @param slack A Slack incoming webhook.
   * @param teams A workflow of Microsoft Teams.
   * @param webhook A server of your own, which gets signed JSON.
   * @param log The application's log.
   * @param source The application's name in alerts; spring.application.name by default.
   * @param zone The time zone of times in alerts, and of what is once a day; UTC by default.
   * @param onceInFleet Whether an alert that each process would send is sent by one of them; needs
   *     a shared ledger.
   */
  public record Alerts(
      @Nullable Channel slack,
      @Nullable Channel teams,
      @Nullable Webhook webhook,
      @Nullable LogChannel log,
      @Nullable String source,
      @Nullable ZoneId zone,
      @DefaultValue("false") boolean onceInFleet) {}

  /**
   * A webhook. Immutable; its text does not have the URL.
   *
   * @param url The webhook's URL. Whoever has it can post, so read it from the environment.
   * @param from From which severity on.
   * @param budgets Only alerts about these budgets, and those about none.
   */
  public record Channel(
      @Nullable String url,
      @DefaultValue("warning") Severity from,
      @DefaultValue List<String> budgets) {
    @Override
    public String toString() {
      return "Channel[from=" + from + ", budgets=" + budgets + "]";
    }
  }

  /**
   * A webhook that gets signed JSON. Immutable; its text has neither URL nor key.
   *
   * @param url The webhook's URL.
   * @param signingKey What both sides know, 16 characters at least.
   * @param from From which severity on.
   * @param budgets Only alerts about these budgets, and those about none.
   */
  public record Webhook(
      @Nullable String url,
      @Nullable String signingKey,
      @DefaultValue("warning") Severity from,
      @DefaultValue List<String> budgets) {
    @Override
    public String toString() {
      return "Webhook[from=" + from + ", budgets=" + budgets + "]";
    }
  }

  /**
   * Alerts in the log. Immutable.
   *
   * @param enabled Whether they are logged.
   * @param from From which severity on.
   * @param budgets Only alerts about these budgets, and those about none.
   */
  public record LogChannel(
      @DefaultValue("true") boolean enabled,
      @DefaultValue("warning") Severity from,
      @DefaultValue List<String> budgets) {}

  /**
   * Lines of CloudWatch's embedded metric format. Immutable.
   *
   * @param enabled Whether they are written.
   * @param file The file that they are written to; the standard output by default.
   * @param namespace The namespace of the metrics; GenAIRateLimiting by default.
   * @param costCenterTag The tag that is the dimension CostCenter; costCenter by default.
   * @param applicationTag The tag that is the dimension Application; applicationId by default.
   * @param environmentTag The tag that is the dimension Environment; environment by default.
   * @param mostCombinations How many combinations of dimensions there may be; 1000 by default.
   */
  public record CloudWatch(
      @DefaultValue("true") boolean enabled,
      @Nullable Path file,
      @Nullable String namespace,
      @Nullable String costCenterTag,
      @Nullable String applicationTag,
      @Nullable String environmentTag,
      @Nullable Integer mostCombinations) {}
}
