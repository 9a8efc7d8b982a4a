// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Usage;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.CachePointType;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;

/** Two teams at work: prints what each call used and cost, and a table at the end. */
final class TwoTeams {
  private static final String ROW = "%3s  %-8s %-15s %6s %7s %11s %12s %10s %10s";
  private static final String SUM = "%-8s %6s %7s %7s %8s %11s %12s %10s %10s";

  private final PrintStream out;
  private final BedrockMeter meter;
  private final Spending spending = new Spending();
  private final BedrockRuntimeClient client;
  private final BedrockRuntimeAsyncClient async;
  private int calls;

  TwoTeams(
      PrintStream out,
      BedrockRuntimeClient plain,
      BedrockRuntimeAsyncClient plainAsync,
      Budget budget,
      InstantSource clock,
      MeterListener another) {
    this.out = out;
    meter =
        BedrockMeter.builder()
            .budget(budget)
            .prices(PriceCatalog.bundled())
            .listener(spending)
            .listener(another)
            .clock(clock)
            .build();
    client = meter.wrap(plain);
    async = meter.wrap(plainAsync);
  }

  BedrockMeter meter() {
    return meter;
  }

  void work(FakeBedrock bedrock) {
    heading();
    Reply nova = Reply.text("Results.").inputTokens(50);
    Reply claude = Reply.text("Dear customer.").inputTokens(40).chunks(8);
    Reply cached = claude.cacheReadTokens(1_200);

    support(bedrock, claude.cacheWriteTokens("5m", 1_200).outputTokens(1_400), false);
    search(bedrock, nova.outputTokens(300), false);
    support(bedrock, cached.outputTokens(1_600), true);
    support(bedrock, cached.outputTokens(1_800), false);
    search(bedrock, nova.outputTokens(450), true);
    support(bedrock, cached.outputTokens(1_700), true);
    support(bedrock, cached.outputTokens(1_900), false);
    search(bedrock, nova.outputTokens(350), false);
    support(bedrock, cached.outputTokens(1_800), true);

    BigDecimal before = spent("support");
    try {
      support(bedrock, cached.outputTokens(1_500), false);
    } catch (BudgetExceededException denied) {
      printDenied("support", "Converse", denied);
    }
    BigDecimal denialCost = spent("support").subtract(before);
    search(bedrock, nova.outputTokens(500), true);

    Spending.Team total = total();
    closingTable();
    line("");
    line(
        "The denied call cost %s. Granted: %d calls; received by the server: %d requests.",
        dollars(denialCost, 2), total.calls(), bedrock.requests().size());
  }

  private void support(FakeBedrock bedrock, Reply reply, boolean stream) {
    bedrock.on(Chats.CLAUDE_SONNET).reply(reply);
    call("support", Chats.CLAUDE_SONNET, HANDBOOK, "Where is my last parcel?", 2_000, stream);
  }

  private void search(FakeBedrock bedrock, Reply reply, boolean stream) {
    bedrock.on(Chats.NOVA_LITE).reply(reply);
    call("search", Chats.NOVA_LITE, null, "Shoes like these, but blue?", 500, stream);
  }

  /** Makes one call and prints its line. */
  void call(
      String team,
      String model,
      @Nullable String handbook,
      String question,
      int maxTokens,
      boolean stream) {
    List<SystemContentBlock> system =
        handbook == null
            ? List.of()
            : List.of(
                SystemContentBlock.fromText(handbook),
                SystemContentBlock.fromCachePoint(point -> point.type(CachePointType.DEFAULT)));
    if (stream) {
      ConverseStreamResponseHandler handler =
          ConverseStreamResponseHandler.builder()
              .subscriber(ConverseStreamResponseHandler.Visitor.builder().build())
              .build();
      try {
        async
            .converseStream(
                request ->
                    request
                        .modelId(model)
                        .system(system)
                        .messages(Chats.user(question))
                        .inferenceConfig(inference -> inference.maxTokens(maxTokens))
                        .overrideConfiguration(BedrockMeter.tags("team", team)),
                handler)
            .join();
      } catch (CompletionException failed) {
        throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
      }
    } else {
      client.converse(
          request ->
              request
                  .modelId(model)
                  .system(system)
                  .messages(Chats.user(question))
                  .inferenceConfig(inference -> inference.maxTokens(maxTokens))
                  .overrideConfiguration(BedrockMeter.tags("team", team)));
    }
    printCall(team, spending.last());
  }

  void heading() {
    line(ROW, "#", "team", "call", "input", "output", "cache read", "cache write", "cost", "left");
  }

  private void printCall(String team, UsageEvent event) {
    Usage usage = event.usage();
    line(
        ROW,
        ++calls,
        team,
        event.call().operation(),
        count(usage.inputTokens()),
        count(usage.outputTokens()),
        count(usage.cacheReadTokens()),
        count(usage.cacheWriteTokens()),
        event.cost() instanceof Cost.Known known ? dollars(known.amountUsd(), 6) : "unknown",
        left(team));
    for (ThresholdEvent warning : spending.newWarnings()) {
      line(
          "     warning: %s has reached %s %% of its %s",
          team,
          warning.share().movePointRight(2).stripTrailingZeros().toPlainString(),
          warning.limit());
    }
  }

  private void printDenied(String team, String operation, BudgetExceededException denied) {
    line(ROW, ++calls, team, operation, "denied", "", "", "", "", left(team));
    line("     %s", denied.getMessage());
  }

  void closingTable() {
    line("");
    line(
        SUM,
        "team",
        "calls",
        "denied",
        "input",
        "output",
        "cache read",
        "cache write",
        "cost",
        "left");
    for (Map.Entry<String, Spending.Team> team : spending.teams().entrySet()) {
      printSum(team.getKey(), team.getValue(), left(team.getKey()));
    }
    printSum("total", total(), "");
    line("Input, output and cache are tokens; cost and left are US dollars.");
  }

  private void printSum(String name, Spending.Team team, String left) {
    Usage usage = team.usage();
    line(
        SUM,
        name,
        count(team.calls()),
        count(team.denied()),
        count(usage.inputTokens()),
        count(usage.outputTokens()),
        count(usage.cacheReadTokens()),
        count(usage.cacheWriteTokens()),
        team.unpriced() > 0 ? "unknown" : dollars(team.usd(), 6),
        left);
  }

  private Spending.Team total() {
    return spending.teams().values().stream().reduce(Spending.Team.NEW, Spending.Team::plus);
  }

  private BigDecimal spent(String team) {
    return spending.teams().getOrDefault(team, Spending.Team.NEW).usd();
  }

  /** What a team's budget has left now. */
  private String left(String team) {
    for (BudgetStatus status : meter.status().join()) {
      if (status.scope().equals("team=" + team)) {
        return dollars(BigDecimal.valueOf(status.available().units(), 9), 6);
      }
    }
    return "";
  }

  private static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values).stripTrailing());
  }

  private static String dollars(BigDecimal usd, int decimals) {
    return "$" + usd.setScale(decimals, RoundingMode.HALF_UP).toPlainString();
  }

  /** About 1,200 tokens that every call of team support begins with. */
  private static final String HANDBOOK =
      "Greet the customer, find the parcel, and promise only what we can keep.\n".repeat(66);
}
