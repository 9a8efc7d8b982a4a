// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Usage;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.Tool;

class BoundsTest {
  private static ConverseRequest.Builder converse(String text) {
    return converse(ContentBlock.fromText(text));
  }

  private static ConverseRequest.Builder converse(ContentBlock content) {
    return ConverseRequest.builder()
        .modelId("model")
        .messages(Message.builder().role(ConversationRole.USER).content(content).build());
  }

  private long input(ConverseRequest.Builder request) {
    return Asked.of(request.build()).bound(100).inputTokens();
  }

  @Test
  void countsTheBytesOfUtf8WithoutMakingThem() {
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      for (int c = random.nextInt(50); c > 0; c--) {
        text.appendCodePoint(
            switch (random.nextInt(4)) {
              case 0 -> random.nextInt(0x80);
              case 1 -> 0x80 + random.nextInt(0x780);
              case 2 -> 0x4E00 + random.nextInt(0x5000);
              default -> 0x1F300 + random.nextInt(0x300);
            });
      }
      assertThat(JsonSize.utf8(text.toString()))
          .isEqualTo(text.toString().getBytes(StandardCharsets.UTF_8).length);
    }
  }

  @Test
  void everyPartOfAPromptCounts() {
    long plain = input(converse("Hello"));
    String long1k = "x".repeat(1_000);

    assertThat(input(converse("Hello" + long1k))).isGreaterThanOrEqualTo(plain + 1_000);
    assertThat(input(converse("Hello").system(SystemContentBlock.builder().text(long1k).build())))
        .isGreaterThanOrEqualTo(plain + 1_000);
    Tool tool =
        Tool.builder()
            .toolSpec(
                spec ->
                    spec.name("search")
                        .description(long1k)
                        .inputSchema(
                            schema ->
                                schema.json(
                                    Document.mapBuilder().putString("type", long1k).build())))
            .build();
    assertThat(input(converse("Hello").toolConfig(tools -> tools.tools(tool))))
        .isGreaterThanOrEqualTo(plain + 2_000 + Allowances.TOKENS_FOR_TOOL_USE);
    SdkBytes small = SdkBytes.fromByteArray(new byte[10]);
    ContentBlock image =
        ContentBlock.fromImage(i -> i.format("png").source(source -> source.bytes(small)));
    assertThat(input(converse(image))).isGreaterThanOrEqualTo(Allowances.TOKENS_PER_IMAGE);
  }

  @Test
  void theOutputIsMaxTokensOrTheModelsMaximum() {
    assertThat(
            Asked.of(converse("Hi").inferenceConfig(c -> c.maxTokens(7)).build())
                .bound(100)
                .outputTokens())
        .isEqualTo(7);
    assertThat(Asked.of(converse("Hi").build()).bound(100).outputTokens()).isEqualTo(100);
  }

  private Usage invoke(String body) {
    return Asked.of(
            InvokeModelRequest.builder().modelId("m").body(SdkBytes.fromUtf8String(body)).build())
        .bound(100);
  }

  @Test
  void everyFamilysOutputLimitIsKnown() {
    assertThat(invoke("{\"max_tokens\":7}").outputTokens()).isEqualTo(7);
    assertThat(invoke("{\"inferenceConfig\":{\"maxTokens\":7}}").outputTokens()).isEqualTo(7);
    assertThat(invoke("{\"inferenceConfig\":{\"max_new_tokens\":7}}").outputTokens()).isEqualTo(7);
    assertThat(invoke("{\"textGenerationConfig\":{\"maxTokenCount\":7}}").outputTokens())
        .isEqualTo(7);
    assertThat(invoke("{\"max_gen_len\":7}").outputTokens()).isEqualTo(7);
    assertThat(invoke("{\"max_tokens_to_sample\":7}").outputTokens()).isEqualTo(7);
    assertThat(invoke("{\"max_completion_tokens\":7}").outputTokens()).isEqualTo(7);
    assertThat(invoke("{\"max_tokens\":7,\"num_generations\":3}").outputTokens()).isEqualTo(21);
    assertThat(invoke("{\"prompt\":\"x\"}").outputTokens()).isEqualTo(100);
  }

  @Test
  void aBodyCountsAtLeastItsBytesUnlessTheyAreAFile() {
    assertThat(invoke("{\"prompt\":\"" + "x".repeat(5_000) + "\"}").inputTokens())
        .isGreaterThanOrEqualTo(5_000);
    assertThat(invoke("this is no JSON").inputTokens()).isGreaterThanOrEqualTo(15);
    String megabytes = "A".repeat(2_000_000);
    assertThat(invoke("{\"source\":{\"data\":\"" + megabytes + "\"}}").inputTokens())
        .isGreaterThanOrEqualTo(2_000_000);
    assertThat(
            invoke("{\"source\":{\"data\":\"" + megabytes + "\",\"media_type\":\"image/png\"}}")
                .inputTokens())
        .isBetween(Allowances.TOKENS_PER_IMAGE, 2 * Allowances.TOKENS_PER_IMAGE);
    assertThat(
            invoke("{\"image\":{\"format\":\"png\",\"source\":{\"bytes\":\"" + megabytes + "\"}}}")
                .inputTokens())
        .isBetween(Allowances.TOKENS_PER_IMAGE, 2 * Allowances.TOKENS_PER_IMAGE);
    assertThat(invoke("{\"max_tokens\":99999999999999999999999}").outputTokens())
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(invoke("{\"max_tokens\":-5}").outputTokens()).isZero();
  }
}
