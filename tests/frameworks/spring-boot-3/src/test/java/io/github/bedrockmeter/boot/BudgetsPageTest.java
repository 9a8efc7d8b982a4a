// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;

/** The endpoint {@code budgets} answers browsers with a page, and tools with JSON, as before. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class BudgetsPageTest {
  private static final String CHROMIUM = "/usr/bin/chromium";
  private static final String HOSTILE =
      "</style><script>document.title='owned'</script><img src=x>";

  /** As Chromium sends it for an address that is typed. */
  private static final String BROWSER =
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
          + "q=0.8,application/signed-exchange;v=b3;q=0.7";

  private static final String[] SETTINGS = {
    "bedrock.meter.tags.user=#{principal}",
    "bedrock.meter.tags.team=#{header.X-Team}",
    "bedrock.meter.budgets.daily.limit=1 requests",
    "bedrock.meter.budgets.daily.window=daily in UTC",
    "bedrock.meter.budgets.daily.per=team",
    "bedrock.meter.budgets.all.limit=5.00 USD",
    "bedrock.meter.budgets.all.window=lifetime",
    "spring.reactor.context-propagation=auto"
  };
  private static final String EXPOSED = "management.endpoints.web.exposure.include=budgets";
  private static final String ANN = Users.name(1);

  @TempDir Path folder;

  /** A stack, and a path that makes one call. */
  enum Stack {
    SERVLET(WebApplicationType.SERVLET, Chats.OnServlets.class, "/plain"),
    REACTIVE(WebApplicationType.REACTIVE, Chats.OnWebFlux.class, "/blocking");

    final WebApplicationType type;
    final Class<?> application;
    final String chat;

    Stack(WebApplicationType type, Class<?> application, String chat) {
      this.type = type;
      this.application = application;
      this.chat = chat;
    }

    Boot started(String... more) {
      String[] settings = new String[SETTINGS.length + more.length];
      System.arraycopy(SETTINGS, 0, settings, 0, SETTINGS.length);
      System.arraycopy(more, 0, settings, SETTINGS.length, more.length);
      return Boot.started(type, application, settings);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBrowserGetsThePageAndToolsGetJson(Stack stack) throws Exception {
    try (Boot app = stack.started(EXPOSED)) {
      assertThat(get(app, stack.chat, "*/*").statusCode()).isEqualTo(200);
      assertThat(get(app, stack.chat, "*/*").statusCode()).isEqualTo(429);

      HttpResponse<String> page = get(app, "/actuator/budgets", BROWSER);
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(type(page)).isEqualTo("text/html;charset=UTF-8");
      assertThat(page.body())
          .startsWith("<!doctype html>")
          .contains("&lt;/style&gt;&lt;script&gt;document.title=&#39;owned&#39;")
          .doesNotContain("<script", "<img")
          .contains("Over limit: daily", "nothing left", "user=" + ANN);
      HttpResponse<String> one = get(app, "/actuator/budgets/all", BROWSER);
      assertThat(one.body()).contains("<h3>all</h3>").doesNotContain("<h3>daily");

      for (String accept :
          new String[] {"", "*/*", "application/vnd.spring-boot.actuator.v3+json"}) {
        HttpResponse<String> json = get(app, "/actuator/budgets", accept);
        assertThat(type(json)).as(accept).isEqualTo("application/vnd.spring-boot.actuator.v3+json");
        assertThat(json.body()).startsWith("{\"ledgerAnswers\":true");
      }
      for (String accept :
          new String[] {"application/json", "application/json, text/plain, */*;q=0.1"}) {
        HttpResponse<String> json = get(app, "/actuator/budgets", accept);
        assertThat(type(json)).as(accept).contains("json");
        assertThat(json.body()).startsWith("{\"ledgerAnswers\":true");
      }
      assertThat(get(app, "/actuator/budgets/unknown", BROWSER).statusCode()).isEqualTo(404);
      assertThat(get(app, "/actuator/budgets", "image/png").statusCode()).isEqualTo(406);
    }
  }

  @ParameterizedTest
  @EnumSource
  void thePageIsSecuredAsTheEndpointIs(Stack stack) throws Exception {
    try (Boot app = stack.started(EXPOSED)) {
      HttpResponse<String> stranger =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(app.url("/actuator/budgets")))
                      .header("Accept", BROWSER)
                      .build(),
                  BodyHandlers.ofString());
      assertThat(stranger.statusCode()).isIn(302, 401);
      assertThat(stranger.body()).doesNotContain("Budgets");
    }
    try (Boot app = stack.started()) {
      assertThat(get(app, "/actuator/budgets", BROWSER).statusCode()).isEqualTo(404);
      assertThat(app.context.containsBean("bedrockMeterLastHour"))
          .as("counts a last hour that no page shows")
          .isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void chromiumShowsThePage(Stack stack) throws Exception {
    boolean isInstalled = Files.isExecutable(Path.of(CHROMIUM));
    if (!isInstalled) {
      System.out.println(
          "NOT RUN: BudgetsPageTest.chromiumShowsThePage, since this machine has no Chromium;"
              + " apt-get install chromium");
    }
    Assumptions.assumeTrue(isInstalled, "no Chromium");
    try (Boot app = stack.started(EXPOSED)) {
      get(app, stack.chat, "*/*");

      String shown = dom(app.url("/actuator/budgets").replace("://", "://" + ANN + ":x@"));

      assertThat(shown)
          .contains("<title>Budgets</title>", "<h3>daily ", "The last hour of this process")
          .doesNotContain("<title>owned");
    }
  }

  private String dom(String url) throws Exception {
    File errors = folder.resolve("chromium.log").toFile();
    Process chromium =
        new ProcessBuilder(
                List.of(
                    CHROMIUM,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-background-networking",
                    "--no-first-run",
                    "--user-data-dir=" + folder.resolve("profile"),
                    "--dump-dom",
                    url))
            .redirectError(errors)
            .start();
    try {
      String dom = new String(chromium.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(chromium.waitFor(2, TimeUnit.MINUTES)).isTrue();
      return dom;
    } finally {
      chromium.destroyForcibly();
    }
  }

  private static String type(HttpResponse<String> answer) {
    return answer.headers().firstValue("Content-Type").orElse("none");
  }

  private static HttpResponse<String> get(Boot app, String path, String accept) throws Exception {
    String basic =
        Base64.getEncoder().encodeToString((ANN + ":x").getBytes(StandardCharsets.UTF_8));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(app.url(path)))
            .timeout(Duration.ofMinutes(2))
            .header("X-Team", HOSTILE)
            .header("Authorization", "Basic " + basic);
    if (!accept.isEmpty()) {
      request.header("Accept", accept);
    }
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .build()
        .send(request.build(), BodyHandlers.ofString());
  }
}
