// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Answer.object;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bedrockmeter.testkit.Transmission.Ending;
import io.github.bedrockmeter.testkit.Transmission.Part;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/** Turns a reply into the bytes Bedrock would send to one request. */
final class Rendering {

  private static final String JSON = "application/json";
  private static final String EVENT_STREAM = "application/vnd.amazon.eventstream";
  private static final String ERROR_NAMESPACE =
      ":http://internal.amazon.com/coral/com.amazon.bedrock/";

  /**
   * Filler of random length on the real wire, so that the size of a frame does not reveal its text.
   */
  private static final String PADDING = "abcdefghijkl";

  /** A frame of a stream before it is encoded. */
  private record Event(String type, ObjectNode payload, boolean text) {}

  private final Reply reply;
  private final ReceivedRequest request;
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  private Rendering(Reply reply, ReceivedRequest request) {
    this.reply = reply;
    this.request = request;
  }

  static Transmission of(Reply reply, ReceivedRequest request) {
    return new Rendering(reply, request).transmission();
  }

  private Transmission transmission() {
    if (request.operation().equals(ReceivedRequest.UNKNOWN_OPERATION)) {
      return error(
          404,
          "UnknownOperationException",
          "FakeBedrock does not know this request; it answers POST /model/{modelId}/converse,"
              + " converse-stream, invoke, invoke-with-response-stream and count-tokens, and POST"
              + " /guardrail/{id}/version/{version}/apply. The path was: "
              + request.path());
    }
    return switch (reply.kind) {
      case TEXT -> text();
      case ERROR -> error(reply.status, String.valueOf(reply.errorType), reply.text);
      case RECORDED ->
          respond(reply.status, List.of(now(reply.recordedBody)), isEventStream(reply.headers));
      case RESET -> Transmission.withoutResponse(Ending.RESET, reply.delay);
      case SILENCE -> Transmission.withoutResponse(Ending.SILENCE, reply.delay);
    };
  }

  private static boolean isEventStream(Map<String, String> headers) {
    return headers.getOrDefault("content-type", "").startsWith(EVENT_STREAM);
  }

  private Transmission error(int status, String type, String message) {
    headers.put("x-amzn-ErrorType", type + ERROR_NAMESPACE);
    return json(status, object().put("message", message));
  }

  private Transmission text() {
    Answer answer = Answer.of(reply, request);
    return switch (request.operation()) {
      case "Converse" -> json(200, converse(answer));
      case "ConverseStream" -> stream(converseEvents(answer));
      case "InvokeModel" -> invokeModel(answer);
      case "InvokeModelWithResponseStream" -> invokeModelStream(answer);
      case "CountTokens" -> json(200, object().put("inputTokens", answer.inputTokens()));
      case "ApplyGuardrail" -> json(200, guardrail(answer));
      default -> throw new IllegalStateException("no rendering for " + request.operation());
    };
  }

  // Converse

  private ObjectNode converse(Answer answer) {
    ObjectNode body = object();
    ObjectNode message = body.putObject("output").putObject("message").put("role", "assistant");
    message.putArray("content").addObject().put("text", answer.text());
    body.put("stopReason", converseStopReason(answer));
    putConverseMetadata(body, answer);
    return body;
  }

  private static String converseStopReason(Answer answer) {
    return answer.stopReasonOr(answer.guardrailIntervened() ? "guardrail_intervened" : "end_turn");
  }

  /** What ends a Converse body and fills the last event of a ConverseStream. */
  private void putConverseMetadata(ObjectNode target, Answer answer) {
    target.putObject("metrics").put("latencyMs", answer.latencyMillis());
    if (answer.usageReported()) {
      target.set("usage", converseUsage(answer));
    }
    if (reply.serviceTier != null) {
      target.putObject("serviceTier").put("type", reply.serviceTier);
    }
    if (reply.performanceLatency != null) {
      target.putObject("performanceConfig").put("latency", reply.performanceLatency);
    }
  }

  private static ObjectNode converseUsage(Answer answer) {
    ObjectNode usage =
        object()
            .put("inputTokens", answer.inputTokens())
            .put("outputTokens", answer.outputTokens())
            .put("totalTokens", answer.totalTokens());
    ModelFamily.putCounts(usage, "cacheReadInputTokens", "cacheWriteInputTokens", answer);
    // The wire has each count twice; the SDK reads the names above.
    ModelFamily.putCounts(usage, "cacheReadInputTokenCount", "cacheWriteInputTokenCount", answer);
    if (!answer.cacheWriteByTtl().isEmpty()) {
      ArrayNode details = usage.putArray("cacheDetails");
      answer
          .cacheWriteByTtl()
          .forEach((ttl, n) -> details.addObject().put("ttl", ttl).put("inputTokens", n));
    }
    usage.putObject("serverToolUsage");
    return usage;
  }

  private List<Event> converseEvents(Answer answer) {
    List<Event> events = new ArrayList<>();
    events.add(new Event("messageStart", object().put("role", "assistant"), false));
    for (String piece : answer.pieces()) {
      ObjectNode delta = object().put("contentBlockIndex", 0);
      delta.putObject("delta").put("text", piece);
      events.add(new Event("contentBlockDelta", delta, true));
    }
    events.add(new Event("contentBlockStop", object().put("contentBlockIndex", 0), false));
    events.add(
        new Event("messageStop", object().put("stopReason", converseStopReason(answer)), false));
    ObjectNode metadata = object();
    putConverseMetadata(metadata, answer);
    events.add(new Event("metadata", metadata, false));
    return events;
  }

  // InvokeModel

  private Transmission invokeModel(Answer answer) {
    ModelFamily family = ModelFamily.of(request.modelId());
    putModeHeaders();
    // A blocked prompt ran no model, and Bedrock then sends neither counts nor a latency.
    if (!answer.blockedInput()) {
      headers.put("X-Amzn-Bedrock-Invocation-Latency", Long.toString(answer.latencyMillis()));
      if (answer.usageReported()) {
        putCountHeaders(answer, family.hasOutputTokens());
      }
    }
    ObjectNode body = family.body(answer);
    putGuardrailAction(body, answer);
    return json(200, body);
  }

  private void putCountHeaders(Answer answer, boolean withOutput) {
    headers.put("X-Amzn-Bedrock-Input-Token-Count", Long.toString(answer.inputTokens()));
    if (withOutput) {
      headers.put("X-Amzn-Bedrock-Output-Token-Count", Long.toString(answer.outputTokens()));
    }
    if (answer.cacheReadTokens() != null) {
      headers.put(
          "X-Amzn-Bedrock-Cache-Read-Input-Token-Count", answer.cacheReadTokens().toString());
    }
    if (answer.cacheWriteTokens() != null) {
      headers.put(
          "X-Amzn-Bedrock-Cache-Write-Input-Token-Count", answer.cacheWriteTokens().toString());
    }
  }

  private void putModeHeaders() {
    if (reply.serviceTier != null) {
      headers.put("X-Amzn-Bedrock-Service-Tier", reply.serviceTier);
    }
    if (reply.performanceLatency != null) {
      headers.put("X-Amzn-Bedrock-PerformanceConfig-Latency", reply.performanceLatency);
    }
  }

  private static void putGuardrailAction(ObjectNode body, Answer answer) {
    if (answer.guardrailIntervened()) {
      body.put("amazon-bedrock-guardrailAction", "INTERVENED");
    }
  }

  private Transmission invokeModelStream(Answer answer) {
    ModelFamily family = ModelFamily.of(request.modelId());
    if (!family.hasOutputTokens()) {
      return error(
          400, "ValidationException", "The model is unsupported for streaming. Try InvokeModel.");
    }
    putModeHeaders();
    headers.put("X-Amzn-Bedrock-Content-Type", JSON);
    List<ModelFamily.Chunk> chunks = family.chunks(answer);
    ObjectNode last = chunks.get(chunks.size() - 1).json();
    putGuardrailAction(last, answer);
    if (answer.usageReported() && !answer.blockedInput()) {
      ObjectNode metrics =
          last.putObject("amazon-bedrock-invocationMetrics")
              .put("inputTokenCount", answer.inputTokens())
              .put("outputTokenCount", answer.outputTokens())
              .put("invocationLatency", answer.latencyMillis())
              .put("firstByteLatency", answer.latencyMillis());
      ModelFamily.putCounts(
          metrics, "cacheReadInputTokenCount", "cacheWriteInputTokenCount", answer);
    }
    List<Event> events = new ArrayList<>();
    for (ModelFamily.Chunk chunk : chunks) {
      String bytes = Base64.getEncoder().encodeToString(utf8(chunk.json()));
      events.add(new Event("chunk", object().put("bytes", bytes), chunk.text()));
    }
    return stream(events);
  }

  // ApplyGuardrail

  private ObjectNode guardrail(Answer answer) {
    boolean intervened = answer.guardrailIntervened();
    ObjectNode body = object().put("action", intervened ? "GUARDRAIL_INTERVENED" : "NONE");
    ArrayNode outputs = body.putArray("outputs");
    if (intervened) {
      outputs.addObject().put("text", answer.text());
    }
    body.putArray("assessments");
    body.putObject("usage")
        .put("topicPolicyUnits", 0)
        .put("contentPolicyUnits", 1)
        .put("wordPolicyUnits", 0)
        .put("sensitiveInformationPolicyUnits", 0)
        .put("sensitiveInformationPolicyFreeUnits", 0)
        .put("contextualGroundingPolicyUnits", 0);
    return body;
  }

  // Streams

  private Transmission stream(List<Event> events) {
    headers.put("Content-Type", EVENT_STREAM);
    List<Part> parts = new ArrayList<>();
    int textChunks = 0;
    int cut = interruptionIndex(events);
    for (Event event : events.subList(0, cut)) {
      boolean pause = event.text() && textChunks++ > 0;
      parts.add(new Part(frame(event), pause ? reply.delayBetweenChunks : Duration.ZERO));
    }
    switch (reply.interruption) {
      case NONE, END -> {}
      case EXCEPTION -> parts.add(now(exceptionFrame()));
      case DROP -> parts.add(now(frame(events.get(cut))));
      case CORRUPT_FRAME -> {
        byte[] frame = frame(events.get(cut));
        frame[frame.length - 1] ^= 1; // the last four bytes are the checksum
        parts.add(now(frame));
      }
    }
    return respond(200, parts, true);
  }

  /** How many events a stream sends before it is interrupted; all of them if it never is. */
  private int interruptionIndex(List<Event> events) {
    if (reply.interruption == Reply.Interruption.NONE) {
      return events.size();
    }
    int index = 0;
    int textChunks = 0;
    for (int i = 0; i < events.size() && textChunks < reply.interruptedAfterChunks; i++) {
      if (events.get(i).text()) {
        textChunks++;
        index = i + 1;
      }
    }
    return index;
  }

  private static byte[] frame(Event event) {
    Map<String, HeaderValue> headers = new LinkedHashMap<>();
    headers.put(":event-type", HeaderValue.fromString(event.type()));
    headers.put(":content-type", HeaderValue.fromString(JSON));
    headers.put(":message-type", HeaderValue.fromString("event"));
    return encode(new Message(headers, utf8(event.payload().put("p", PADDING))));
  }

  private byte[] exceptionFrame() {
    Map<String, HeaderValue> headers = new LinkedHashMap<>();
    headers.put(":exception-type", HeaderValue.fromString(reply.exceptionType));
    headers.put(":content-type", HeaderValue.fromString(JSON));
    headers.put(":message-type", HeaderValue.fromString("exception"));
    return encode(new Message(headers, utf8(object().put("message", reply.exceptionMessage))));
  }

  private static byte[] encode(Message message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    message.encode(bytes);
    return bytes.toByteArray();
  }

  // Every response

  private Transmission json(int status, ObjectNode body) {
    headers.put("Content-Type", JSON);
    return respond(status, List.of(now(utf8(body))), false);
  }

  private Transmission respond(int status, List<Part> parts, boolean chunked) {
    headers.putAll(reply.headers);
    if (reply.requestId != null) {
      headers.put("x-amzn-RequestId", reply.requestId);
    } else {
      headers.putIfAbsent("x-amzn-RequestId", UUID.randomUUID().toString());
    }
    boolean dropped =
        reply.kind == Reply.Kind.TEXT && reply.interruption == Reply.Interruption.DROP;
    return new Transmission(
        reply.delay,
        status,
        headers,
        reply.trickleBytes > 0 ? trickled(parts) : parts,
        chunked,
        dropped ? Ending.DROP : Ending.COMPLETE);
  }

  private List<Part> trickled(List<Part> parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    parts.forEach(part -> joined.writeBytes(part.bytes()));
    byte[] body = joined.toByteArray();
    List<Part> trickled = new ArrayList<>();
    for (int from = 0; from < body.length; from += reply.trickleBytes) {
      int to = Math.min(body.length, from + reply.trickleBytes);
      Duration pause = from == 0 ? Duration.ZERO : reply.trickleDelay;
      trickled.add(new Part(Arrays.copyOfRange(body, from, to), pause));
    }
    return trickled;
  }

  private static Part now(byte[] bytes) {
    return new Part(bytes, Duration.ZERO);
  }

  private static byte[] utf8(ObjectNode json) {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }
}
