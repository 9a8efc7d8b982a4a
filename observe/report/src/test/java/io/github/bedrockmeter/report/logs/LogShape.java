// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.internal.reading.JsonNames;
import io.github.bedrockmeter.internal.reading.LogRecord;
import io.github.bedrockmeter.internal.reading.LogRecordReader;
import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.Skipped;
import io.github.bedrockmeter.report.progress.Progress;
import io.github.bedrockmeter.usage.Meter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** One collected shape, and what differs from what its file expects. */
final class LogShape {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int SOME_WORDS = 12;

  private final JsonNode record;
  private final JsonNode expected;
  private final String kind;
  private final List<String> differences = new ArrayList<>();

  LogShape(JsonNode file) {
    this.record = file.get("record");
    this.expected = file.get("expected");
    this.kind = file.get("kind").asText();
  }

  List<String> differences() throws IOException {
    if (kind.equals("s3-keys")) {
      keys();
    } else if (kind.startsWith("s3-")) {
      object();
    } else {
      content();
    }
    return differences;
  }

  private void keys() {
    List<Boolean> accepted = new ArrayList<>();
    record.forEach(key -> accepted.add(LogKeys.refused(key.asText()) == null));
    List<Boolean> wanted = new ArrayList<>();
    expected.get("accept").forEach(accept -> wanted.add(accept.asBoolean()));
    same("accept", wanted, accepted);
  }

  /** An object that is to be skipped by its key; its content would be no record either. */
  private void object() throws IOException {
    JsonNode key = record.get("key");
    int records = expected.path("records").asInt(0);
    if (key != null) {
      same("skipped by its key", records == 0, LogKeys.refused(key.asText()) != null);
    }
    JsonNode body = record.get("body");
    if (body != null && records == 0) {
      same("records", 0, read(body.isTextual() ? body.asText() : body.toString()).calls.size());
    }
  }

  private void content() throws IOException {
    String compact =
        kind.equals("line") && record.isTextual() ? record.asText() : record.toString();
    Found line = read(compact);
    Found document = readAsFile(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(record));
    same("calls of a document", line.calls.size(), document.calls.size());
    if (!kind.equals("line")) {
      same("skipped of a document", line.skipped.size(), document.skipped.size());
    }
    noText(line);

    boolean isUnknown =
        line.skipped.stream().anyMatch(s -> s.reason() == Skipped.Reason.UNKNOWN_OPERATION);
    if (kind.equals("record")) {
      stated(compact);
      if (isUnknown) {
        same("calls", 0, line.calls.size());
        return;
      }
      same("calls", 1, line.calls.size());
      same("skipped", 0, line.skipped.size());
    } else {
      same("calls", expected.path("records").asInt(0), line.calls.size());
      if (expected.has("skipped")) {
        same("skipped", expected.get("skipped").asInt(), line.skipped.size());
      }
    }
    if (!line.calls.isEmpty()) {
      facts(line.calls.get(0));
    }
  }

  /** What the record states outside its bodies, null for null. */
  private void stated(String compact) throws IOException {
    try (JsonParser json =
        JsonNames.ofRequests().createParser(compact.getBytes(StandardCharsets.UTF_8))) {
      json.nextToken();
      LogRecord read = LogRecordReader.read(json, (name, parser) -> false);
      same("record", true, read.isRecord());
      same("stated input", number("inputTokens"), read.stated().input());
      same("stated output", number("outputTokens"), read.stated().output());
      same("stated cache reads", number("cacheRead", "TopLevel"), read.stated().cacheRead());
      same("stated cache writes", number("cacheWrite", "TopLevel"), read.stated().cacheWrite());
      same("operation", text("operation"), read.call().operation());
      same("model", text("modelId"), read.call().modelId());
      same("request", text("requestId"), read.call().requestId());
      same("region", text("region"), read.origin().region());
      same("principal", text("principal"), read.origin().principal());
      same("error", text("error"), read.call().errorCode());
    }
  }

  private void facts(CallFacts call) {
    same("operation", text("operation"), call.model().operation());
    same("model", text("modelId"), call.model().modelId());
    same("request", text("requestId"), call.identity().requestId());
    same("region", text("region"), call.identity().region());
    same("principal", text("principal"), call.identity().principal());
    same("error", text("error"), call.outcome().error());
    if (expected.has("inferenceRegion")) {
      same("inference region", text("inferenceRegion"), call.identity().inferenceRegion());
    }
    if (expected.has("requestMetadata")) {
      Map<String, String> tags = new HashMap<>();
      expected
          .get("requestMetadata")
          .properties()
          .forEach(e -> tags.put(e.getKey(), e.getValue().asText()));
      same("tags", tags, call.details().tags());
    }
    if ("optimized".equals(text("performanceLatency"))) {
      same("tier", "latency", call.model().tier());
    }
    boolean hasUnits =
        call.details().charges().stream()
            .anyMatch(charge -> !new Meter(charge.meter()).countsTokens());
    boolean isInferred = hasUnits || "INFERRED".equals(call.counts().source());
    count("input", number("inputTokens", "Body"), call.counts().input(), isInferred);
    boolean hasNoOutput = String.valueOf(call.model().modelId()).contains("embed");
    count(
        "output",
        number("outputTokens", "Body"),
        call.counts().output(),
        isInferred || hasNoOutput);
    boolean isKnown = call.counts().input() != null;
    count("cache reads", cache("cacheRead"), call.counts().cacheRead(), isKnown);
    count("cache writes", cache("cacheWrite"), call.counts().cacheWrite(), isKnown);
    for (String lifetime : List.of("5m", "1h")) {
      Long written = number("cacheWrite" + lifetime);
      if (written != null) {
        same("written for " + lifetime, written, charged(call, "cacheWrite." + lifetime));
      }
    }
    boolean hasReason = call.money().unpricedReason() != null;
    same("a cost or a reason", true, (call.money().costUsd() == null) == hasReason);
  }

  private static long charged(CallFacts call, String meter) {
    return call.details().charges().stream()
        .filter(charge -> charge.meter().equals(meter))
        .mapToLong(CallFacts.Charge::units)
        .sum();
  }

  /** Zero may stand where nothing is stated, if that follows from what else is stated. */
  private void count(String what, @Nullable Long wanted, @Nullable Long found, boolean mayBeZero) {
    if (wanted == null && mayBeZero) {
      same(what, true, found == null || found == 0);
    } else {
      same(what, wanted, found);
    }
  }

  private @Nullable Long cache(String name) {
    Long body = number(name, "Body");
    return body == null ? number(name, "TopLevel") : body;
  }

  private @Nullable Long number(String name) {
    JsonNode node = expected.get(name);
    return node == null || node.isNull() ? null : node.asLong();
  }

  private @Nullable Long number(String name, String place) {
    Long there = number(name + place);
    return there == null ? number(name) : there;
  }

  private @Nullable String text(String name) {
    JsonNode node = expected.get(name);
    return node == null || node.isNull() ? null : node.asText();
  }

  /** No run of words of a body is anywhere in what was read. */
  private void noText(Found found) {
    String all = found.toString();
    texts(record)
        .filter(text -> text.length() > SOME_WORDS && text.indexOf(' ') > 0)
        .filter(text -> !text.startsWith("{") && all.contains(text))
        .filter(text -> !isOutside(text))
        .findFirst()
        .ifPresent(text -> differences.add("a text of " + text.length() + " characters was kept"));
  }

  private boolean isOutside(String text) {
    return Stream.of(expected.path("requestMetadata"), record.path("timestamp"))
        .anyMatch(node -> node.toString().contains(text));
  }

  private static Stream<String> texts(JsonNode node) {
    if (node.isTextual()) {
      return Stream.of(node.asText());
    }
    List<String> all = new ArrayList<>();
    node.forEach(child -> texts(child).forEach(all::add));
    return all.stream();
  }

  private void same(String what, @Nullable Object wanted, @Nullable Object found) {
    if (!Objects.equals(wanted, found)) {
      differences.add("%s: expected %s, read %s".formatted(what, wanted, found));
    }
  }

  private record Found(List<CallFacts> calls, List<Skipped> skipped) {}

  private static Found read(String line) {
    LogLines.Facts facts = LogLines.pricedBy(PriceSource.catalog()).read("line", 1, line);
    return new Found(facts.calls(), facts.skipped());
  }

  private static Found readAsFile(String text) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    Found found = new Found(new ArrayList<>(), new ArrayList<>());
    LogFile file =
        LogFile.of(
            "file",
            new ByteArrayInputStream(packed.toByteArray()),
            LogLines.pricedBy(PriceSource.catalog()),
            Progress.NONE);
    FactSink sink =
        new FactSink() {
          @Override
          public void call(CallFacts facts) {
            found.calls.add(facts);
          }

          @Override
          public void skipped(Skipped skipped) {
            found.skipped.add(skipped);
          }
        };
    while (file.next(sink)) {
      // until its end
    }
    return found;
  }
}
