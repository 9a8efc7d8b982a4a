// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.embeddings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spring AI's own Titan and Cohere models, with the starter and bedrock-meter-attach. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EmbeddingsTest {
  /** Where the AWS SDK sends the calls of clients that are built without an endpoint. */
  private static final String ENDPOINT = "aws.endpointUrlBedrockRuntime";

  private final FakeBedrock bedrock = FakeBedrock.start();

  @BeforeEach
  void inPlaceOfAws() {
    System.setProperty(ENDPOINT, bedrock.endpoint().toString());
    bedrock.on("amazon.titan-embed-image-v1").reply(Reply.text("").inputTokens(7));
    bedrock.on("amazon.titan-embed-text-v2:0").reply(Reply.text("").inputTokens(7));
    bedrock
        .on("cohere.embed-english-v3")
        .reply(
            Reply.recorded(
                200,
                Map.of("Content-Type", "application/json", "X-Amzn-Bedrock-Input-Token-Count", "7"),
                "{\"id\":\"1\",\"texts\":[\"Hello\"],\"embeddings\":[[0.25,-0.5,0.125]]}"
                    .getBytes(StandardCharsets.UTF_8)));
  }

  @AfterEach
  void stop() {
    System.clearProperty(ENDPOINT);
    bedrock.close();
  }

  @Test
  void titanIsMeteredAndDeniedOnceAsItself() {
    assertMetered(
        "bedrock-titan",
        "spring.ai.bedrock.titan.embedding.model=amazon.titan-embed-text-v2:0",
        "spring.ai.bedrock.titan.embedding.input-type=text");
  }

  @Test
  void cohereIsMeteredAndDeniedOnceAsItself() {
    assertMetered(
        "bedrock-cohere", "spring.ai.bedrock.cohere.embedding.model=cohere.embed-english-v3");
  }

  private void assertMetered(String model, String... more) {
    try (ConfigurableApplicationContext context = started(model, more)) {
      EmbeddingModel embeddings = context.getBean(EmbeddingModel.class);
      RecordingListener events = context.getBean(RecordingListener.class);

      assertThat(embeddings.embed("Hello")).containsExactly(0.25f, -0.5f, 0.125f);

      assertThat(events.usages())
          .singleElement()
          .satisfies(
              event -> {
                assertThat(event.usage().inputTokens()).as("%s", event).isEqualTo(7);
                assertThat(event.call().tags().get("env")).isEqualTo("test");
              });
      assertThat(catchThrowable(() -> embeddings.embed("Hello")))
          .isInstanceOf(BudgetExceededException.class);
      assertThat(events.denials()).hasSize(1);
      assertThat(bedrock.requests()).hasSize(1);
    }
  }

  private static ConfigurableApplicationContext started(String model, String... more) {
    SpringApplicationBuilder builder =
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.NONE)
            .properties(
                "spring.main.banner-mode=off",
                "logging.level.root=warn",
                "spring.ai.model.embedding=" + model,
                "spring.ai.model.chat=none",
                "spring.ai.bedrock.aws.region=us-east-1",
                "spring.ai.bedrock.aws.access-key=fake",
                "spring.ai.bedrock.aws.secret-key=bedrock",
                "bedrock.meter.tags.env=test",
                "bedrock.meter.budgets.calls.limit=1 requests",
                "bedrock.meter.budgets.calls.window=lifetime")
            .properties(more);
    return builder.run();
  }

  /** The application has no line about the meter. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    @Bean
    RecordingListener events() {
      return new RecordingListener();
    }
  }
}
