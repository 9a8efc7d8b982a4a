// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.spring.ai.TagsAdvisor;
import io.github.bedrockmeter.testkit.FakeBedrock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** Spring AI's chat client with the starter and nothing but properties. */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SpringAiStarterTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String[] ONE_CALL = {
    "bedrock.meter.budgets.calls.limit=1 requests", "bedrock.meter.budgets.calls.window=lifetime"
  };

  @Test
  void aChatIsMeteredThroughContributedClients() {
    try (Boot app = Boot.started(Boot.Plain.class, ONE_CALL)) {
      assertThat(BedrockMeter.isMetered(app.context.getBean(BedrockRuntimeClient.class))).isTrue();
      assertThat(BedrockMeter.isMetered(app.context.getBean(BedrockRuntimeAsyncClient.class)))
          .isTrue();

      assertThat(app.chat().prompt("Hello").call().content()).isEqualTo("one two three");

      UsageEvent event = onlyEvent(app);
      assertThat(event.call().operation()).isEqualTo("Converse");
      assertThat(event.usage().outputTokens()).isEqualTo(23);
      assertThat(event.cost()).isInstanceOf(Cost.Known.class);
    }
  }

  @Test
  void aStreamIsMeteredThroughContributedClients() {
    try (Boot app = Boot.started(Boot.Plain.class, ONE_CALL)) {
      List<String> parts = app.chat().prompt("Hello").stream().content().collectList().block(LIMIT);

      assertThat(String.join("", parts)).isEqualTo("one two three");
      UsageEvent event = onlyEvent(app);
      assertThat(event.call().operation()).isEqualTo("ConverseStream");
      assertThat(event.usage().outputTokens()).isEqualTo(23);
    }
  }

  @Test
  void aDenialArrivesOnceUnretriedAndLoggedOnce(CapturedOutput output) {
    try (Boot app =
        Boot.started(
            Boot.Plain.class,
            "bedrock.meter.budgets.calls.limit=0 requests",
            "bedrock.meter.budgets.calls.window=lifetime",
            "bedrock.meter.log-usage=true",
            "logging.level.io.github.bedrockmeter=info")) {
      Throwable call = catchThrowable(() -> app.chat().prompt("Hello").call().content());
      Throwable stream =
          catchThrowable(() -> app.chat().prompt("Hello").stream().content().blockLast(LIMIT));

      assertThat(denialIn(call).denial().kind()).isEqualTo(DenialKind.NEVER_FITS);
      assertThat(denialIn(stream).denial().kind()).isEqualTo(DenialKind.NEVER_FITS);
      assertThat(app.recorded().denials()).hasSize(2);
      assertThat(app.bedrock.requests()).isEmpty();
      // Spring AI logs what a stream failed with, too; by its own loggers.
      assertThat(
              output
                  .getOut()
                  .lines()
                  .filter(line -> line.contains("] bedrock-meter ") && line.contains(" denied: ")))
          .hasSize(2);
    }
  }

  @Test
  void allRoundsOfToolsHaveTheTagsOfAnAdvisor() {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(request -> ToolRounds.answer(request, 2));
      try (Boot app =
          Boot.started(
              WebApplicationType.NONE,
              Boot.Plain.class,
              bedrock,
              "spring.reactor.context-propagation=auto")) {
        app.chat()
            .prompt("What time is it?")
            .tools(new ToolRounds.Clock())
            .advisors(TagsAdvisor.of("user", "ann"))
            .call()
            .content();
        String streamed =
            app
                .chat()
                .prompt("What time is it?")
                .tools(new ToolRounds.Clock())
                .advisors(TagsAdvisor.of("user", "bob"))
                .stream()
                .content()
                .collectList()
                .map(parts -> String.join("", parts))
                .block(LIMIT);

        assertThat(streamed).endsWith("one two three");
        Awaitility.await().atMost(LIMIT).until(() -> app.recorded().usages().size() == 6);
        assertThat(app.recorded().usages())
            .extracting(event -> event.call().tags().get("user"))
            .containsExactly("ann", "ann", "ann", "bob", "bob", "bob");
      }
    }
  }

  @Test
  void whatSpringAiWritesIntoTheMetadataIsNoTag() {
    try (Boot app = Boot.started(Boot.Plain.class)) {
      app.chat().prompt("Hello").call().content();

      assertThat(app.bedrock.requests().get(0).bodyText()).contains("\"messageType\":\"USER\"");
      assertThat(onlyEvent(app).call().tags().isEmpty()).isTrue();
    }
  }

  private static UsageEvent onlyEvent(Boot app) {
    Awaitility.await().atMost(LIMIT).until(() -> !app.recorded().usages().isEmpty());
    assertThat(app.recorded().usages()).hasSize(1);
    return app.recorded().usages().get(0);
  }

  private static BudgetExceededException denialIn(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BudgetExceededException denial) {
        return denial;
      }
    }
    throw new AssertionError("no denial among the causes", failure);
  }
}
