// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.testkit.FakeBedrock;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;

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
        --metrics        the same, and its metrics for Prometheus on this machine, for a minute
        --report FILE    the same, and a page of what was spent, as --report target/report.html
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

  /** Runs the demo and, if it failed, ends the JVM with its exit code. */
  public static void main(String[] args) {
    int exitCode = run(args, System.out, System.err);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Runs the demo; 0 if it succeeded, 1 if the service cannot be called, 2 for bad arguments. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    return run(args, out, err, LiveClients::create, Duration.ofMinutes(1));
  }

  /** Runs the demo with another service than AWS, and metrics for another time than a minute. */
  static int run(
      String[] args,
      PrintStream out,
      PrintStream err,
      Supplier<LiveClients> live,
      Duration metricsFor) {
    List<String> words = List.of(args);
    if (words.isEmpty()) {
      offline(out, new MeterListener() {});
      return 0;
    }
    if (words.equals(List.of("--metrics"))) {
      withMetrics(out, metricsFor);
      return 0;
    }
    if (words.get(0).equals("--report")) {
      return withReport(words, out, err);
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

  private static int withReport(List<String> words, PrintStream out, PrintStream err) {
    if (words.size() != 2 || words.get(1).isBlank()) {
      err.println("demo: --report takes one file, as in: --report target/report.html");
      return 2;
    }
    Optional<DemoReport> opened = DemoReport.open();
    if (opened.isEmpty()) {
      err.println(
          "demo: this build has no reports; run mvn -q -Ddemo -Ddemo.args=\"--report FILE\"");
      return 1;
    }
    Path file = Path.of(words.get(1));
    try (DemoReport report = opened.get()) {
      offline(out, report.listener()).meter().close();
      report.write(file);
    }
    out.printf("%nThe page of these calls: %s%n", file.toAbsolutePath());
    return 0;
  }

  private static void withMetrics(PrintStream out, Duration howLong) {
    try (MetricsPage page = MetricsPage.open()) {
      TwoTeams demo = offline(out, page.listener());
      page.watch(demo.meter());
      out.println();
      page.someLines().forEach(out::println);
      out.printf(
          "%nAll of it for %d seconds at %s, or until Ctrl-C.%n",
          howLong.toSeconds(), page.address());
      try {
        Thread.sleep(howLong.toMillis());
      } catch (InterruptedException enough) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static TwoTeams offline(PrintStream out, MeterListener another) {
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
      TwoTeams demo =
          new TwoTeams(
              out,
              bedrock.client(),
              bedrock.asyncClient(),
              BUDGET,
              InstantSource.fixed(Instant.now()),
              another);
      demo.work(bedrock);
      return demo;
    }
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
      TwoTeams demo =
          new TwoTeams(
              out,
              real.client(),
              real.async(),
              budget,
              InstantSource.system(),
              new MeterListener() {});
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
}
