// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.exception.SdkClientException;

class DemoTest {
  private final Captured out = new Captured();
  private final Captured err = new Captured();
  private volatile @Nullable Thread shown;

  private int run(String... args) {
    return run(DemoTest::noService, args);
  }

  private int run(Supplier<LiveClients> live, String... args) {
    return Demo.run(args, out.stream, err.stream, live, Duration.ZERO);
  }

  @Test
  void showsCallsWarningsADenialAndAClosingTable() {
    assertThat(run()).isZero();

    assertThat(err.text()).isEmpty();
    assertThat(out.text())
        .contains("warning: support has reached 50 % of its $0.20")
        .contains("warning: support has reached 80 % of its $0.20")
        .contains(
            "Over limit: budget 'team-daily' (team=support) has $0.023978 left; the call was"
                + " estimated")
        .contains("The denied call cost $0.00. Granted: 10 calls; received by the server: 10")
        .doesNotContain("unknown");
    assertThat(row("search"))
        .containsExactly("4", "0", "200", "1600", "0", "0", "0.000396", "0.199604");
    assertThat(row("support"))
        .containsExactly("6", "1", "240", "10200", "6000", "1200", "0.176022", "0.023978");
    assertThat(row("total")).containsExactly("10", "1", "440", "11800", "6000", "1200", "0.176418");
  }

  @Test
  void everyColumnAddsUp() {
    run();

    List<List<String>> calls =
        out.lines().stream()
            .filter(line -> line.matches(" *\\d+  (support|search) .*\\$.*\\$.*"))
            .map(line -> numbers(line.strip().split(" +", 4)[3]))
            .toList();
    assertThat(calls).hasSize(10);
    List<String> total = row("total");
    for (int column = 0; column < 5; column++) {
      int at = column;
      BigDecimal sum =
          calls.stream()
              .map(call -> new BigDecimal(call.get(at)))
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      assertThat(sum).isEqualByComparingTo(total.get(2 + column));
    }
    for (String team : List.of("search", "support")) {
      List<String> row = row(team);
      assertThat(new BigDecimal(row.get(6)).add(new BigDecimal(row.get(7))))
          .as("cost and left of team %s", team)
          .isEqualByComparingTo("0.20");
    }
  }

  @Test
  void theReportShowsWhatTheTableAddsUpTo(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("made/report.html");

    int exitCode = Demo.run(new String[] {"--report", file.toString()}, out.stream, err.stream);

    assertThat(exitCode).isZero();
    assertThat(err.text()).isEmpty();
    assertThat(Files.readString(file)).contains("id=\"spent\" value=\"0.176418\"");
    assertThat(out.text()).contains("The page of these calls: ");
  }

  @Test
  void metricsShowWhatTheTableAddsUpTo() throws Exception {
    CompletableFuture<Integer> exitCode =
        CompletableFuture.supplyAsync(
            () ->
                Demo.run(
                    new String[] {"--metrics"},
                    out.stream,
                    err.stream,
                    DemoTest::noService,
                    Duration.ofMinutes(10)),
            runnable -> {
              shown = new Thread(runnable);
              shown.start();
            });
    Matcher address =
        Awaitility.await()
            .atMost(Duration.ofMinutes(1))
            .until(
                () -> Pattern.compile("at (http://127.0.0.1:\\d+/metrics)").matcher(out.text()),
                Matcher::find);

    String page =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(address.group(1))).build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    Objects.requireNonNull(shown).interrupt();

    assertThat(exitCode.get(1, TimeUnit.MINUTES)).isZero();
    assertThat(sum(page, "bedrock_meter_cost_USD_total")).isEqualByComparingTo("0.176418");
    assertThat(sum(page, "bedrock_meter_denials_total")).isEqualByComparingTo("1");
    assertThat(sum(page, "gen_ai_client_inference_usage_output_tokens_total"))
        .isEqualByComparingTo("11800");
    assertThat(out.lines().stream().filter(line -> line.matches("(bedrock|gen_ai)_.*\\d")))
        .hasSize(10)
        .allSatisfy(line -> assertThat(page.lines()).contains(line));
  }

  private static BigDecimal sum(String page, String metric) {
    return page.lines()
        .filter(line -> line.startsWith(metric + "{"))
        .map(line -> new BigDecimal(line.substring(line.lastIndexOf(' ') + 1)))
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .setScale(9, RoundingMode.HALF_EVEN);
  }

  @Test
  void linesFitANarrowTerminal() {
    run();

    assertThat(out.lines())
        .filteredOn(line -> !line.contains("budget '"))
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(100).isEqualTo(line.stripTrailing()));
    assertThat(out.text()).matches("\\A\\p{ASCII}+\\z");
  }

  @Test
  void outputIsTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      run();
    } finally {
      Locale.setDefault(before);
    }

    assertThat(row("total")).containsExactly("10", "1", "440", "11800", "6000", "1200", "0.176418");
    assertThat(out.text()).contains("11,800");
  }

  @Test
  void liveCallsTheServiceAndPrintsTheSameTable() {
    try (FakeBedrock service = FakeBedrock.start()) {
      service.on(Chats.NOVA_LITE).reply(Reply.text("Hello.").inputTokens(10).outputTokens(20));

      int exitCode = run(() -> clientsOf(service), "--live", Chats.NOVA_LITE);

      assertThat(exitCode).isZero();
      assertThat(service.requests()).hasSize(3);
      assertThat(out.text()).startsWith("Three short calls to amazon.nova-lite-v1:0 in us-east-1.");
      assertThat(row("search"))
          .containsExactly("2", "0", "20", "40", "0", "0", "0.000011", "0.199989");
      assertThat(err.text()).isEmpty();
    }
  }

  @Test
  void liveCallsOfAModelWithoutAPriceHaveAnUnknownCost() {
    try (FakeBedrock service = FakeBedrock.start()) {
      int exitCode = run(() -> clientsOf(service), "--live", "example.unknown-v1:0");

      assertThat(exitCode).isZero();
      assertThat(out.lines()).anyMatch(line -> line.matches("total .* unknown"));
    }
  }

  @Test
  void anErrorOfTheServiceIsOneLine() {
    try (FakeBedrock service = FakeBedrock.start()) {
      service
          .onAnyModel()
          .reply(Reply.error(403, "AccessDeniedException", "You don't have access to the model."));

      int exitCode = run(() -> clientsOf(service), "--live", Chats.NOVA_LITE);

      assertThat(exitCode).isEqualTo(1);
      assertThat(err.lines())
          .singleElement()
          .asString()
          .startsWith("demo: the call failed: You don't have access to the model.");
    }
  }

  @Test
  void missingCredentialsAreOneLine() {
    int exitCode =
        run(
            () -> {
              throw new LiveClients.Missing(
                  "no AWS region found; set AWS_REGION", SdkClientException.create("none"));
            },
            "--live",
            Chats.NOVA_LITE);

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.lines()).containsExactly("demo: no AWS region found; set AWS_REGION");
    assertThat(out.text()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--foo, demo: unknown argument '--foo'; --help lists them",
    "--foo bar, demo: unknown argument '--foo bar'; --help lists them",
    "--help me, demo: unknown argument '--help me'; --help lists them",
    "--live, 'demo: --live takes one model id, as in: --live amazon.nova-lite-v1:0'",
    "--live a b, 'demo: --live takes one model id, as in: --live amazon.nova-lite-v1:0'",
  })
  void badArgumentsAreOneLineAndExitCode2(String args, String line) {
    assertThat(run(args.split(" ", -1))).isEqualTo(2);

    assertThat(err.lines()).containsExactly(line);
    assertThat(out.text()).isEmpty();
  }

  @Test
  void helpNamesEveryArgument() {
    assertThat(run("--help")).isZero();

    assertThat(out.text()).contains("--live MODEL", "--metrics", "--help");
    assertThat(err.text()).isEmpty();
  }

  private static LiveClients noService() {
    throw new AssertionError("the real service is not called here");
  }

  private static LiveClients clientsOf(FakeBedrock service) {
    return new LiveClients(
        "us-east-1", service.clientBuilder().build(), service.asyncClientBuilder().build());
  }

  /** The numbers in the closing table's row of that name. */
  private List<String> row(String name) {
    String row =
        out.lines().stream()
            .filter(line -> line.startsWith(name + " "))
            .reduce((first, last) -> last)
            .orElseThrow(() -> new AssertionError("no row '" + name + "' in\n" + out.text()));
    return numbers(row.substring(name.length()));
  }

  private static List<String> numbers(String cells) {
    return List.of(cells.replace(",", "").replace("$", "").strip().split(" +", -1));
  }
}
