// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Usage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrock.BedrockClient;

/** The resolver against a small server that answers as Bedrock's control plane does. */
class ControlPlaneResolverTest {
  private static final String ACCOUNT = "arn:aws:bedrock:eu-west-1:123456789012:";
  private static final String SONNET = "foundation-model/anthropic.claude-sonnet-4-6";

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private BedrockClient bedrock;
  private PriceCatalog prices;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path =
              URLDecoder.decode(exchange.getRequestURI().getRawPath(), StandardCharsets.UTF_8);
          asked.add(path);
          String answer = answers.get(path);
          byte[] body =
              (answer == null ? "{\"message\": \"not yours\"}" : answer)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          if (answer == null) {
            exchange.getResponseHeaders().add("x-amzn-ErrorType", "AccessDeniedException");
          }
          exchange.sendResponseHeaders(answer == null ? 403 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    bedrock =
        BedrockClient.builder()
            .region(Region.EU_WEST_1)
            .endpointOverride(URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")))
            .build();
    prices = PriceCatalog.builder().resolver(new ControlPlaneResolver(bedrock)).build();
  }

  @AfterEach
  void stop() {
    bedrock.close();
    server.stop(0);
  }

  @Test
  void aProfileOverSeveralRegionsIsGeographic() {
    String profile = ACCOUNT + "application-inference-profile/abcdefghijkl";
    answers.put(
        "/inference-profiles/" + profile,
        models("arn:aws:bedrock:eu-west-1::" + SONNET, "arn:aws:bedrock:eu-north-1::" + SONNET));

    assertThat(price(profile)).isEqualTo("$3.3");
    assertThat(price(profile)).isEqualTo("$3.3");
    assertThat(asked).hasSize(1);
  }

  @Test
  void aProfileWithARegionlessModelIsGlobal() {
    String profile = ACCOUNT + "application-inference-profile/globalglobal";
    answers.put(
        "/inference-profiles/" + profile,
        models("arn:aws:bedrock:eu-west-1::" + SONNET, "arn:aws:bedrock:::" + SONNET));

    assertThat(price(profile)).isEqualTo("$3");
  }

  @Test
  void provisionedThroughputIsFreeToCallAndItsModelIsKnown() {
    String provisioned = ACCOUNT + "provisioned-model/abcdefghijkl";
    answers.put(
        "/provisioned-model-throughput/" + provisioned,
        """
        {"modelUnits": 1, "desiredModelUnits": 1, "provisionedModelName": "mine", "status": "InService",
         "provisionedModelArn": "%s", "modelArn": "arn:aws:bedrock:eu-west-1::%s",
         "desiredModelArn": "arn:aws:bedrock:eu-west-1::%s",
         "foundationModelArn": "arn:aws:bedrock:eu-west-1::%s"}"""
            .formatted(provisioned, SONNET, SONNET, SONNET));

    assertThat(price(provisioned)).isEqualTo("$0");
    assertThat(((Cost.Known) cost(provisioned)).basis()).containsExactly(Basis.CAPACITY);
    assertThat(prices.limitsOf(provisioned).contextTokens()).isEqualTo(1_000_000L);
  }

  @Test
  void provisionedThroughputIsFreeToCallEvenWithoutPermissionToResolveIt() {
    assertThat(price(ACCOUNT + "provisioned-model/deniedeniede")).isEqualTo("$0");
  }

  @Test
  void aDeploymentOfACustomModelIsFollowedToItsBaseAndHasNoListPrice() {
    String deployment = ACCOUNT + "custom-model-deployment/abcdefghijkl";
    String custom = ACCOUNT + "custom-model/amazon.nova-lite-v1:0/mnopqrstuvwx";
    answers.put(
        "/model-customization/custom-model-deployments/" + deployment,
        "{\"customModelDeploymentArn\": \"%s\", \"modelArn\": \"%s\"}"
            .formatted(deployment, custom));
    answers.put(
        "/custom-models/" + custom,
        """
        {"modelArn": "%s", "baseModelArn": "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"}"""
            .formatted(custom));

    assertThat(price(deployment))
        .contains("no price of 'amazon.nova-lite-v1:0'")
        .contains("variant 'custom-model'");
  }

  @Test
  void aRouterIsPricedByItsHighestPricedModel() {
    String router = ACCOUNT + "default-prompt-router/anthropic.claude:1";
    answers.put(
        "/prompt-routers/" + router,
        """
        {"promptRouterName": "Claude", "promptRouterArn": "%s", "type": "default", "status": "AVAILABLE",
         "models": [{"modelArn": "%sinference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0"}],
         "fallbackModel": {"modelArn": "%sinference-profile/eu.anthropic.claude-sonnet-4-6"}}"""
            .formatted(router, ACCOUNT, ACCOUNT));

    assertThat(price(router)).isEqualTo("$3.3");
  }

  @Test
  void aRefusalIsUnknownWithAReasonAndNotAnException() {
    String profile = ACCOUNT + "application-inference-profile/deniedeniede";

    assertThat(price(profile))
        .contains("unknown")
        .contains("grant the permission, or map it with alias(..)");
    assertThat(price(profile)).contains("unknown");
    assertThat(asked).hasSize(1);
  }

  private static String models(String... arns) {
    return "{\"inferenceProfileName\": \"mine\", \"type\": \"APPLICATION\", \"models\": ["
        + String.join(
            ",", List.of(arns).stream().map(arn -> "{\"modelArn\": \"" + arn + "\"}").toList())
        + "]}";
  }

  private String price(String arn) {
    return cost(arn).toString();
  }

  private Cost cost(String arn) {
    return prices.costOf(
        new PriceKey(arn, null, "standard", Instant.parse("2026-11-22T00:00:00Z")),
        Usage.ofTokens(1_000_000, 0));
  }
}
