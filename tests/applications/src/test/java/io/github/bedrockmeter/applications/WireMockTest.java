// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.applications;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static com.github.tomakehurst.wiremock.stubbing.Scenario.STARTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/**
 * The suite of an application against a server that is not ours, in the bytes that Bedrock sends.
 */
class WireMockTest {
  private static final String CONVERSE = "/model/[^/]+/converse";
  private static final String ANSWER =
      """
      {"output":{"message":{"role":"assistant","content":[{"text":"short"}]}},
       "stopReason":"end_turn","metrics":{"latencyMs":7},
       "usage":{"inputTokens":12,"outputTokens":4,"totalTokens":16}}""";

  private final WireMockServer server = new WireMockServer(options().dynamicPort());
  private final Metered metered = new Metered(3);
  private Summaries summaries;
  private Summaries built;

  @BeforeEach
  void start() {
    server.start();
    URI endpoint = URI.create(server.baseUrl());
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"));
    var client =
        BedrockRuntimeClient.builder()
            .region(Region.EU_CENTRAL_1)
            .endpointOverride(endpoint)
            .credentialsProvider(credentials);
    var async =
        BedrockRuntimeAsyncClient.builder()
            .region(Region.EU_CENTRAL_1)
            .endpointOverride(endpoint)
            .credentialsProvider(credentials);
    summaries =
        new Summaries(metered.meter.wrap(client.build()), metered.meter.wrap(async.build()));
    built = new Summaries(metered.meter.wrap(client), metered.meter.wrap(async));
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private UsageEvent last() {
    return metered.usages.get(metered.usages.size() - 1);
  }

  private void assertReported(long inputTokens, long outputTokens) {
    assertThat(last().charge()).isEqualTo(Charge.REPORTED);
    assertThat(last().usage().inputTokens()).isEqualTo(inputTokens);
    assertThat(last().usage().outputTokens()).isEqualTo(outputTokens);
  }

  @Test
  void converseIsMeteredAndThenDenied() throws Exception {
    server.stubFor(post(urlPathMatching(CONVERSE)).willReturn(okJson(ANSWER)));

    assertThat(summaries.of("text")).isEqualTo("short");
    assertReported(12, 4);
    assertThat(built.of("text")).isEqualTo("short");
    assertReported(12, 4);
    assertThat(summaries.later("text").get(20, TimeUnit.SECONDS)).isEqualTo("short");

    assertThatThrownBy(() -> summaries.of("text")).isInstanceOf(BudgetExceededException.class);
    server.verify(3, postRequestedFor(urlPathMatching(CONVERSE)));
  }

  @Test
  void invokeModelIsMetered() {
    server.stubFor(
        post(urlPathMatching("/model/[^/]+/invoke"))
            .willReturn(
                okJson(
                    "{\"output\":{\"message\":{\"content\":[{\"text\":\"short\"}]}},"
                        + "\"usage\":{\"inputTokens\":7,\"outputTokens\":3}}")));

    assertThat(summaries.raw("text")).contains("short");

    assertReported(7, 3);
  }

  @Test
  void aStreamIsMetered() throws Exception {
    server.stubFor(post(urlPathMatching("/model/[^/]+/converse-stream")).willReturn(events(true)));

    assertThat(summaries.streamed("text").get(20, TimeUnit.SECONDS)).isEqualTo("one two");
    assertReported(21, 9);
    assertThat(built.streamed("text").get(20, TimeUnit.SECONDS)).isEqualTo("one two");
    assertReported(21, 9);
  }

  @Test
  void aStreamWithoutItsLastEventIsChargedItsEstimate() throws Exception {
    server.stubFor(post(urlPathMatching("/model/[^/]+/converse-stream")).willReturn(events(false)));

    assertThat(summaries.streamed("text").get(20, TimeUnit.SECONDS)).isEqualTo("one two");

    assertThat(last().charge()).isEqualTo(Charge.ESTIMATED);
  }

  @Test
  void aThrottledAttemptIsRepeatedAndTheCallIsChargedOnce() {
    server.stubFor(
        post(urlPathMatching(CONVERSE))
            .inScenario("throttle")
            .whenScenarioStateIs(STARTED)
            .willReturn(throttled())
            .willSetStateTo("free"));
    server.stubFor(
        post(urlPathMatching(CONVERSE))
            .inScenario("throttle")
            .whenScenarioStateIs("free")
            .willReturn(okJson(ANSWER)));

    assertThat(built.of("text")).isEqualTo("short");

    server.verify(2, postRequestedFor(urlPathMatching(CONVERSE)));
    assertThat(metered.usages).hasSize(1);
    assertReported(12, 4);
    assertThat(metered.status().settled().units()).isEqualTo(1);
  }

  @Test
  void aCallThatStaysThrottledCostsNothing() {
    server.stubFor(post(urlPathMatching(CONVERSE)).willReturn(throttled()));

    assertThatThrownBy(() -> summaries.of("text")).isInstanceOf(ThrottlingException.class);
    assertThatThrownBy(() -> built.of("text")).isInstanceOf(ThrottlingException.class);

    assertThat(metered.usages).hasSize(2).allMatch(event -> event.charge() == Charge.RELEASED);
    assertThat(metered.status().settled().units()).isZero();
    assertThat(metered.status().held().units()).isZero();
  }

  @Test
  void anAnswerThatBreaksOffIsCharged() {
    server.stubFor(
        post(urlPathMatching(CONVERSE))
            .willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));

    assertThatThrownBy(() -> built.of("text")).isNotInstanceOf(BudgetExceededException.class);

    assertThat(last().charge()).isEqualTo(Charge.ESTIMATED);
    assertThat(metered.status().held().units()).isZero();
  }

  private static ResponseDefinitionBuilder throttled() {
    return aResponse()
        .withStatus(429)
        .withHeader("Content-Type", "application/json")
        .withHeader("x-amzn-ErrorType", "ThrottlingException")
        .withBody("{\"message\":\"Too many requests, please wait before trying again.\"}");
  }

  /** A stream of two words; with the event that reports its usage, or without. */
  private static ResponseDefinitionBuilder events(boolean complete) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    event(body, "messageStart", "{\"role\":\"assistant\"}");
    event(body, "contentBlockDelta", "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"one \"}}");
    event(body, "contentBlockDelta", "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"two\"}}");
    event(body, "contentBlockStop", "{\"contentBlockIndex\":0}");
    event(body, "messageStop", "{\"stopReason\":\"end_turn\"}");
    if (complete) {
      event(
          body,
          "metadata",
          "{\"usage\":{\"inputTokens\":21,\"outputTokens\":9,\"totalTokens\":30},"
              + "\"metrics\":{\"latencyMs\":7}}");
    }
    return aResponse()
        .withStatus(200)
        .withHeader("Content-Type", "application/vnd.amazon.eventstream")
        .withBody(body.toByteArray());
  }

  private static void event(ByteArrayOutputStream body, String type, String json) {
    Map<String, HeaderValue> headers = new LinkedHashMap<>();
    headers.put(":event-type", HeaderValue.fromString(type));
    headers.put(":content-type", HeaderValue.fromString("application/json"));
    headers.put(":message-type", HeaderValue.fromString("event"));
    new Message(headers, json.getBytes(StandardCharsets.UTF_8)).encode(body);
  }
}
