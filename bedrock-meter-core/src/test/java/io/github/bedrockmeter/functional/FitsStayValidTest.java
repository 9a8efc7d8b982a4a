// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.testkit.FakeBedrock;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/** A request that Bedrock would take is not changed into one that it refuses, and is read once. */
class FitsStayValidTest {
  private static final String NOVA_2 = "amazon.nova-2-lite-v1:0";
  private static final int MEGABYTES_5 = 5_000_000;

  private final FakeBedrock bedrock = FakeBedrock.start();

  @AfterEach
  void close() {
    bedrock.close();
  }

  private static Budget.Builder budget(long tokens) {
    return Budget.named("fit")
        .limit(Amount.tokens(tokens))
        .window(Window.lifetime())
        .leastOutputTokens(1);
  }

  private BedrockRuntimeClient fitting(long tokens) {
    return client(budget(tokens).onShortfall(Budget.OnShortfall.FIT_OUTPUT).build());
  }

  private BedrockRuntimeClient client(Budget budget) {
    return BedrockMeter.builder().budget(budget).build().wrap(bedrock.client());
  }

  private static ConverseRequest.Builder converse(String model) {
    return ConverseRequest.builder().modelId(model).messages(Scene.user("Hello"));
  }

  private static Document reasoning(String group, String name, Document value) {
    return Document.mapBuilder()
        .putDocument(group, Document.mapBuilder().putDocument(name, value).build())
        .build();
  }

  private static InvokeModelRequest invoke(String model, String body) {
    return InvokeModelRequest.builder().modelId(model).body(SdkBytes.fromUtf8String(body)).build();
  }

  private static void assertDenied(Runnable call) {
    assertThatThrownBy(call::run).isInstanceOf(BudgetExceededException.class);
  }

  private String sent() {
    return bedrock.requests().get(bedrock.requests().size() - 1).bodyText();
  }

  @Test
  void novaAtHighEffortMustLeaveMaxTokensUnset() {
    BedrockRuntimeClient client = fitting(5_000);
    Document high = reasoning("reasoningConfig", "maxReasoningEffort", Document.fromString("high"));

    assertDenied(
        () -> client.converse(converse(NOVA_2).additionalModelRequestFields(high).build()));
    assertDenied(
        () ->
            client.invokeModel(
                invoke(
                    NOVA_2,
                    "{\"messages\":[],\"inferenceConfig\":{\"reasoningConfig\":"
                        + "{\"maxReasoningEffort\":\"high\"}}}")));
    Document low = reasoning("reasoningConfig", "maxReasoningEffort", Document.fromString("low"));
    client.converse(converse(NOVA_2).additionalModelRequestFields(low).build());
    assertThat(sent()).contains("\"maxTokens\":");
  }

  @Test
  void claudesThinkingStaysBelowMaxTokens() {
    BedrockRuntimeClient client = fitting(5_000);
    for (String budget : new String[] {"4990", "4.99e3", "4990.0", "6000"}) {
      assertDenied(
          () ->
              client.converse(
                  converse(Scene.CLAUDE)
                      .inferenceConfig(c -> c.maxTokens(8_000))
                      .additionalModelRequestFields(
                          reasoning("thinking", "budget_tokens", Document.fromNumber(budget)))
                      .build()));
      assertDenied(
          () ->
              client.invokeModel(
                  invoke(
                      Scene.CLAUDE,
                      "{\"max_tokens\":8000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"
                          + budget
                          + "}}")));
    }
    client.converse(
        converse(Scene.CLAUDE)
            .inferenceConfig(c -> c.maxTokens(8_000))
            .additionalModelRequestFields(
                reasoning("thinking", "budget_tokens", Document.fromNumber(1_024)))
            .build());
    assertThat(sent()).contains("\"maxTokens\":");
  }

  @Test
  void aManagedPromptTakesNoSettings() {
    BedrockRuntimeClient client = fitting(5_000);
    String prompt = "arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT12345:1";

    assertDenied(() -> client.converse(r -> r.modelId(prompt)));
  }

  @Test
  void openAiTakesNoLimitBelowItsLeast() {
    assertDenied(
        () ->
            fitting(5 + 16 + 16 + 15)
                .converse(
                    converse("openai.gpt-6-sol").inferenceConfig(c -> c.maxTokens(500)).build()));
    fitting(5 + 16 + 16 + 16)
        .converse(converse("openai.gpt-6-sol").inferenceConfig(c -> c.maxTokens(500)).build());
    assertThat(sent()).contains("\"maxTokens\":16");
    fitting(5 + 16 + 16 + 1)
        .converse(converse(Scene.NOVA).inferenceConfig(c -> c.maxTokens(500)).build());
    assertThat(sent()).contains("\"maxTokens\":1");
  }

  @Test
  void aFirstLimitIsOneThatEveryModelTakes() {
    fitting(8_000).converse(converse("amazon.titan-text-premier-v1:0").build());

    assertThat(sent()).contains("\"maxTokens\":2048");
  }

  @Test
  void severalAnswersShareWhatFits() {
    fitting(6_000)
        .invokeModel(
            invoke("openai.gpt-oss-120b-1:0", "{\"n\":4,\"max_tokens\":4000.0,\"messages\":[]}"));

    assertThat(sent()).matches("\\{\"n\":4,\"max_tokens\":12\\d\\d,\"messages\":\\[\\]\\}");
  }

  @Test
  void limitsThatContradictEachOtherStayAsTheyAre() {
    BedrockRuntimeClient client = fitting(2_000);

    assertDenied(
        () ->
            client.invokeModel(
                invoke(Scene.CLAUDE, "{\"max_tokens\":4000,\"max_tokens\":4000,\"messages\":[]}")));
    assertDenied(
        () ->
            client.invokeModel(invoke(Scene.CLAUDE, "{\"max_tokens\":\"4000\",\"messages\":[]}")));
  }

  @Test
  void aLargeBodyThatDoesNotFitIsReadAsOftenAsForAPlainDenial() {
    InvokeModelRequest large =
        invoke(
            Scene.CLAUDE,
            "{\"max_tokens\":4000,\"messages\":[{\"content\":\""
                + "ä".repeat(MEGABYTES_5 / 2)
                + "\"}]}");
    ConverseRequest converse =
        ConverseRequest.builder()
            .modelId(Scene.CLAUDE)
            .messages(Scene.user("x".repeat(MEGABYTES_5)))
            .inferenceConfig(c -> c.maxTokens(4_000))
            .build();
    BedrockRuntimeClient plain = client(budget(100_000).build());
    BedrockRuntimeClient fitting = fitting(100_000);

    long plainBytes = leastAllocated(() -> plain.invokeModel(large));
    long fittingBytes = leastAllocated(() -> fitting.invokeModel(large));
    long plainConverse = leastAllocated(() -> plain.converse(converse));
    long fittingConverse = leastAllocated(() -> fitting.converse(converse));

    System.out.printf(
        "denial of a 5 MB body: plain %,d bytes, with FIT_OUTPUT %,d; of Converse %,d and %,d%n",
        plainBytes, fittingBytes, plainConverse, fittingConverse);
    // A second pass would allocate a parser's buffers, of some 8,000 bytes, once more.
    assertThat(fittingBytes).isLessThan(plainBytes + 6_000);
    assertThat(fittingConverse).isLessThan(plainConverse + 6_000);
  }

  @Test
  void aLargeBodyThatIsFittedIsCopiedOnce() {
    InvokeModelRequest large =
        invoke(
            Scene.CLAUDE,
            "{\"max_tokens\":4000,\"messages\":[{\"content\":\""
                + "x".repeat(MEGABYTES_5)
                + "\"}]}");
    Budget small = budget(MEGABYTES_5 + 3_000).onShortfall(Budget.OnShortfall.FIT_OUTPUT).build();
    Budget strict =
        Budget.named("strict").limit(Amount.tokens(10)).window(Window.lifetime()).build();
    BedrockRuntimeClient client =
        BedrockMeter.builder().budget(small).budget(strict).build().wrap(bedrock.client());

    long bytes = leastAllocated(() -> client.invokeModel(large));

    System.out.printf("fitting a 5 MB body: %,d bytes%n", bytes);
    assertThat(bytes).isBetween((long) MEGABYTES_5, 2L * MEGABYTES_5);
  }

  private static long leastAllocated(Runnable denied) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 12; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      assertDenied(denied);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
