// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.call.AbandonedStreams;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code bedrock.meter.*}; {@code docs/spring.md} has them with examples. A name
 * that is not among them is an error at start. Immutable.
 *
 * @param enabled Whether Bedrock clients are metered at all.
 * @param mode The mode of the budgets below that set none of their own.
 * @param budgets Budgets by name, with the keys of a budgets file.
 * @param budgetsFile A file of budgets, in place of those in properties.
 * @param prices Where prices come from.
 * @param tags Tags of calls: a text for all calls, or where a call's value comes from, as
 *     "#{principal}", "#{header.X-Tenant}", "#{mdc.user}" or "#{attribute.tenant}".
 * @param requiredTags Tags without which a call is denied.
 * @param allowedTags The values that a tag may have, by the tag's name.
 * @param metadataTags Names that are tags where a request's own metadata has them.
 * @param metadataFirst Whether the request's own metadata wins over the application's tags.
 * @param stampTags Whether tags are written into the request's metadata, for Bedrock's log.
 * @param stampCallId Whether the call's id is written into the request's metadata.
 * @param modelNames Names of your own for models, which callers may use as model ids.
 * @param ledger Where balances are kept.
 * @param journal The journal of all calls, in the application's database.
 * @param metrics Metrics, where the application has a Micrometer registry.
 * @param sinks Where events go beside metrics and the journal.
 * @param web What a web application answers when a call is denied.
 * @param clients The clients that are contributed for Spring AI.
 * @param endpoint The actuator endpoint "budgets".
 * @param failOpen Whether calls pass when the ledger cannot decide.
 * @param logUsage Whether each call is logged.
 * @param defaultMaxOutputTokens Output tokens to assume where neither call nor model has a limit.
 * @param abandonedStreams What is charged for a stream that ends before it reports its usage.
 */
@ConfigurationProperties(prefix = BedrockMeterProperties.PREFIX, ignoreUnknownFields = false)
public record BedrockMeterProperties(
    @DefaultValue("true") boolean enabled,
    Budget.@Nullable Mode mode,
    @DefaultValue Map<String, BudgetProperties> budgets,
    @DefaultValue BudgetsFromFile budgetsFile,
    @DefaultValue Prices prices,
    @DefaultValue Map<String, String> tags,
    @DefaultValue List<String> requiredTags,
    @DefaultValue Map<String, List<String>> allowedTags,
    @DefaultValue List<String> metadataTags,
    @DefaultValue("false") boolean metadataFirst,
    @DefaultValue("true") boolean stampTags,
    @DefaultValue("true") boolean stampCallId,
    @DefaultValue Map<String, String> modelNames,
    @DefaultValue LedgerSettings ledger,
    @DefaultValue Journal journal,
    @DefaultValue Metrics metrics,
    @DefaultValue Sinks sinks,
    @DefaultValue Web web,
    @DefaultValue Clients clients,
    @DefaultValue Endpoint endpoint,
    @DefaultValue("false") boolean failOpen,
    @DefaultValue("false") boolean logUsage,
    @Nullable Long defaultMaxOutputTokens,
    @Nullable AbandonedStreams abandonedStreams) {
  /** What the names of all properties begin with. */
  public static final String PREFIX = "bedrock.meter";

  /**
   * A file of budgets. Immutable.
   *
   * @param location A file whose name ends with .yaml, .yml or .json.
   * @param pollEvery How often it is read again.
   */
  public record BudgetsFromFile(@Nullable Path location, @DefaultValue("5s") Duration pollEvery) {}

  /**
   * Prices. Immutable.
   *
   * @param bundled Whether the bundled catalogue is used; without it costs are unknown.
   * @param overlays Catalogue files that are laid over it, the last one wins.
   * @param overrides A file of your own rates, discounts and aliases.
   * @param discounts Shares off the list prices by provider or model, such as "12%".
   */
  public record Prices(
      @DefaultValue("true") boolean bundled,
      @DefaultValue List<Path> overlays,
      @Nullable Path overrides,
      @DefaultValue Map<String, String> discounts) {}

  /** Which ledger keeps the balances. */
  public enum LedgerType {
    /** The one shared ledger that is on the class path and has its connection; else memory. */
    AUTO,
    /** This process alone, until it ends. */
    MEMORY,
    /** The application's data source. */
    JDBC,
    /** The application's Redis, over Lettuce. */
    REDIS,
    /** The application's DynamoDB client. */
    DYNAMODB
  }

  /**
   * The ledger. Immutable.
   *
   * @param type Which ledger.
   * @param timeout How long a call waits for it; its own answer time by default.
   * @param settlementTime How long a settlement that fails is tried again.
   * @param leased Whether slices are held on it and calls served from them in memory.
   * @param prefix What its keys or tables begin with.
   * @param table DynamoDB's table.
   * @param dataSource The name of the data source bean, where there are several.
   */
  public record LedgerSettings(
      @DefaultValue("auto") LedgerType type,
      @Nullable Duration timeout,
      @Nullable Duration settlementTime,
      @DefaultValue("false") boolean leased,
      @Nullable String prefix,
      @DefaultValue(LedgerSettings.DEFAULT_TABLE) String table,
      @Nullable String dataSource) {
    static final String DEFAULT_TABLE = "bedrock-meter";
  }

  /**
   * The journal. Immutable.
   *
   * @param enabled Whether calls are written into the application's database.
   * @param directory Where events wait while the database is unavailable.
   * @param tablePrefix What its tables begin with.
   * @param tagColumns Tags that have a column of their own.
   * @param dataSource The name of the data source bean, where there are several.
   */
  public record Journal(
      @DefaultValue("false") boolean enabled,
      @DefaultValue("bedrock-meter-journal") Path directory,
      @Nullable String tablePrefix,
      @DefaultValue List<String> tagColumns,
      @Nullable String dataSource) {}

  /**
   * Metrics. Immutable.
   *
   * @param enabled Whether they are published.
   * @param tags Tags that costs are split by.
   */
  public record Metrics(@DefaultValue("true") boolean enabled, @DefaultValue List<String> tags) {}

  /**
   * Answers of a web application. Immutable.
   *
   * @param problems Whether a denial is answered as a problem detail with the status of its kind.
   * @param includeMessage Whether the answer has the denial's message, which names budgets and
   *     amounts.
   */
  public record Web(
      @DefaultValue("true") boolean problems, @DefaultValue("false") boolean includeMessage) {}

  /**
   * Clients for Spring AI. Immutable.
   *
   * @param contribute Whether metered clients with the settings "spring.ai.bedrock.aws" are made
   *     where the application has none.
   */
  public record Clients(@DefaultValue("true") boolean contribute) {}

  /**
   * The actuator endpoint. Immutable.
   *
   * @param allowChanges Whether it grants, freezes, thaws, changes modes and adjusts balances.
   * @param mostBalances How many balances of each budget it shows, the largest first.
   */
  public record Endpoint(
      @DefaultValue("false") boolean allowChanges, @DefaultValue("100") int mostBalances) {}

  /**
   * Where events go beside metrics and the journal. Immutable.
   *
   * @param alerts Alerts to people, with bedrock-meter-alerts.
   * @param cloudwatch Lines for CloudWatch, with bedrock-meter-cloudwatch.
   */
  public record Sinks(@Nullable Alerts alerts, @Nullable CloudWatch cloudwatch) {

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
     * @param onceInFleet Whether an alert that each process would send is sent by one of them;
     *     needs a shared ledger.
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
}
