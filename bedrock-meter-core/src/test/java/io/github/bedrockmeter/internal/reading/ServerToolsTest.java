// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlockStartEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamMetadataEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

/** Tools that the provider runs cost money beside the tokens; the answer's blocks show them. */
class ServerToolsTest {
  private static final String NOVA = "us.amazon.nova-2-lite-v1:0";
  private static final TokenUsage TOKENS =
      TokenUsage.builder().inputTokens(1).outputTokens(2).totalTokens(3).build();

  private static ContentBlock ran(String tool) {
    return ContentBlock.fromToolUse(t -> t.name(tool).toolUseId("1").type("server_tool_use"));
  }

  private static Reading converse(ContentBlock... blocks) {
    return Readers.converse(
        ConverseRequest.builder().modelId(NOVA).build(),
        ConverseResponse.builder()
            .usage(TOKENS)
            .output(o -> o.message(m -> m.role("assistant").content(blocks)))
            .build());
  }

  @Test
  void theRecordedGroundingIsOneSearch() throws IOException {
    if (!Recording.available()) {
      System.out.println(
          "not run: theRecordedGroundingIsOneSearch needs " + Recording.FOLDER_VARIABLE);
    }
    Assumptions.assumeTrue(Recording.available(), "set " + Recording.FOLDER_VARIABLE);
    Recording grounded =
        Recording.all().stream()
            .filter(r -> r.name().contains("nova-2-lite-v1-0__015"))
            .findFirst()
            .orElseThrow();
    try (RecordedServer server = new RecordedServer(grounded)) {
      ConverseRequest request = ConverseRequest.builder().modelId(grounded.modelId()).build();
      Reading reading = Readers.converse(request, server.serve(grounded).client.converse(request));

      assertThat(Invoked.counts(reading))
          .isEqualTo(Map.of("input", 141L, "output", 322L, "webSearches", 1L));
    }
  }

  @Test
  void everySearchOfAConverseAnswerCounts() {
    assertThat(Invoked.counts(converse(ran("nova_grounding"), ran("nova_grounding"))))
        .isEqualTo(Map.of("input", 1L, "output", 2L, "webSearches", 2L));
  }

  @Test
  void anotherToolCountsByItsName() {
    assertThat(Invoked.counts(converse(ran("nova_code_interpreter"), ran("odd tool/1"))))
        .isEqualTo(
            Map.of(
                "input",
                1L,
                "output",
                2L,
                "toolRuns.nova_code_interpreter",
                1L,
                "toolRuns.odd_tool_1",
                1L));
  }

  @Test
  void toolsOfTheCallerCostNothing() {
    ContentBlock own = ContentBlock.fromToolUse(t -> t.name("web_search").toolUseId("1"));

    assertThat(Invoked.counts(converse(own))).isEqualTo(Map.of("input", 1L, "output", 2L));
  }

  @Test
  void aStreamCountsThemToo() {
    StreamReader<ConverseStreamOutput> reader = Readers.converseStream(NOVA);
    reader.read(
        ContentBlockStartEvent.builder()
            .start(
                s ->
                    s.toolUse(t -> t.name("nova_grounding").toolUseId("1").type("server_tool_use")))
            .build());
    reader.read(ConverseStreamMetadataEvent.builder().usage(TOKENS).build());

    assertThat(Invoked.counts(reader.finish()))
        .isEqualTo(Map.of("input", 1L, "output", 2L, "webSearches", 1L));
  }

  @Test
  void bodiesOfEveryFamilyShowThem() {
    String anthropic =
        "{\"content\":[{\"type\":\"server_tool_use\",\"id\":\"1\",\"name\":\"web_search\","
            + "\"input\":{\"type\":\"server_tool_use\",\"name\":\"web_search\"}}],"
            + "\"usage\":{\"input_tokens\":1,\"output_tokens\":2%s}}";
    String nova =
        "{\"output\":{\"message\":{\"content\":[{\"toolUse\":{\"name\":\"nova_grounding\","
            + "\"type\":\"server_tool_use\"}}]}},\"usage\":{\"inputTokens\":1,\"outputTokens\":2}}";
    String openAi =
        "{\"output\":[{\"type\":\"web_search_call\"},{\"type\":\"function_call\"}],"
            + "\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}";

    Map<String, Long> one = Map.of("input", 1L, "output", 2L, "webSearches", 1L);
    assertThat(counts("anthropic.claude-x", anthropic.formatted(""))).isEqualTo(one);
    assertThat(
            counts(
                "anthropic.claude-x",
                anthropic.formatted(
                    ",\"server_tool_use\":{\"web_search_requests\":1,\"web_fetch_requests\":9}")))
        .isEqualTo(one);
    assertThat(counts("amazon.nova-2-lite-v1:0", nova)).isEqualTo(one);
    assertThat(counts("openai.gpt-6-sol", openAi)).isEqualTo(one);
  }

  private static Map<String, Long> counts(String model, String body) {
    return Invoked.counts(Invoked.model(model).body(body).read());
  }

  @Test
  void chunksOfEveryFamilyShowThem() {
    Map<String, Long> one = Map.of("input", 1L, "output", 2L, "webSearches", 1L);
    assertThat(
            Invoked.counts(
                Invoked.stream(
                        "anthropic.claude-x",
                        "{\"type\":\"content_block_start\",\"content_block\":"
                            + "{\"type\":\"server_tool_use\",\"name\":\"web_search\"}}",
                        "{\"type\":\"message_delta\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2,"
                            + "\"server_tool_use\":{\"web_search_requests\":1}}}")
                    .finish()))
        .isEqualTo(one);
    assertThat(
            Invoked.counts(
                Invoked.stream(
                        "amazon.nova-2-lite-v1:0",
                        "{\"contentBlockStart\":{\"start\":{\"toolUse\":{\"name\":\"nova_grounding\","
                            + "\"type\":\"server_tool_use\"}}}}",
                        "{\"metadata\":{\"usage\":{\"inputTokens\":1,\"outputTokens\":2}}}")
                    .finish()))
        .isEqualTo(one);
  }
}
