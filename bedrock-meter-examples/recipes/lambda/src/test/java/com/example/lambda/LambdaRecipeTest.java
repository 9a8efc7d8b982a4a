// SPDX-License-Identifier: Apache-2.0
package com.example.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LambdaRecipeTest {
  private static final int STARTS = 7;

  private final FakeBedrock bedrock = FakeBedrock.start();

  LambdaRecipeTest() {
    bedrock.onAnyModel().reply(Reply.text("Hello").inputTokens(10).outputTokens(20));
  }

  @AfterEach
  void close() {
    bedrock.close();
  }

  @Test
  void aUsersThirdCallIsAnsweredWith429() {
    System.setProperty("aws.region", "us-east-1");
    System.setProperty("aws.accessKeyId", "fake");
    System.setProperty("aws.secretAccessKey", "fake");
    System.setProperty("aws.endpointUrlBedrockRuntime", bedrock.endpoint().toString());
    Handler handler = new Handler();
    Map<String, String> event = Map.of("user", "ann", "question", "Hi");

    assertThat(handler.handleRequest(event, null)).containsEntry("statusCode", 200);
    assertThat(handler.handleRequest(event, null)).containsEntry("body", "Hello");
    assertThat(handler.handleRequest(event, null)).containsEntry("statusCode", 429);
    assertThat(handler.handleRequest(Map.of("user", "bob", "question", "Hi"), null))
        .containsEntry("statusCode", 200);
    assertThat(bedrock.requests()).hasSize(3);
  }

  /** Whole processes, in turn, so that what else the machine does meets both alike. */
  @Test
  void theColdStartIsMeasured() throws Exception {
    List<Long> plain = new ArrayList<>();
    List<Long> metered = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      plain.add(start("com.example.lambda.PlainHandler"));
      metered.add(start("com.example.lambda.Handler"));
    }

    System.out.printf(
        "cold start, CPU of the process until the first answer, median of %d: %d ms without the"
            + " meter, %d ms with it%n",
        STARTS, median(plain), median(metered));
    assertThat(bedrock.requests()).hasSize(2 * STARTS);
    assertThat(median(metered)).isPositive();
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private long start(String handler) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // as Lambda sets it for Java
                "-cp",
                System.getProperty("java.class.path"),
                ColdStart.class.getName(),
                handler)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("AWS_REGION", "us-east-1");
    builder.environment().put("AWS_ACCESS_KEY_ID", "fake");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "fake");
    builder.environment().put("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.endpoint().toString());
    Process process = builder.start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output).matches("Hello \\d+");
    return Long.parseLong(output.substring("Hello ".length()));
  }
}
