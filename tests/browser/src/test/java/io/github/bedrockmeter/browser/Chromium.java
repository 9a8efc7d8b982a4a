// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.browser;

import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium, as a phone or a desk has it. Confined to one thread. */
final class Chromium implements AutoCloseable {
  static final int PHONE = 390;
  static final int DESK = 1280;
  static final Path PICTURES = Path.of("target", "pictures");

  final ChromeDriver driver;

  private Chromium(ChromeDriver driver) {
    this.driver = driver;
  }

  /** A browser; where this machine has none, the test says that it did not run. */
  static Chromium start(Class<?> test) throws IOException {
    Path chromium =
        installed("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
    Path driver = installed("/usr/bin/chromedriver");
    if (chromium == null || driver == null) {
      System.out.println(
          "NOT RUN: "
              + test.getSimpleName()
              + ", since this machine has no Chromium with its driver;"
              + " apt-get install chromium chromium-driver");
    }
    Assumptions.assumeTrue(chromium != null && driver != null, "no Chromium");
    Files.createDirectories(PICTURES);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(Objects.requireNonNull(chromium).toFile());
    options.addArguments("--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-gpu");
    options.setCapability("goog:loggingPrefs", logs);
    return new Chromium(
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(Objects.requireNonNull(driver).toFile())
                .usingAnyFreePort()
                .build(),
            options));
  }

  private static @Nullable Path installed(String... places) {
    for (String place : places) {
      if (Files.isExecutable(Path.of(place))) {
        return Path.of(place);
      }
    }
    return null;
  }

  /** Opens a page, with the logs of the ones before thrown away. */
  ChromeDriver open(String url, int width, boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    size(width, 900, width == PHONE ? 2 : 1);
    driver.manage().window().setSize(new Dimension(width, 900));
    driver.manage().logs().get(LogType.BROWSER);
    driver.manage().logs().get(LogType.PERFORMANCE);
    driver.get(url);
    return driver;
  }

  private void size(int width, long height, int scale) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width",
            width,
            "height",
            height,
            "deviceScaleFactor",
            scale,
            "mobile",
            width == PHONE));
  }

  /** What the browser complained about. */
  List<?> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll();
  }

  /** Requests that were sent, but for this address. */
  List<String> requestsBut(String url) {
    return driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
        .map(entry -> entry.getMessage())
        .filter(message -> message.contains("\"Network.requestWillBeSent\""))
        .filter(message -> !message.contains(url))
        .toList();
  }

  /** What axe-core finds on the page that is open. */
  List<String> violations() {
    List<Rule> violations = new AxeBuilder().analyze(driver).getViolations();
    return violations.stream()
        .map(rule -> rule.getId() + ": " + rule.getHelp() + " " + rule.getNodes())
        .toList();
  }

  long width() {
    return (Long)
        Objects.requireNonNull(driver.executeScript("return document.documentElement.scrollWidth"));
  }

  /** A picture of the screen as it is, and one of the whole page. */
  void picture(String name, int width) throws IOException {
    Files.write(PICTURES.resolve(name + "-top.png"), driver.getScreenshotAs(OutputType.BYTES));
    Object height = driver.executeScript("return document.documentElement.scrollHeight");
    size(width, (Long) Objects.requireNonNull(height), 1);
    Files.write(PICTURES.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
