// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.output.HtmlPage;
import io.github.bedrockmeter.report.output.Period;
import io.github.bedrockmeter.report.output.ReportRequest;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * The page in headless Chromium: it draws, says the same in charts and tables, asks for nothing,
 * runs nothing that comes from data, and passes axe-core's rules, on a phone and on a desk.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest {
  private static final Path PICTURES = Chromium.PICTURES;
  private static final String HOSTILE = "</script><img src=x onerror=document.title='owned'>";
  private static final int PHONE = Chromium.PHONE;
  private static final int DESK = Chromium.DESK;

  private @Nullable Chromium browser;
  private final Path page = PICTURES.resolve("report.html").toAbsolutePath();
  private BigDecimal spent = BigDecimal.ZERO;

  @BeforeAll
  void open() throws IOException {
    browser = Chromium.start(PageTest.class);
    writePage();
  }

  private void writePage() throws IOException {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        SampleMonths months = new SampleMonths(writer, Map.of("feature", HOSTILE));
        months.write();
        spent = months.spentInSecond;
      }
      ReportRequest request =
          new ReportRequest(
              List.of(
                  io.github.bedrockmeter.report.output.Dimension.of("tag:team"),
                  io.github.bedrockmeter.report.output.Dimension.of("tag:feature")),
              Period.ALL,
              SampleMonths.SECOND.atStartOfDay(ZoneId.of("UTC")).toInstant(),
              SampleMonths.END.atStartOfDay(ZoneId.of("UTC")).toInstant(),
              List.of(),
              0,
              ZoneId.of("UTC"),
              true);
      try (Writer out = Files.newBufferedWriter(page)) {
        HtmlPage.write(tables, request, Instant.parse("2026-11-02T08:00:00Z"), out);
      }
    }
  }

  @AfterAll
  void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private Chromium browser() {
    return Objects.requireNonNull(browser);
  }

  private ChromeDriver open(int width, boolean dark) {
    ChromeDriver driver = browser().open(page.toUri().toString(), width, dark);
    new WebDriverWait(driver, Duration.ofSeconds(60))
        .until(d -> driver.executeScript("return document.documentElement.dataset.charts") != null);
    return driver;
  }

  @Test
  void chartsAreDrawnAndNothingIsComplainedAbout() {
    for (int width : List.of(PHONE, DESK)) {
      ChromeDriver driver = open(width, false);

      int figures = driver.findElements(By.cssSelector("figure[data-chart]")).size();
      assertThat(driver.findElements(By.cssSelector("figure .u-over"))).hasSize(figures);
      assertThat(figures).isGreaterThanOrEqualTo(4);
      assertThat(browser().complaints()).isEmpty();
    }
  }

  @Test
  void noRequestLeavesThePage() {
    ChromeDriver driver = open(DESK, false);

    assertThat(browser().requestsBut(page.toUri().toString())).isEmpty();
    assertThat(driver.executeScript("return performance.getEntriesByType('resource').length"))
        .isEqualTo(0L);
  }

  @Test
  void aHostileTagIsText() {
    ChromeDriver driver = open(DESK, false);

    assertThat(driver.getTitle()).contains("October 2026").doesNotContain("owned");
    assertThat(driver.findElements(By.tagName("img"))).isEmpty();
    assertThat(driver.findElements(By.tagName("th")).stream().map(WebElement::getText))
        .contains(HOSTILE);
  }

  @Test
  void theSumsOfAllTablesAreTheSpend() {
    ChromeDriver driver = open(DESK, false);

    String value = driver.findElement(By.id("spent")).getDomAttribute("value");
    assertThat(new BigDecimal(String.valueOf(value))).isEqualByComparingTo(spent);
    List<WebElement> charts = driver.findElements(By.cssSelector("figure[data-chart]"));
    for (WebElement chart : charts) {
      BigDecimal sum = BigDecimal.ZERO;
      for (WebElement cell :
          chart.findElements(By.cssSelector("tbody tr > td:nth-child(2) data"))) {
        sum = sum.add(new BigDecimal(String.valueOf(cell.getDomAttribute("value"))));
      }
      assertThat(sum).as(String.valueOf(chart.getText())).isEqualByComparingTo(spent);
    }
    System.out.println(charts.size() + " charts beside tables that add up to $" + spent);
  }

  @Test
  void tablesAreReadWithoutScripts() {
    ChromeDriver driver = browser().driver;
    driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", true));
    try {
      driver.get(page.toUri().toString());
      assertThat(driver.findElement(By.cssSelector("#over-time tbody")).getText())
          .contains("Thu, 1 Oct 2026", "Sat, 31 Oct 2026");
      assertThat(driver.findElements(By.cssSelector(".u-over"))).isEmpty();
    } finally {
      driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", false));
    }
  }

  @Test
  void axeFindsNothingInEitherColour() {
    for (boolean dark : List.of(false, true)) {
      for (int width : List.of(PHONE, DESK)) {
        open(width, dark);
        assertThat(browser().violations())
            .as("%d pixels, %s", width, dark ? "dark" : "light")
            .isEmpty();
      }
    }
  }

  @Test
  void nothingIsWiderThanTheScreen() {
    for (int width : List.of(320, PHONE, DESK)) {
      open(width, false);
      assertThat(browser().width()).isLessThanOrEqualTo(width);
    }
  }

  @Test
  void pictures() throws IOException {
    picture("desk-light", DESK, false);
    picture("desk-dark", DESK, true);
    picture("phone-light", PHONE, false);
    picture("phone-dark", PHONE, true);
    String wanted = System.getProperty("bedrockmeter.picture");
    if (wanted != null) {
      Files.copy(
          PICTURES.resolve("desk-light-top.png"),
          Path.of(wanted),
          StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(PICTURES.resolve("desk-light.png")).isNotEmptyFile();
  }

  private void picture(String name, int width, boolean dark) throws IOException {
    open(width, dark);
    browser().picture(name, width);
  }
}
