// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/** Chunks here are synthetic, written after the recorded ones. */
class StreamReadingTest {
  private static final String CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0";
  private static final String START =
      "{\"type\":\"message_start\",\"message\":{\"model\":\"claude-x\",\"usage\":"
          + "{\"input_tokens\":9,\"cache_read_input_tokens\":2,\"output_tokens\":1}}}";
  private static final String TEXT =
      "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"hello\"}}";

  @Test
  void lastMessageDeltaWinsOverStartAndMetrics() {
    StreamReader<ResponseStream> reader =
        Invoked.stream(
            CLAUDE,
            START,
            TEXT,
            "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":5}}",
            "{\"type\":\"message_delta\",\"usage\":{\"input_tokens\":8,\"output_tokens\":7}}",
            "{\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":"
                + "{\"inputTokenCount\":8,\"outputTokenCount\":4}}");

    Reading reading = reader.finish();

    assertThat(Invoked.counts(reading))
        .isEqualTo(Map.of("input", 8L, "output", 7L, "cacheRead", 2L));
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.BODY);
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.SOURCES_DISAGREE);
    assertThat(reader.deliveredCharacters()).isEqualTo(5);
  }

  @Test
  void abandonedStreamKnowsItsInputAndMissesItsOutput() {
    StreamReader<ResponseStream> reader = Invoked.stream(CLAUDE, START, TEXT, TEXT);

    Reading reading = reader.finish();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 9L, "cacheRead", 2L));
    assertThat(reading.missing()).containsExactly(Meter.OUTPUT);
    assertThat(reader.sawOutput()).isTrue();
    assertThat(reader.deliveredCharacters()).isEqualTo(10);
  }

  @Test
  void streamWithoutEventsSawNoOutput() {
    StreamReader<ResponseStream> reader = Invoked.stream(CLAUDE);

    assertThat(reader.sawOutput()).isFalse();
    assertThat(reader.finish().usage()).isNull();
    assertThat(reader.finish().missing()).containsExactlyInAnyOrder(Meter.INPUT, Meter.OUTPUT);
  }

  @Test
  void interventionBeforeTheEndProvesNothing() {
    String masked =
        "{\"outputs\":[{\"text\":\"x\",\"stop_reason\":null}],"
            + "\"amazon-bedrock-guardrailAction\":\"INTERVENED\"}";
    String last =
        "{\"outputs\":[{\"text\":\"\",\"stop_reason\":\"stop\"}],"
            + "\"amazon-bedrock-guardrailAction\":\"INTERVENED\"}";

    Reading abandoned = Invoked.stream("mistral.mistral-7b-instruct-v0:2", masked).finish();
    Reading blocked = Invoked.stream("mistral.mistral-7b-instruct-v0:2", masked, last).finish();

    assertThat(abandoned.missing()).containsExactlyInAnyOrder(Meter.INPUT, Meter.OUTPUT);
    assertThat(blocked.missing()).isEmpty();
    assertThat(Invoked.usage(blocked).source()).isEqualTo(Source.INFERRED);
    assertThat(Invoked.counts(blocked)).isEmpty();
  }

  @Test
  void promptServedByTheCacheWasNotBlocked() {
    Reading reading =
        Invoked.stream(
                CLAUDE,
                "{\"type\":\"message_start\",\"message\":{\"usage\":"
                    + "{\"input_tokens\":0,\"cache_read_input_tokens\":900}}}",
                "{\"type\":\"content_block_delta\",\"delta\":{\"text\":\"x\"},"
                    + "\"amazon-bedrock-guardrailAction\":\"INTERVENED\"}")
            .finish();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("cacheRead", 900L));
    assertThat(reading.missing()).containsExactly(Meter.OUTPUT);
  }

  @Test
  void damagedLastCountIsNotReplacedByAnEarlierOne() {
    Reading reading =
        Invoked.stream(
                "meta.llama3-8b-instruct-v1:0",
                "{\"prompt_token_count\":3,\"generation_token_count\":1}",
                "{\"prompt_token_count\":null,\"generation_token_count\":-2}")
            .finish();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L));
    assertThat(reading.missing()).containsExactly(Meter.OUTPUT);
  }

  @Test
  void chatCompletionsStateTheirUsageInTheLastChunk() {
    Reading reading =
        Invoked.stream(
                "openai.gpt-oss-120b-1:0",
                "{\"choices\":[{\"delta\":{\"content\":\"hi\"}}],\"usage\":null}",
                "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,"
                    + "\"total_tokens\":7}}")
            .finish();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("input", 3L, "output", 4L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void openingResponseNamesTheTier() {
    StreamReader<ResponseStream> reader = Invoked.stream(CLAUDE);

    reader.started(InvokeModelWithResponseStreamResponse.builder().serviceTier("priority").build());

    assertThat(reader.finish().tier()).isEqualTo("priority");
  }

  @Test
  void lastTotalOfASessionCounts() {
    String first = usageEvent(10, 1, 20, 2);
    String last = usageEvent(30, 3, 40, 4);

    Reading reading = session(first, last);

    assertThat(Invoked.counts(reading))
        .isEqualTo(
            Map.of("input", 3L, "output", 4L, "inputSpeechTokens", 30L, "outputSpeechTokens", 40L));
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void sessionWithoutASplitIsSpeech() {
    Reading reading =
        session("{\"event\":{\"usageEvent\":{\"totalInputTokens\":33,\"totalOutputTokens\":44}}}");

    assertThat(Invoked.counts(reading))
        .isEqualTo(Map.of("inputSpeechTokens", 33L, "outputSpeechTokens", 44L));
  }

  @Test
  void sessionWithoutUsageMissesAllFour() {
    assertThat(session("{\"event\":{\"textOutput\":{\"content\":\"hi\"}}}").missing()).hasSize(4);
  }

  private static Reading session(String... chunks) {
    StreamReader<InvokeModelWithBidirectionalStreamOutput> reader = Readers.bidirectionalStream();
    for (String chunk : chunks) {
      reader.read(
          InvokeModelWithBidirectionalStreamOutput.chunkBuilder()
              .bytes(SdkBytes.fromUtf8String(chunk))
              .build());
    }
    return reader.finish();
  }

  private static String usageEvent(int speechIn, int textIn, int speechOut, int textOut) {
    return """
        {"event":{"usageEvent":{"totalInputTokens":%d,"totalOutputTokens":%d,"details":{
         "delta":{"input":{"speechTokens":1,"textTokens":1},"output":{"speechTokens":1,"textTokens":1}},
         "total":{"input":{"speechTokens":%d,"textTokens":%d},"output":{"speechTokens":%d,"textTokens":%d}}}}}}
        """
        .formatted(speechIn + textIn, speechOut + textOut, speechIn, textIn, speechOut, textOut);
  }
}
