// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailContentSource;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.PayloadPart;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/** Every recording is read exactly, as a whole and from each place that states a count. */
class RecordedReadingsTest {
  private static final String METRICS = "amazon-bedrock-invocationMetrics";
  private int exact;
  private int sources;

  @Test
  void everyRecordingIsReadExactly() throws IOException {
    Assumptions.assumeTrue(
        Recording.available(),
        "set " + Recording.FOLDER_VARIABLE + " to the folder of recordings to run this test");
    List<Recording> recordings = Recording.all();

    try (RecordedServer server = new RecordedServer(recordings.get(0))) {
      for (Recording recording : recordings) {
        check(recording, server.serve(recording));
        exact++;
      }
    }

    System.out.printf(
        "%d of %d recordings exact at the readers, %d evidence sources each on its own%n",
        exact, recordings.size(), sources);
    assertThat(exact).isEqualTo(recordings.size()).isGreaterThanOrEqualTo(164);
  }

  private void check(Recording recording, RecordedServer server) {
    if (recording.status() != 200) {
      assertThatThrownBy(() -> call(recording, server))
          .as(recording.name())
          .isInstanceOf(BedrockRuntimeException.class);
      return;
    }
    switch (recording.operation()) {
      case "Converse" -> {
        Reading reading = call(recording, server);
        assertExact(recording, reading);
        sources++;
      }
      case "ConverseStream" -> {
        StreamReader<ConverseStreamOutput> reader = Readers.converseStream(null);
        server.converseStream().forEach(reader::read);
        assertExact(recording, reader.finish());
        sources++;
      }
      case "InvokeModel" -> invokeModel(recording, server);
      case "InvokeModelWithResponseStream" -> invokeModelStream(recording, server);
      case "ApplyGuardrail" -> assertExact(recording, call(recording, server));
      case "CountTokens" -> assertThat(call(recording, server)).isSameAs(Reading.NOTHING);
      default -> throw new IllegalArgumentException(recording.operation());
    }
  }

  private static Reading call(Recording recording, RecordedServer server) {
    String model = recording.modelId();
    switch (recording.operation()) {
      case "Converse" -> {
        ConverseRequest request = ConverseRequest.builder().modelId(model).build();
        return Readers.converse(request, server.client.converse(request));
      }
      case "ApplyGuardrail" -> {
        return Readers.applyGuardrail(
            server.client.applyGuardrail(
                r ->
                    r.guardrailIdentifier("g")
                        .guardrailVersion("1")
                        .source(GuardrailContentSource.INPUT)
                        .content(List.of())));
      }
      case "CountTokens" -> {
        int tokens = server.client.countTokens(r -> r.modelId(model)).inputTokens();
        assertThat(tokens).isEqualTo(recording.expected().path("inputTokens").asInt());
        return Reading.NOTHING; // free, so nothing to read
      }
      case "InvokeModel" -> {
        InvokeModelRequest request = invokeModelRequest(recording);
        return Readers.invokeModel(request, server.client.invokeModel(request));
      }
      case "ConverseStream" ->
          throw failure(
              server.asyncClient.converseStream(
                  r -> r.modelId(model),
                  software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler
                      .builder()
                      .subscriber(event -> {})
                      .build()));
      default ->
          throw failure(
              server.asyncClient.invokeModelWithResponseStream(
                  r -> r.modelId(model),
                  software.amazon.awssdk.services.bedrockruntime.model
                      .InvokeModelWithResponseStreamResponseHandler.builder()
                      .subscriber(event -> {})
                      .build()));
    }
  }

  private static RuntimeException failure(java.util.concurrent.CompletableFuture<Void> call) {
    return (RuntimeException)
        call.handle((nothing, error) -> error.getCause() == null ? error : error.getCause()).join();
  }

  private void invokeModel(Recording recording, RecordedServer server) {
    InvokeModelRequest request = invokeModelRequest(recording);
    InvokeModelResponse response = server.client.invokeModel(request);
    assertExact(recording, Readers.invokeModel(request, response));

    recording
        .expected()
        .path("evidence")
        .properties()
        .forEach(
            evidence -> {
              boolean headers = evidence.getKey().startsWith("response headers");
              InvokeModelResponse only =
                  headers
                      ? response.toBuilder().body(SdkBytes.fromUtf8String("{}")).build()
                      : InvokeModelResponse.builder().body(response.body()).build();
              assertEvidence(
                  recording,
                  evidence,
                  Readers.invokeModel(request, only),
                  headers ? Source.HEADERS : Source.BODY);
            });
  }

  private void invokeModelStream(Recording recording, RecordedServer server) {
    List<ResponseStream> events = server.invokeModelStream();
    Reading reading = read(recording, events);
    assertExact(recording, reading);

    assertThat(kinds(reading).contains(Anomaly.Kind.SOURCES_DISAGREE))
        .as(recording.name())
        .isEqualTo(recording.expected().has("conflict"));
    recording
        .expected()
        .path("evidence")
        .properties()
        .forEach(
            evidence -> {
              boolean metrics = evidence.getKey().equals("stream." + METRICS);
              assertEvidence(
                  recording,
                  evidence,
                  read(recording, only(metrics, events)),
                  metrics ? Source.STREAM_METRICS : Source.BODY);
            });
  }

  private static Reading read(Recording recording, List<ResponseStream> events) {
    StreamReader<ResponseStream> reader =
        Readers.invokeModelStream(
            InvokeModelWithResponseStreamRequest.builder().modelId(recording.modelId()).build());
    events.forEach(reader::read);
    return reader.finish();
  }

  /** The stream with nothing but its metrics, or without them. */
  private static List<ResponseStream> only(boolean metrics, List<ResponseStream> events) {
    List<ResponseStream> kept = new ArrayList<>();
    for (ResponseStream event : events) {
      try {
        ObjectNode chunk =
            (ObjectNode) Recording.MAPPER.readTree(((PayloadPart) event).bytes().asByteArray());
        if (metrics) {
          chunk.retain(METRICS);
        } else {
          chunk.remove(METRICS);
        }
        byte[] bytes = Recording.MAPPER.writeValueAsBytes(chunk);
        kept.add(ResponseStream.chunkBuilder().bytes(SdkBytes.fromByteArray(bytes)).build());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return kept;
  }

  private static InvokeModelRequest invokeModelRequest(Recording recording) {
    return InvokeModelRequest.builder()
        .modelId(recording.modelId())
        .body(SdkBytes.fromByteArray(recording.requestBody()))
        .build();
  }

  private static void assertExact(Recording recording, Reading reading) {
    JsonNode expected = recording.expected();
    boolean intervened = expected.has("guardrailUnits");
    boolean failed = expected.has("streamException");
    assertToken(recording, reading, expected.path("inputTokens"), Meter.INPUT);
    assertToken(recording, reading, expected.path("outputTokens"), Meter.OUTPUT);
    assertToken(recording, reading, expected.path("cacheRead"), Meter.CACHE_READ);
    assertCacheWrites(recording, reading, expected);
    if (intervened) {
      assertUnits(recording, reading, expected.path("guardrailUnits"));
    }
    assertThat(reading.missing())
        .as(recording.name())
        .isEqualTo(failed ? java.util.Set.of(Meter.INPUT, Meter.OUTPUT) : java.util.Set.of());
    assertThat(kinds(reading))
        .as(recording.name())
        .doesNotContain(
            Anomaly.Kind.NOT_A_COUNT, Anomaly.Kind.TOTAL_MISMATCH, Anomaly.Kind.UNREADABLE);
  }

  private void assertEvidence(
      Recording recording, Map.Entry<String, JsonNode> evidence, Reading reading, Source source) {
    sources++;
    Map<String, Meter> meters =
        Map.of(
            "inputTokens", Meter.INPUT,
            "outputTokens", Meter.OUTPUT,
            "cacheRead", Meter.CACHE_READ);
    evidence
        .getValue()
        .properties()
        .forEach(
            count -> {
              Meter meter = meters.get(count.getKey());
              if (meter != null && count.getValue().isNumber()) {
                assertToken(recording, reading, count.getValue(), meter);
                assertThat(usageOf(reading).sources().of(meter))
                    .as(recording.name() + " " + evidence.getKey() + " " + meter)
                    .isIn(source, orInferred(recording, count.getValue(), source));
              }
            });
    if (evidence.getValue().path("cacheWrite").isNumber()) {
      assertCacheWrites(recording, reading, evidence.getValue());
    }
  }

  /** A blocked stream states its input of zero and leaves its output out. */
  private static Source orInferred(Recording recording, JsonNode count, Source source) {
    boolean blocked = recording.expected().has("guardrailUnits") && count.asLong() == 0;
    return blocked ? Source.INFERRED : source;
  }

  private static void assertCacheWrites(Recording recording, Reading reading, JsonNode counts) {
    Usage usage = usageOf(reading);
    assertThat(usage.cacheWriteTokens())
        .as(recording.name())
        .isEqualTo(counts.path("cacheWrite").asLong());
    if (counts.has("cacheWrite1h")) {
      assertThat(usage.cacheWrite1hTokens())
          .as(recording.name())
          .isEqualTo(counts.path("cacheWrite1h").asLong());
    }
    if (counts.has("cacheWrite5m")) {
      assertThat(usage.cacheWrite5mTokens())
          .as(recording.name())
          .isEqualTo(counts.path("cacheWrite5m").asLong());
    }
  }

  private static Usage usageOf(Reading reading) {
    return reading.usage() == null ? Usage.NONE : reading.usage();
  }

  private static List<Anomaly.Kind> kinds(Reading reading) {
    return reading.anomalies().stream().map(Anomaly::kind).toList();
  }

  private static void assertToken(
      Recording recording, Reading reading, JsonNode expected, Meter meter) {
    assertThat(usageOf(reading).count(meter))
        .as(recording.name() + " " + meter)
        .isEqualTo(expected.asLong());
  }

  private static void assertUnits(Recording recording, Reading reading, JsonNode units) {
    units
        .properties()
        .forEach(
            unit -> {
              if (unit.getKey().endsWith("Units")) {
                String policy = unit.getKey().substring(0, unit.getKey().length() - 5);
                assertToken(recording, reading, unit.getValue(), Meter.guardrailUnits(policy));
              }
            });
  }
}
