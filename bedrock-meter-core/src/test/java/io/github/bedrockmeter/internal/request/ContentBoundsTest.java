// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.functional.Pdfs;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/** What is known of each kind of content, and what is declared not to be a bound. */
@SuppressWarnings("unchecked")
class ContentBoundsTest {
  private static final String CLAUDE = "anthropic.claude-sonnet-4-6";
  private static final String NOVA = "amazon.nova-lite-v1:0";
  private static final String TEXT = "lorem ipsum dolor sit amet ".repeat(4_000);

  private static Usage invoke(String model, String body) {
    return Asked.of(
            InvokeModelRequest.builder().modelId(model).body(SdkBytes.fromUtf8String(body)).build())
        .bound(8_192);
  }

  private static Usage converse(String model, ContentBlock block) {
    return Asked.of(
            ConverseRequest.builder()
                .modelId(model)
                .messages(m -> m.role("user").content(block))
                .inferenceConfig(c -> c.maxTokens(100))
                .build())
        .bound(8_192);
  }

  private static ContentBlock document(String format, byte[] bytes) {
    return ContentBlock.fromDocument(
        d -> d.name("n").format(format).source(s -> s.bytes(SdkBytes.fromByteArray(bytes))));
  }

  private static String claude(String block) {
    return "{\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":[" + block + "]}]}";
  }

  private static String claudePdf(byte[] pdf) {
    return claude(
        "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"media_type\":\"application/pdf\","
            + "\"data\":\""
            + Base64.getEncoder().encodeToString(pdf).replace("/", "\\/")
            + "\"}}");
  }

  @Test
  void everyPageOfAPdfIsAnImage() {
    for (byte[] pdf : new byte[][] {Pdfs.slides(100), Pdfs.compressed(100)}) {
      Usage converse = converse(CLAUDE, document("pdf", pdf));
      Usage invoke = invoke(CLAUDE, claudePdf(pdf));

      assertThat(converse.inputTokens()).isBetween(235_000L, 300_000L);
      assertThat(invoke.inputTokens()).isBetween(235_000L, 320_000L);
      assertThat(converse.isBound()).isTrue();
      assertThat(invoke.isBound()).isTrue();
    }
  }

  @Test
  void aPdfWhosePagesCannotBeCountedIsNoBound() {
    assertThat(converse(CLAUDE, document("pdf", Pdfs.unreadable())).isBound()).isFalse();
    assertThat(invoke(CLAUDE, claudePdf(Pdfs.unreadable())).isBound()).isFalse();
    assertThat(converse(CLAUDE, document("pdf", new byte[5_000])).isBound()).isFalse();
  }

  @Test
  void aPdfIsKnownByItsBytesWhereNothingElseSaysSo() {
    String data = Base64.getEncoder().encodeToString(Pdfs.slides(50));

    Usage bound =
        invoke(
            "openai.gpt-6-sol",
            "{\"max_tokens\":1,\"messages\":[{\"content\":[{\"type\":\"file\",\"file\":{\"file_data\":"
                + "\"data:application/pdf;base64,"
                + data
                + "\"}}]}]}");

    assertThat(bound.inputTokens()).isGreaterThanOrEqualTo(50 * 2_350);
    assertThat(bound.isBound()).isTrue();
  }

  @Test
  void textFilesAreTheirBytesAndCompressedOnesAreNoBound() {
    assertThat(converse(CLAUDE, document("csv", new byte[5_000])).isBound()).isTrue();
    assertThat(converse(CLAUDE, document("csv", new byte[5_000])).inputTokens())
        .isGreaterThan(5_000);
    for (String format : new String[] {"docx", "xlsx", "doc", "xls"}) {
      assertThat(converse(CLAUDE, document(format, new byte[5_000])).isBound()).isFalse();
    }
    assertThat(
            invoke(
                    CLAUDE,
                    claude(
                        "{\"type\":\"document\",\"source\":{\"type\":\"text\",\"media_type\":"
                            + "\"text/plain\",\"data\":\"hello\"}}"))
                .isBound())
        .isTrue();
  }

  @Test
  void whatLiesElsewhereIsNoBound() {
    ContentBlock inS3 =
        ContentBlock.fromDocument(
            d -> d.name("n").format("pdf").source(s -> s.s3Location(l -> l.uri("s3://b/k"))));

    assertThat(converse(CLAUDE, inS3).isBound()).isFalse();
    assertThat(
            invoke(
                    NOVA,
                    "{\"messages\":[{\"content\":[{\"document\":{\"format\":\"pdf\",\"source\":"
                        + "{\"s3Location\":{\"uri\":\"s3://b/k\"}}}}]}],\"inferenceConfig\":{\"maxTokens\":9}}")
                .isBound())
        .isFalse();
    assertThat(
            invoke(
                    CLAUDE,
                    claude(
                        "{\"type\":\"document\",\"source\":{\"type\":\"url\",\"url\":\"https://x\"}}"))
                .isBound())
        .isFalse();
  }

  @Test
  void novasVideoIsAtMostItsFramesAndOtherVideoIsNoBound() {
    ContentBlock video =
        ContentBlock.fromVideo(
            v -> v.format("mp4").source(s -> s.bytes(SdkBytes.fromByteArray(new byte[150_000]))));

    assertThat(converse(NOVA, video).inputTokens()).isBetween(276_480L, 280_000L);
    assertThat(converse(NOVA, video).isBound()).isTrue();
    assertThat(converse("amazon.nova-2-lite-v1:0", video).isBound()).isFalse();
    assertThat(converse("amazon.nova-2-lite-v1:0", video).inputTokens()).isGreaterThan(200_000);
    assertThat(
            converse(
                    NOVA,
                    ContentBlock.fromVideo(
                        v -> v.format("mp4").source(s -> s.s3Location(l -> l.uri("s3://b/v")))))
                .inputTokens())
        .isGreaterThanOrEqualTo(276_480);
  }

  @Test
  void soundIsNoBound() {
    assertThat(
            converse(
                    NOVA,
                    ContentBlock.fromAudio(
                        a ->
                            a.format("mp3")
                                .source(s -> s.bytes(SdkBytes.fromByteArray(new byte[9])))))
                .isBound())
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"image\":\"%s\"}",
        "{\"image\":{\"data\":\"%s\"}}",
        "{\"images\":[{\"data\":\"%s\"}]}",
        "{\"type\":\"image\",\"url\":\"%s\"}",
        "{\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"%s\"}}",
        "{\"content\":[{\"type\":\"image\",\"source\":{\"data\":\"%s\"}}]}",
        "{\"image_url\":{\"url\":\"%s\"}}",
        "{\"bytes\":\"%s\",\"media_type\":\"image/png\"}",
        "{\"inputImage\":\"%s\"}",
        "{\"messages\":[{\"content\":[{\"image\":{\"source\":{\"bytes\":\"%s\"}}}]}]}"
      })
  void textInFreeJsonIsTextUnderEveryName(String json) {
    String free = json.formatted(TEXT);

    for (String block :
        new String[] {
          "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"draw\",\"input\":" + free + "}",
          "{\"toolUse\":{\"toolUseId\":\"t\",\"name\":\"draw\",\"input\":" + free + "}}",
          "{\"toolResult\":{\"toolUseId\":\"t\",\"content\":[{\"json\":" + free + "}]}}",
          "{\"document\":{\"args\":" + free + "}}"
        }) {
      assertThat(invoke(CLAUDE, claude(block)).inputTokens())
          .as(block.substring(0, 60))
          .isGreaterThanOrEqualTo(TEXT.length());
    }
    assertThat(
            invoke(CLAUDE, "{\"max_tokens\":1,\"tools\":[{\"input_schema\":" + free + "}]}")
                .inputTokens())
        .isGreaterThanOrEqualTo(TEXT.length());
    assertThat(invoke("cohere.command-r-v1:0", "{\"documents\":[" + free + "]}").inputTokens())
        .isGreaterThanOrEqualTo(TEXT.length());
  }

  @Test
  void imagesOfEveryFamilyAreNoText() {
    byte[] random = new byte[300_000];
    new Random(1).nextBytes(random);
    String data = Base64.getEncoder().encodeToString(random);
    String claude =
        claude("{\"source\":{\"data\":\"" + data + "\",\"type\":\"base64\"},\"type\":\"image\"}");

    assertThat(invoke(CLAUDE, claude).inputTokens()).isBetween(4_784L, 12_000L);
    assertThat(
            invoke(
                    NOVA,
                    "{\"messages\":[{\"content\":[{\"toolResult\":{\"content\":[{\"image\":{\"format\":"
                        + "\"png\",\"source\":{\"bytes\":\""
                        + data
                        + "\"}}}]}}]}]}")
                .inputTokens())
        .isBetween(8_192L, 12_000L);
    assertThat(
            invoke(
                    "qwen.qwen3-vl-235b-a22b",
                    "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
                        + "\"data:image/png;base64,"
                        + data
                        + "\"}}]}]}")
                .inputTokens())
        .isBetween(16_384L, 20_000L);
    assertThat(
            invoke(
                    CLAUDE,
                    claude(
                        "{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://x/y.png\"}}"))
                .inputTokens())
        .isGreaterThanOrEqualTo(4_784);
  }

  @Test
  void imagesOfAModelThatIsNotKnownAreNoBound() {
    ContentBlock image =
        ContentBlock.fromImage(
            i -> i.format("png").source(s -> s.bytes(SdkBytes.fromByteArray(new byte[9]))));
    String imported = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl";

    assertThat(converse(imported, image).isBound()).isFalse();
    assertThat(converse(CLAUDE, image).isBound()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "64000",
        "64000.0",
        "6.4e4",
        "64e3",
        "6.4E+4",
        "640000e-1",
        "\"64000\"",
        "63999.5",
        "64000.000"
      })
  void aLimitCountsHoweverItIsWritten(String number) {
    String digits = "1".repeat(1_001);

    assertThat(invoke(CLAUDE, "{\"max_tokens\":" + number + "}").outputTokens()).isEqualTo(64_000);
    assertThat(
            invoke(CLAUDE, "{\"x\":" + digits + ",\"max_tokens\":" + number + "}").outputTokens())
        .isEqualTo(64_000);
    assertThat(
            invoke(
                    CLAUDE,
                    "{\"max_tokens\":"
                        + number
                        + ",\"a\":{\""
                        + "k".repeat(50_001)
                        + "\":-"
                        + digits
                        + "}}")
                .outputTokens())
        .isEqualTo(64_000);
    assertThat(invoke(CLAUDE, "{\"n\":2.0,\"max_tokens\":" + number + "}").outputTokens())
        .isEqualTo(128_000);
  }

  @Test
  void aLimitThatNoIntHoldsIsTheLargest() {
    for (String number : new String[] {"1e999999999", "9".repeat(2_000), "1e10", "2147483648.5"}) {
      assertThat(invoke(CLAUDE, "{\"max_tokens\":" + number + "}").outputTokens())
          .isEqualTo(Integer.MAX_VALUE);
    }
    assertThat(invoke(CLAUDE, "{\"max_tokens\":-1e999999999}").outputTokens()).isZero();
  }

  @Test
  void thinkingIsPartOfTheOutput() {
    Document thinks =
        Document.mapBuilder()
            .putDocument(
                "thinking", Document.mapBuilder().putNumber("budget_tokens", 32_000).build())
            .build();
    ConverseRequest request =
        ConverseRequest.builder()
            .modelId(CLAUDE)
            .messages(m -> m.role("user").content(ContentBlock.fromText("x")))
            .additionalModelRequestFields(thinks)
            .build();

    assertThat(Asked.of(request).bound(8_192).outputTokens()).isEqualTo(40_192);
    assertThat(
            Asked.of(request.toBuilder().inferenceConfig(c -> c.maxTokens(40_000)).build())
                .bound(8_192)
                .outputTokens())
        .isEqualTo(40_000);
    assertThat(invoke(CLAUDE, "{\"thinking\":{\"budget_tokens\":3.2e4}}").outputTokens())
        .isEqualTo(40_192);
    assertThat(
            invoke(CLAUDE, "{\"max_tokens\":9000,\"thinking\":{\"budget_tokens\":32000}}")
                .outputTokens())
        .isGreaterThanOrEqualTo(32_000);
  }

  @Test
  void aLimitAmongTheModelsOwnFieldsCounts() {
    ConverseRequest request =
        ConverseRequest.builder()
            .modelId(CLAUDE)
            .messages(m -> m.role("user").content(ContentBlock.fromText("x")))
            .inferenceConfig(c -> c.maxTokens(10))
            .additionalModelRequestFields(
                Document.mapBuilder().putNumber("max_tokens", 64_000).build())
            .build();

    assertThat(Asked.of(request).bound(1).outputTokens()).isEqualTo(64_000);
    assertThat(Asked.of(request).withOutputLimit(5)).isNull();
  }

  @Test
  void compactionSamplesTheModelAgain() {
    String edits =
        "{\"max_tokens\":1000,\"messages\":[],\"context_management\":{\"edits\":[{%s}]}}";
    Usage compacts = invoke(CLAUDE, edits.formatted("\"type\":\"compact_20260112\""));
    Usage clears =
        invoke(
            CLAUDE,
            edits.formatted(
                "\"type\":\"clear_tool_uses_20250919\",\"trigger\":{\"type\":\"input_tokens\",\"value\":9}"));

    assertThat(compacts.outputTokens()).isEqualTo(2_000);
    assertThat(compacts.inputTokens()).isGreaterThan(2 * 1_024 + 1_000);
    assertThat(compacts.isBound()).isFalse();
    assertThat(clears.outputTokens()).isEqualTo(1_000);
    assertThat(clears.isBound()).isTrue();
  }

  @Test
  void soItDoesThroughConverse() {
    Document edits =
        Document.mapBuilder()
            .putDocument(
                "context_management",
                Document.mapBuilder()
                    .putList(
                        "edits",
                        list ->
                            list.addDocument(
                                Document.mapBuilder()
                                    .putString("type", "compact_20260112")
                                    .build()))
                    .build())
            .build();

    Usage bound =
        Asked.of(
                ConverseRequest.builder()
                    .modelId(CLAUDE)
                    .inferenceConfig(c -> c.maxTokens(1_000))
                    .additionalModelRequestFields(edits)
                    .build())
            .bound(1);

    assertThat(bound.outputTokens()).isEqualTo(2_000);
    assertThat(bound.isBound()).isFalse();
  }

  @Test
  void toolsThatTheProviderRunsAreNoBoundAndTheirRunsAreHeld() {
    Usage claude =
        invoke(
            CLAUDE,
            "{\"max_tokens\":9,\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\","
                + "\"max_uses\":3}]}");
    Usage nova =
        invoke(
            "amazon.nova-2-lite-v1:0",
            "{\"inferenceConfig\":{\"maxTokens\":9},\"toolConfig\":{\"tools\":[{\"systemTool\":{\"name\":"
                + "\"nova_grounding\"}}]}}");
    Usage converse =
        Asked.of(
                ConverseRequest.builder()
                    .modelId("amazon.nova-2-lite-v1:0")
                    .inferenceConfig(c -> c.maxTokens(9))
                    .toolConfig(
                        t -> t.tools(tool -> tool.systemTool(s -> s.name("nova_grounding"))))
                    .build())
            .bound(1);

    assertThat(claude.count(Meter.WEB_SEARCH)).isEqualTo(3);
    assertThat(nova.count(Meter.WEB_SEARCH)).isEqualTo(10);
    assertThat(converse.count(Meter.WEB_SEARCH)).isEqualTo(10);
    for (Usage bound : new Usage[] {claude, nova, converse}) {
      assertThat(bound.isBound()).isFalse();
      assertThat(bound.assumptions()).extracting(Assumption::meter).contains(Meter.INPUT);
    }
  }

  @Test
  void toolsThatTheCallerRunsAreDescribedByTheProvider() {
    Usage plain = invoke(CLAUDE, "{\"max_tokens\":9,\"tools\":[{\"type\":\"custom\"}]}");
    Usage builtIn =
        invoke(CLAUDE, "{\"max_tokens\":9,\"tools\":[{\"type\":\"computer_20250124\"}]}");

    assertThat(builtIn.isBound()).isTrue();
    assertThat(builtIn.inputTokens()).isGreaterThan(plain.inputTokens() + 1_500);
  }

  @Test
  void aManagedPromptIsNoBound() {
    Usage bound =
        Asked.of(
                ConverseRequest.builder()
                    .modelId("arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT12345:1")
                    .build())
            .bound(8_192);

    assertThat(bound.isBound()).isFalse();
    assertThat(bound.assumptions())
        .extracting(Assumption::why)
        .contains("the text of a managed prompt lies in Bedrock");
  }

  @Test
  void aBodyThatIsNoJsonIsNoBound() {
    assertThat(invoke(CLAUDE, "{\"max_tokens\":9,").isBound()).isFalse();
    assertThat(invoke(CLAUDE, "{\"max_tokens\":9}").isBound()).isTrue();
  }
}
