// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
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
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.CachePointType;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;

/**
 * Two teams share a Bedrock account, each within its own budget: what they call, what it costs, two
 * warnings and a denial. Runs against {@link FakeBedrock}, or with {@code --live MODEL} against the
 * real service.
 */
public final class Demo {
  static final String HELP =
      """
      bedrock-meter demo: two teams, a budget for each, and what their calls cost.

        (no arguments)   against an embedded fake of Bedrock; needs no account and no configuration
        --live MODEL     three short calls to MODEL on Amazon Bedrock, with your default
                         credentials and region; costs a fraction of a cent with most models
        --help           this text

      Under Maven, arguments go into a property: mvn -q -Ddemo -Ddemo.args="--live MODEL"
      """;

  /** A budget that six answers of the expensive model nearly use up. */
  private static final Budget BUDGET =
      Budget.named("team-daily")
          .limit(Amount.usd("0.20"))
          .window(Window.daily(ZoneOffset.UTC))
          .per("team")
          .warnAt(0.5, 0.8)
          .build();

  private static final String ROW = "%3s  %-8s %-15s %6s %7s %11s %12s %10s %10s";
  private static final String SUM = "%-8s %6s %7s %7s %8s %11s %12s %10s %10s";

  private final PrintStream out;
  private final BedrockMeter meter;
  private final Spending spending = new Spending();
  private final BedrockRuntimeClient client;
  private final BedrockRuntimeAsyncClient async;
  private int calls;

  private Demo(
      PrintStream out,
      BedrockRuntimeClient plain,
      BedrockRuntimeAsyncClient plainAsync,
      Budget budget,
      InstantSource clock) {
    this.out = out;
    meter =
        BedrockMeter.builder()
            .budget(budget)
            .prices(PriceCatalog.bundled())
            .listener(spending)
            .clock(clock)
            .build();
    client = meter.wrap(plain);
    async = meter.wrap(plainAsync);
  }

  /** Runs the demo and, if it failed, ends the JVM with its exit code. */
  public static void main(String[] args) {
    int exitCode = run(args, System.out, System.err);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Runs the demo; 0 if it succeeded, 1 if the service cannot be called, 2 for bad arguments. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    return run(args, out, err, LiveClients::create);
  }

  static int run(String[] args, PrintStream out, PrintStream err, Supplier<LiveClients> live) {
    List<String> words = List.of(args);
    if (words.isEmpty()) {
      offline(out);
      return 0;
    }
    if (words.equals(List.of("--help"))) {
      out.print(HELP);
      return 0;
    }
    if (words.get(0).equals("--live")) {
      if (words.size() == 2 && !words.get(1).isBlank()) {
        return live(words.get(1), live, out, err);
      }
      err.println("demo: --live takes one model id, as in: --live " + Chats.NOVA_LITE);
      return 2;
    }
    err.println("demo: unknown argument '" + String.join(" ", words) + "'; --help lists them");
    return 2;
  }

  private static void offline(PrintStream out) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      out.printf(
          """
          Two teams share one Bedrock account; each may spend %s a day.
            support asks %s, with a handbook in the prompt cache
            search  asks %s
          The clients are the AWS SDK's own, wrapped by the meter. The server is an embedded fake
          at %s: no account, no cost.

          """,
          BUDGET.limit(), Chats.CLAUDE_SONNET, Chats.NOVA_LITE, bedrock.endpoint());
      // The clock does not move, so that midnight cannot pass between two calls.
      Demo demo =
          new Demo(
              out,
              bedrock.client(),
              bedrock.asyncClient(),
              BUDGET,
              InstantSource.fixed(Instant.now()));
      demo.twoTeamsAtWork(bedrock);
    }
  }

  private void twoTeamsAtWork(FakeBedrock bedrock) {
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

  private static int live(
      String model, Supplier<LiveClients> live, PrintStream out, PrintStream err) {
    try (LiveClients real = live.get()) {
      out.println("Three short calls to " + model + " in " + real.region() + ".");
      out.println();
      Budget budget =
          Budget.named("team-daily")
              .limit(BUDGET.limit())
              .window(BUDGET.window())
              .per("team")
              .unknownPrice(Budget.UnknownPrice.ALLOW)
              .build();
      Demo demo = new Demo(out, real.client(), real.async(), budget, InstantSource.system());
      demo.heading();
      demo.call("support", model, null, "Say hello.", 40, false);
      demo.call("search", model, null, "Name three colours.", 40, true);
      demo.call("search", model, null, "Name three fruits.", 40, false);
      demo.closingTable();
      return 0;
    } catch (LiveClients.Missing missing) {
      err.println("demo: " + missing.getMessage());
    } catch (SdkException failed) {
      String message = String.valueOf(failed.getMessage());
      err.println("demo: the call failed: " + message.lines().findFirst().orElse(message));
    }
    return 1;
  }

  /** Makes one call and prints its line. */
  private void call(
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

  private void heading() {
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

  private void closingTable() {
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
