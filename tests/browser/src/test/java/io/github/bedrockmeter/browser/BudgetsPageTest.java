// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/**
 * The page of the endpoint {@code budgets} in headless Chromium: it shows what the meter knows,
 * asks for nothing, runs nothing, and passes axe-core's rules, on a phone and on a desk.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BudgetsPageTest {
  private static final String HOSTILE = "<img src=x onerror=document.title='owned'>";
  private static final String LONG = "a-team-whose-name-has-no-end-".repeat(6);

  private Chromium browser;
  private FakeBedrock bedrock;
  private ConfigurableApplicationContext application;
  private String page;

  @BeforeAll
  void start() throws IOException {
    browser = Chromium.start(BudgetsPageTest.class);
    bedrock = FakeBedrock.start();
    bedrock
        .onAnyModel()
        .reply(
            request ->
                Reply.text("one two three")
                    .inputTokens(11_000 + request.body().length)
                    .outputTokens(2_300));
    application =
        new SpringApplicationBuilder(Application.class)
            .properties(
                "server.port=0",
                "spring.main.banner-mode=off",
                "test.endpoint=" + bedrock.endpoint(),
                "management.endpoints.web.exposure.include=budgets",
                "bedrock.meter.budgets.team-daily.limit=0.50 USD",
                "bedrock.meter.budgets.team-daily.window=daily in UTC",
                "bedrock.meter.budgets.team-daily.per=team",
                "bedrock.meter.budgets.monthly.limit=250.00 USD",
                "bedrock.meter.budgets.monthly.window=monthly in UTC",
                "bedrock.meter.budgets.tokens.limit=2000000 tokens",
                "bedrock.meter.budgets.tokens.window=lifetime",
                "bedrock.meter.budgets.tokens.mode=observe")
            .run();
    page =
        "http://localhost:"
            + application.getEnvironment().getRequiredProperty("local.server.port")
            + "/actuator/budgets";
    for (int i = 0; i < 12; i++) {
      call("search", "anthropic.claude-sonnet-4-6");
    }
    call("support", "amazon.nova-lite-v1:0");
    call(HOSTILE, "amazon.nova-lite-v1:0");
    call(LONG, "anthropic.claude-sonnet-4-6");
    call("unpriced", "new.model-v1:0");
    application
        .getBean(BedrockMeter.class)
        .control("team-daily")
        .freeze("team=support", "contract ended");
    call("support", "amazon.nova-lite-v1:0");
  }

  @SuppressWarnings("try") // the scope is used by being open
  private void call(String team, String model) {
    BedrockRuntimeClient client = application.getBean(BedrockRuntimeClient.class);
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("team", team))) {
      client.converse(
          request ->
              request
                  .modelId(model)
                  .inferenceConfig(limit -> limit.maxTokens(4_000))
                  .messages(
                      Message.builder()
                          .role("user")
                          .content(ContentBlock.fromText("Hello"))
                          .build()));
    } catch (BudgetExceededException denied) {
      // It is on the page.
    }
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.close();
    }
    if (application != null) {
      application.close();
    }
    if (bedrock != null) {
      bedrock.close();
    }
  }

  @Test
  void itShowsBudgetsAndTheLastHour() {
    ChromeDriver driver = browser.open(page, Chromium.DESK, false);

    assertThat(driver.getTitle()).isEqualTo("Budgets");
    List<String> cards =
        driver.findElements(By.cssSelector(".card")).stream().map(WebElement::getText).toList();
    assertThat(cards)
        .anySatisfy(
            card ->
                assertThat(card)
                    .contains("team-daily team=support", "frozen: contract ended", "enforced"))
        .anySatisfy(card -> assertThat(card).contains("tokens", "observe: only counts", "never"))
        .anySatisfy(card -> assertThat(card).contains("monthly", "$250.00", "Forecast"));
    String body = driver.findElement(By.tagName("main")).getText();
    assertThat(body)
        .contains("Over limit: team-daily", "Frozen: team-daily", "No price: team-daily")
        .contains("team=search");
    assertThat(driver.findElements(By.cssSelector(".chart .spent"))).hasSize(60);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void aHostileTagIsText() {
    ChromeDriver driver = browser.open(page, Chromium.DESK, false);

    assertThat(driver.getTitle()).isEqualTo("Budgets");
    assertThat(driver.findElements(By.cssSelector("img, script"))).isEmpty();
    assertThat(driver.findElement(By.tagName("main")).getText()).contains("team=" + HOSTILE);
  }

  @Test
  void noRequestLeavesThePageAndItNeedsNoScripts() {
    ChromeDriver driver = browser.open(page, Chromium.DESK, false);
    assertThat(browser.requestsBut(page)).isEmpty();

    driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", true));
    try {
      driver.get(page);
      driver.findElement(By.tagName("summary")).click();
      assertThat(driver.findElement(By.cssSelector("details tbody")).getText()).isNotBlank();
      driver.findElement(By.linkText("Reload")).click();
      assertThat(driver.findElement(By.tagName("h1")).getText()).isEqualTo("Budgets");
    } finally {
      driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", false));
    }
  }

  @Test
  void axeFindsNothingInEitherColour() {
    for (boolean dark : List.of(false, true)) {
      for (int width : List.of(Chromium.PHONE, Chromium.DESK)) {
        ChromeDriver driver = browser.open(page, width, dark);
        driver.findElement(By.tagName("summary")).click();
        assertThat(browser.violations())
            .as("%d pixels, %s", width, dark ? "dark" : "light")
            .isEmpty();
      }
    }
  }

  @Test
  void nothingIsWiderThanTheScreen() {
    for (int width : List.of(320, Chromium.PHONE, Chromium.DESK)) {
      browser.open(page, width, false);
      assertThat(browser.width()).isLessThanOrEqualTo(width);
    }
  }

  @Test
  void pictures() throws IOException {
    for (boolean dark : List.of(false, true)) {
      for (int width : List.of(Chromium.PHONE, Chromium.DESK)) {
        browser.open(page, width, dark);
        String name =
            "budgets-" + (width == Chromium.PHONE ? "phone" : "desk") + (dark ? "-dark" : "-light");
        browser.picture(name, width);
        assertThat(Chromium.PICTURES.resolve(name + ".png")).isNotEmptyFile();
      }
    }
  }

  /** An application with a client bean. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    @Bean
    BedrockRuntimeClient client(
        @org.springframework.beans.factory.annotation.Value("${test.endpoint}") String endpoint) {
      return BedrockRuntimeClient.builder()
          .endpointOverride(java.net.URI.create(endpoint))
          .region(software.amazon.awssdk.regions.Region.US_EAST_1)
          .credentialsProvider(
              software.amazon.awssdk.auth.credentials.StaticCredentialsProvider.create(
                  software.amazon.awssdk.auth.credentials.AwsBasicCredentials.create("a", "b")))
          .build();
    }
  }
}
