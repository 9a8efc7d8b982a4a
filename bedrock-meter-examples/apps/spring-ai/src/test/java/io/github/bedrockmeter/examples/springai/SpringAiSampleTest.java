// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples.springai;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The sample as its README starts it, on another port. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SpringAiSampleTest {
  @TempDir static Path directory;

  @Test
  void eachUserHasABudgetAndThePageShowsIt() throws Exception {
    try (ConfigurableApplicationContext app =
        SpringApplication.run(
            SpringAiSample.class,
            "--server.port=0",
            "--bedrock.meter.journal.directory=" + directory.resolve("journal"))) {
      String url = "http://localhost:" + app.getEnvironment().getProperty("local.server.port");

      for (int call = 0; call < 3; call++) {
        assertThat(get(url + "/chat?question=hello", "bob").statusCode()).isEqualTo(200);
      }
      HttpResponse<String> denied = get(url + "/chat?question=hello", "bob");
      assertThat(denied.statusCode()).isEqualTo(429);
      assertThat(denied.body())
          .contains("Over limit: budget 'user-daily' (user=bob) has $")
          .contains("\"kind\":\"over_limit\"");
      assertThat(denied.headers().firstValue("Retry-After")).isPresent();
      assertThat(get(url + "/chat?question=hello", "ann").statusCode()).isEqualTo(200);
      assertThat(get(url + "/chat?question=hello", "").statusCode()).isEqualTo(400);

      assertThat(get(url + "/actuator/budgets", "").body())
          .contains("\"scope\":\"user=bob\"")
          .contains("\"scope\":\"user=ann\"");
      assertThat(get(url + "/actuator/prometheus", "").body()).contains("bedrock_meter_cost_USD");
      assertThat(get(url + "/", "").body()).contains("<h1>Chat with budgets</h1>");
    }
  }

  /** What a team wrote by hand before: 227 lines of Java. */
  @Test
  void theGlueIsPropertiesAndAtMostTenLinesOfJava() throws Exception {
    int java = 0;
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".java")).toList()) {
        if (!file.endsWith("WithoutAws.java")) { // stands for AWS, not for budgets
          java += glue(Files.readAllLines(file));
        }
      }
    }
    long properties =
        Files.readAllLines(Path.of("src/main/resources/application.yaml")).stream()
            .takeWhile(line -> !line.isBlank())
            .count();
    System.out.printf(
        "glue of the sample: %d lines of Java, %d lines of properties%n", java, properties);
    assertThat(java).isLessThanOrEqualTo(10);
    assertThat(properties).isLessThanOrEqualTo(20);
  }

  /** Lines that import a class of the library, or name one that is imported. */
  private static int glue(List<String> lines) {
    Pattern imported =
        Pattern.compile("import (?:static )?io\\.github\\.bedrockmeter\\..*?(\\w+);");
    List<String> names =
        lines.stream()
            .map(imported::matcher)
            .filter(Matcher::matches)
            .map(found -> found.group(1))
            .toList();
    return (int)
        lines.stream()
            .filter(line -> names.stream().anyMatch(name -> line.matches(".*\\b" + name + "\\b.*")))
            .count();
  }

  private static HttpResponse<String> get(String url, String user) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("X-User", user)
            .timeout(Duration.ofSeconds(60))
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }
}
