// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Meter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemTool;
import software.amazon.awssdk.services.bedrockruntime.model.Tool;

/**
 * Requests of every kind of content, to a server that reports the most that the documented rules
 * allow: the usage stays within the estimate, or the estimate said that it is no bound.
 */
class EstimatesHoldTest {
  private static final long SEED = 20261128;
  private static final int ROUNDS = 25;
  private static final String CLAUDE = "anthropic.claude-sonnet-4-6";
  private static final String NOVA = "amazon.nova-pro-v1:0";
  private static final String NOVA_2 = "amazon.nova-2-lite-v1:0";
  private static final String PROMPT =
      "arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT12345:1";

  private final Random random = new Random(SEED);

  /** A content with the tokens that it has at most, beside those of the text around it. */
  private record Content(String kind, String model, List<ContentBlock> blocks, long tokens) {}

  private interface Part {
    Content make();
  }

  private String text(int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most); i >= 0; i--) {
      text.appendCodePoint(
          random.nextInt(4) == 0 ? 0x4E00 + random.nextInt(999) : 'a' + random.nextInt(26));
    }
    return text.toString();
  }

  private static long utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static SdkBytes bytes(byte[] bytes) {
    return SdkBytes.fromByteArray(bytes);
  }

  private byte[] noise(int most) {
    byte[] noise = new byte[1 + random.nextInt(most)];
    random.nextBytes(noise);
    return noise;
  }

  private Content of(String kind, String model, ContentBlock block, long tokens) {
    return new Content(kind, model, List.of(block), tokens);
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    parts.add(
        () -> {
          String text = text(2_000);
          return of("text", CLAUDE, ContentBlock.fromText(text), utf8(text));
        });
    parts.add(() -> of("image", CLAUDE, image(), 4_784));
    parts.add(() -> of("image of Nova", NOVA, image(), 3_000));
    parts.add(() -> pdf("pdf", true));
    parts.add(() -> pdf("pdf, compressed objects", false));
    parts.add(
        () -> {
          byte[] text = text(3_000).getBytes(StandardCharsets.UTF_8);
          return of("csv", CLAUDE, document("csv", text), text.length);
        });
    parts.add(() -> of("docx", CLAUDE, document("docx", noise(2_000)), 400_000));
    parts.add(() -> of("video", NOVA, video(), 276_480));
    parts.add(() -> of("video of Nova 2", NOVA_2, video(), 900_000));
    parts.add(
        () ->
            of(
                "audio",
                NOVA_2,
                ContentBlock.fromAudio(a -> a.format("mp3").source(s -> s.bytes(bytes(noise(99))))),
                200_000));
    parts.add(
        () -> {
          String free = text(3_000);
          return of(
              "free JSON",
              NOVA,
              ContentBlock.fromToolUse(
                  t ->
                      t.toolUseId("1")
                          .name("draw")
                          .input(Document.mapBuilder().putString("image", free).build())),
              utf8(free));
        });
    return parts;
  }

  private ContentBlock image() {
    byte[] small = noise(400);
    return ContentBlock.fromImage(i -> i.format("png").source(s -> s.bytes(bytes(small))));
  }

  private ContentBlock video() {
    byte[] small = noise(9_000);
    return ContentBlock.fromVideo(v -> v.format("mp4").source(s -> s.bytes(bytes(small))));
  }

  private static ContentBlock document(String format, byte[] content) {
    return ContentBlock.fromDocument(
        d -> d.name("n").format(format).source(s -> s.bytes(bytes(content))));
  }

  private Content pdf(String kind, boolean plain) {
    int pages = 1 + random.nextInt(120);
    byte[] file = plain ? Pdfs.slides(pages) : Pdfs.compressed(pages);
    return of(kind, CLAUDE, document("pdf", file), 2_350L * pages);
  }

  private static Document map(String name, Document value) {
    return Document.mapBuilder().putDocument(name, value).build();
  }

  @Test
  void theUsageIsWithinTheEstimateOrTheEstimateIsNoBound() {
    Map<String, int[]> counts = new TreeMap<>();
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      for (int round = 0; round < ROUNDS; round++) {
        for (Part part : parts()) {
          content(bedrock, part.make(), counts);
        }
        settings(bedrock, counts);
      }
    }

    counts.forEach(
        (kind, count) ->
            System.out.printf(
                "estimates: %-28s %4d bounds held, %4d no bound%n", kind, count[0], count[1]));
    assertThat(counts).hasSize(20);
    assertThat(counts.get("text")[0]).isEqualTo(ROUNDS);
    assertThat(counts.get("pdf")[0]).isEqualTo(ROUNDS);
    assertThat(counts.get("docx")[1]).isEqualTo(ROUNDS);
  }

  private void content(FakeBedrock bedrock, Content content, Map<String, int[]> counts) {
    int limit = 1 + random.nextInt(5_000);
    String question = text(100);
    List<ContentBlock> blocks = new ArrayList<>(content.blocks());
    blocks.add(ContentBlock.fromText(question));
    ConverseRequest request =
        ConverseRequest.builder()
            .modelId(content.model())
            .messages(Message.builder().role("user").content(blocks).build())
            .inferenceConfig(c -> c.maxTokens(limit))
            .build();
    check(bedrock, content.kind(), request, content.tokens() + utf8(question) + 8, limit, counts);
  }

  private void settings(FakeBedrock bedrock, Map<String, int[]> counts) {
    ConverseRequest plain =
        ConverseRequest.builder()
            .modelId(CLAUDE)
            .messages(Scene.user("Hello"))
            .inferenceConfig(c -> c.maxTokens(1_000))
            .build();
    ConverseRequest unlimited = plain.toBuilder().inferenceConfig(c -> c.temperature(1f)).build();
    Document thinking =
        map("thinking", map("budget_tokens", Document.fromNumber(1_024 + random.nextInt(30_000))));
    Document compacts =
        map(
            "context_management",
            Document.mapBuilder()
                .putList("edits", l -> l.addDocument(map("type", Document.fromString("compact_1"))))
                .build());
    String schema = text(2_000);
    Tool tool =
        Tool.fromToolSpec(
            t ->
                t.name("x")
                    .description("d")
                    .inputSchema(s -> s.json(map("image", Document.fromString(schema)))));
    Tool search = Tool.fromSystemTool(SystemTool.builder().name("nova_grounding").build());

    check(bedrock, "no maxTokens", unlimited, 10, 64_000, counts);
    check(
        bedrock,
        "thinking, no maxTokens",
        unlimited.toBuilder().additionalModelRequestFields(thinking).build(),
        10,
        64_000,
        counts);
    check(
        bedrock,
        "thinking",
        plain.toBuilder()
            .inferenceConfig(c -> c.maxTokens(40_000))
            .additionalModelRequestFields(thinking)
            .build(),
        10,
        40_000,
        counts);
    check(
        bedrock,
        "compaction",
        plain.toBuilder().additionalModelRequestFields(compacts).build(),
        5_000,
        4_000,
        counts);
    check(
        bedrock,
        "tool definitions",
        plain.toBuilder().toolConfig(t -> t.tools(List.of(tool))).build(),
        utf8(schema) + 600,
        1_000,
        counts);
    check(
        bedrock,
        "built-in search",
        plain.toBuilder().modelId(NOVA_2).toolConfig(t -> t.tools(List.of(search))).build(),
        90_000,
        3_000,
        counts);
    check(
        bedrock,
        "managed prompt",
        ConverseRequest.builder().modelId(PROMPT).build(),
        60_000,
        9_000,
        counts);
    body(bedrock, counts);
  }

  private void body(FakeBedrock bedrock, Map<String, int[]> counts) {
    String free = text(2_000);
    int pages = 1 + random.nextInt(50);
    String pdf = Base64.getEncoder().encodeToString(Pdfs.compressed(pages));
    String odd = new String[] {"64000.0", "6.4e4", "64000"}[random.nextInt(3)];
    String number = "1".repeat(1_001);
    invoke(
        bedrock,
        "body: odd numbers",
        "{\"x\":" + number + ",\"max_tokens\":" + odd + ",\"messages\":[]}",
        100,
        64_000,
        counts);
    invoke(
        bedrock,
        "body: pdf and free JSON",
        "{\"max_tokens\":9,\"messages\":[{\"content\":[{\"source\":{\"data\":\""
            + pdf
            + "\",\"media_type\":\"application/pdf\"},\"type\":\"document\"},"
            + "{\"type\":\"tool_use\",\"input\":{\"image\":{\"data\":\""
            + free
            + "\"}}}]}]}",
        2_350L * pages + utf8(free),
        9,
        counts);
  }

  private void invoke(
      FakeBedrock bedrock,
      String kind,
      String body,
      long input,
      long output,
      Map<String, int[]> counts) {
    RecordingListener listener = new RecordingListener();
    client(bedrock, listener, input, output)
        .invokeModel(
            InvokeModelRequest.builder()
                .modelId(CLAUDE)
                .body(SdkBytes.fromUtf8String(body))
                .build());
    judge(kind, listener, counts);
  }

  private void check(
      FakeBedrock bedrock,
      String kind,
      ConverseRequest request,
      long input,
      long output,
      Map<String, int[]> counts) {
    RecordingListener listener = new RecordingListener();
    client(bedrock, listener, input, output).converse(request);
    judge(kind, listener, counts);
  }

  private static BedrockRuntimeClient client(
      FakeBedrock bedrock, RecordingListener listener, long input, long output) {
    bedrock.onAnyModel().reply(Reply.text("x").inputTokens(input).outputTokens(output));
    return BedrockMeter.builder().listener(listener).build().wrap(bedrock.client());
  }

  private static void judge(String kind, RecordingListener listener, Map<String, int[]> counts) {
    UsageEvent event = listener.usage();
    boolean isBound = event.call().estimate().isBound();
    if (isBound) {
      for (Meter meter : Meter.TOKENS) {
        assertThat(event.usage().count(meter))
            .as("%s: %s of %s", kind, meter, event.call().estimate())
            .isLessThanOrEqualTo(event.call().estimate().count(meter));
      }
    } else {
      assertThat(event.call().estimate().assumptions()).isNotEmpty();
    }
    counts.computeIfAbsent(kind, k -> new int[2])[isBound ? 0 : 1]++;
  }
}
