// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.cloudwatch.EmfLines.Properties;
import io.github.bedrockmeter.cloudwatch.EmfLines.Values;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a line says about a call: numbers, money, ids and tags, and no text of an exception or a
 * policy, which may quote a prompt. Confined to one thread.
 */
final class CallLines {
  /** Tags may come from outside; with all else, a line stays below a quarter of a megabyte. */
  private static final int MOST_TAG_CHARACTERS = 24_000;

  private static final int MOST_AMENDMENTS = 10;
  private static final int MOST_UNITS = 10;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final EmfLines lines;
  private final Combinations combinations;
  private final DimensionTags tags;

  /**
   * The tags whose values are dimensions. Immutable.
   *
   * @param costCenter for {@code CostCenter}
   * @param application for {@code Application}
   * @param environment for {@code Environment}
   */
  record DimensionTags(String costCenter, String application, String environment) {}

  CallLines(EmfLines lines, Combinations combinations, DimensionTags tags) {
    this.lines = lines;
    this.combinations = combinations;
    this.tags = tags;
  }

  /** The line of a call that ended. */
  byte[] of(UsageEvent event, long atMillis) {
    Usage usage = event.usage();
    Values values = new Values().one(Metric.TOTAL_REQUESTS).one(Metric.RATE_LIMIT_APPROVED);
    String outcome = "failed";
    if (event.outcome() instanceof CallOutcome.Completed) {
      outcome = "succeeded";
      values.count(Metric.INPUT_TOKENS, usage.inputTokens());
      values.count(Metric.OUTPUT_TOKENS, usage.outputTokens());
    } else {
      values.countIfAny(Metric.UNFINISHED_INPUT_TOKENS, usage.inputTokens());
      values.countIfAny(Metric.UNFINISHED_OUTPUT_TOKENS, usage.outputTokens());
      if (event.outcome() instanceof CallOutcome.Cancelled) {
        outcome = "cancelled";
        values.one(Metric.CALLS_CANCELLED);
      } else {
        values.one(Metric.INVOCATION_FAILED);
      }
    }
    values.countIfAny(Metric.CACHE_READ_TOKENS, usage.cacheReadTokens());
    values.countIfAny(Metric.CACHE_WRITE_TOKENS, usage.cacheWriteTokens());
    addCost(event.cost(), values);
    return line(
        event.call(), event.requestId(), outcome, atMillis, values, json -> write(event, json));
  }

  /** An unknown cost is never zero: only its known part, if it has one, is in the sum. */
  private static void addCost(Cost cost, Values values) {
    BigDecimal known = cost.atLeastUsd();
    if (cost instanceof Cost.Unknown) {
      values.one(Metric.UNPRICED_CALLS);
      if (known.signum() == 0) {
        return;
      }
    }
    values.amount(Metric.COST_USD, known);
  }

  /** The line of a denial. One that is not enforced is no request: the call itself follows. */
  byte[] of(DenialEvent event, long atMillis) {
    Values values = new Values();
    if (event.enforced()) {
      values.one(Metric.TOTAL_REQUESTS).one(Metric.RATE_LIMIT_DENIED);
    } else {
      values.one(Metric.WOULD_BE_DENIED);
    }
    String outcome = event.enforced() ? "denied" : "would be denied";
    return line(event.call(), null, outcome, atMillis, values, json -> write(event.denial(), json));
  }

  /** The line about lines that were lost. */
  byte[] dropped(long count, long atMillis) {
    return lines.line(atMillis, new Values().count(Metric.LINES_DROPPED, count));
  }

  private byte[] line(
      MeteredCall call,
      @Nullable String requestId,
      String outcome,
      long atMillis,
      Values values,
      Properties more) {
    Combination own =
        new Combination(
            SafeText.dimension(ModelId.of(call.requestedModel()).shortName()),
            SafeText.dimension(call.modelMetric()),
            SafeText.dimension(call.tags().get(tags.costCenter())),
            SafeText.dimension(call.tags().get(tags.application())),
            SafeText.dimension(call.tags().get(tags.environment())));
    Combination kept = combinations.kept(own);
    if (!kept.equals(own)) {
      values.one(Metric.LINES_FOLDED);
    }
    return lines.line(
        atMillis,
        kept,
        values,
        json -> {
          text(json, "outcome", outcome);
          text(json, "time", Instant.ofEpochMilli(atMillis).toString());
          text(json, "callId", call.id());
          text(json, "requestId", requestId);
          write(call, json);
          more.writeTo(json);
        });
  }

  private static void write(MeteredCall call, JsonGenerator json) throws IOException {
    text(json, "operation", call.operation());
    text(json, "requestedModel", call.requestedModel());
    text(json, "calledModel", call.modelId());
    text(json, "modelMetric", call.modelMetric());
    text(json, "region", call.region());
    text(json, "tier", call.pricing().tier());
    text(json, "startedAt", call.startedAt().toString());
    writeTags(call.tags().asMap(), json);
    if (!call.amendments().isEmpty()) {
      json.writeArrayFieldStart("amendments");
      for (Amendment amendment : call.amendments().stream().limit(MOST_AMENDMENTS).toList()) {
        json.writeStartObject();
        text(json, "kind", amendment.getClass().getSimpleName());
        text(json, "budget", amendment.budget());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  /** All tags, in an object of their own, so that none has the name of a metric. */
  private static void writeTags(Map<String, String> all, JsonGenerator json) throws IOException {
    int characters = 0;
    int left = all.size();
    Set<String> names = new HashSet<>();
    Iterator<Map.Entry<String, String>> tags = all.entrySet().iterator();
    json.writeObjectFieldStart("tags");
    while (tags.hasNext() && characters < MOST_TAG_CHARACTERS) {
      Map.Entry<String, String> tag = tags.next();
      String name = SafeText.property(tag.getKey());
      String value = SafeText.property(tag.getValue());
      if (names.add(name)) { // two very long names may be the same after they were cut
        json.writeStringField(name, value);
        characters += name.length() + value.length();
        left--;
      }
    }
    json.writeEndObject();
    if (left > 0) {
      json.writeNumberField("tagsLeftOut", left);
    }
  }

  private static void write(UsageEvent event, JsonGenerator json) throws IOException {
    if (event.outcome() instanceof CallOutcome.Failed failed) {
      text(json, "error", failed.error());
      json.writeNumberField("statusCode", failed.statusCode());
    }
    text(json, "end", event.outcome().getClass().getSimpleName());
    text(json, "charge", event.charge().name());
    text(json, "sent", event.sent().name());
    text(json, "answeredBy", event.answeredBy());
    json.writeNumberField("elapsedMillis", event.elapsedNanos() / NANOS_PER_MILLI);
    if (event.stream() != null && event.stream().firstChunkNanos() != null) {
      json.writeNumberField("firstChunkMillis", event.stream().firstChunkNanos() / NANOS_PER_MILLI);
    }
    if (!event.usage().other().isEmpty()) {
      json.writeObjectFieldStart("units");
      int left = MOST_UNITS;
      for (Map.Entry<Meter, Long> unit : event.usage().other().entrySet()) {
        if (left-- > 0) {
          json.writeNumberField(SafeText.property(unit.getKey().name()), unit.getValue());
        }
      }
      json.writeEndObject();
    }
  }

  private static void write(Denied denial, JsonGenerator json) throws IOException {
    text(json, "budget", denial.budget());
    text(json, "scope", denial.scope());
    text(json, "kind", denial.kind().name());
    if (denial.requested() != null && denial.available() != null) {
      text(json, "requested", denial.requested().toString());
      text(json, "available", denial.available().toString());
    }
    if (denial.retryAfter() != null) {
      json.writeNumberField(
          "retryAfterSeconds", denial.retryAfter().plusNanos(999_999_999).toSeconds());
    }
  }

  private static void text(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, SafeText.property(value));
    }
  }
}
