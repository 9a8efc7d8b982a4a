// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.github.bedrockmeter.internal.reading.LogRecord;
import io.github.bedrockmeter.internal.reading.Missing;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.CallFacts.Counts;
import io.github.bedrockmeter.report.facts.CallFacts.Details;
import io.github.bedrockmeter.report.facts.CallFacts.Identity;
import io.github.bedrockmeter.report.facts.CallFacts.Model;
import io.github.bedrockmeter.report.facts.CallFacts.Money;
import io.github.bedrockmeter.report.facts.CallFacts.Origin;
import io.github.bedrockmeter.report.facts.CallFacts.Outcome;
import io.github.bedrockmeter.report.facts.Skipped.Reason;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes facts of log records, priced by a book. Thread-safe. */
final class LogCalls {
  private static final String UNKNOWN = "unknown";
  private static final long NANOS_PER_MILLI = 1_000_000;

  private static final Set<String> OPERATIONS =
      Set.of(
          "Converse",
          "ConverseStream",
          "InvokeModel",
          "InvokeModelWithResponseStream",
          "InvokeModelWithBidirectionalStream",
          "StartAsyncInvoke",
          "ApplyGuardrail",
          "InvokeGuardrailChecks",
          // A newer guide adds these of the runtime's OpenAI-compatible endpoint.
          "ChatCompletions",
          "CreateChatCompletion",
          "CreateResponse",
          "Responses");

  private final PriceBook prices;

  LogCalls(PriceBook prices) {
    this.prices = prices;
  }

  void add(LogRecord record, Place place, FactSink sink) {
    String operation = record.call().operation();
    if (operation != null && !OPERATIONS.contains(operation)) {
      sink.skipped(place.skipped(Reason.UNKNOWN_OPERATION));
      return;
    }
    Instant time = LogTime.of(record.origin().timestamp());
    if (time == null) {
      sink.skipped(place.skipped(Reason.NO_TIME));
      return;
    }
    sink.call(facts(record, time, place));
  }

  private CallFacts facts(LogRecord record, Instant time, Place place) {
    LogRecord.Origin origin = record.origin();
    LogRecord.Call call = record.call();
    Map<String, String> tags = new HashMap<>(record.metadata());
    String callId = tags.remove(LogRecord.CALL_ID);
    Reading reading = record.reading();
    boolean failed = call.errorCode() != null;
    Usage usage = reading.usage();
    // AWS does not bill an error that it answers with; one that has counts is charged by them.
    boolean isFree = failed && (usage == null || usage.totalTokens() == 0);
    String tier = tier(reading, call);
    Cost cost =
        isFree
            ? Cost.NOTHING
            : cost(call, reading, tier == null ? PriceKey.STANDARD : tier, time, origin.region());
    return new CallFacts(
        new Origin(Origin.LOG, place.file(), place.line()),
        new Identity(
            call.requestId(),
            callId,
            time,
            origin.accountId(),
            origin.region(),
            origin.inferenceRegion(),
            origin.principal()),
        model(call, reading, tier),
        new Outcome(
            outcome(call, failed),
            call.errorCode(),
            null,
            record.latencyMillis() == null ? null : record.latencyMillis() * NANOS_PER_MILLI,
            null,
            "SEEN",
            null,
            null),
        isFree ? counts(Usage.NONE, Set.of()) : counts(usage, reading.missing()),
        money(cost),
        anomalies(reading),
        new Details(isFree || usage == null ? List.of() : charges(usage, cost), tags));
  }

  private static String outcome(LogRecord.Call call, boolean failed) {
    if (failed) {
      return Outcome.FAILED;
    }
    return call.hasBodies() ? Outcome.COMPLETED : UNKNOWN;
  }

  /** The tier; null where the log cannot show it. */
  private static @Nullable String tier(Reading reading, LogRecord.Call call) {
    if (reading.tier() != null) {
      return reading.tier();
    }
    if (call.requestedTier() != null) {
      return call.requestedTier();
    }
    return call.showsTier() ? PriceKey.STANDARD : null;
  }

  private Cost cost(
      LogRecord.Call call, Reading reading, String tier, Instant time, @Nullable String region) {
    Usage usage = reading.usage();
    if (usage == null) {
      return new Cost.Unknown("the log states no counts");
    }
    if (call.modelId() == null) {
      return new Cost.Unknown("the log states no model");
    }
    Cost cost = priced(new PriceKey(call.modelId(), region, tier, time), usage, reading);
    return reading.missing().isEmpty() || cost instanceof Cost.Unknown
        ? cost
        : new Cost.Unknown("the log does not state " + names(reading.missing()), cost.atLeastUsd());
  }

  private Cost priced(PriceKey key, Usage usage, Reading reading) {
    if (reading.answeredBy() != null) {
      PriceKey answered = key.withModelId(ModelId.ofResponse(reading.answeredBy()).text());
      Cost byAnswer = prices.costOf(answered, usage);
      if (byAnswer instanceof Cost.Known) {
        return byAnswer;
      }
    }
    return prices.costOf(key, usage);
  }

  private Model model(LogRecord.Call call, Reading reading, @Nullable String tier) {
    String modelId = call.modelId();
    if (modelId == null) {
      return new Model(call.operation(), null, null, null, null, null, reading.answeredBy(), tier);
    }
    ModelId id = ModelId.of(modelId);
    return new Model(
        call.operation(),
        modelId,
        modelId,
        base(id, reading),
        id.geography(),
        id.kind() == ModelId.Kind.APPLICATION_PROFILE ? modelId : null,
        reading.answeredBy(),
        tier);
  }

  private @Nullable String base(ModelId id, Reading reading) {
    if (id.kind() == ModelId.Kind.MODEL || id.kind() == ModelId.Kind.CUSTOM_MODEL) {
      return id.baseId();
    }
    if (reading.answeredBy() != null) {
      return ModelId.ofResponse(reading.answeredBy()).baseId();
    }
    return prices.modelOf(id.text()).orElse(null);
  }

  private static Counts counts(@Nullable Usage usage, Set<Meter> missing) {
    if (usage == null) {
      return Counts.UNKNOWN;
    }
    return new Counts(
        missing.contains(Meter.INPUT) ? null : usage.inputTokens(),
        missing.contains(Meter.OUTPUT) ? null : usage.outputTokens(),
        usage.cacheReadTokens(),
        usage.cacheWriteTokens(),
        missing.isEmpty() ? usage.totalTokens() : null,
        usage.source().name());
  }

  private static Money money(Cost cost) {
    return new Money(
        cost.usd().orElse(null),
        cost.atLeastUsd(),
        cost instanceof Cost.Unknown unknown ? unknown.reason() : null,
        cost instanceof Cost.Known known ? known.book() : null,
        null,
        null,
        null);
  }

  private static List<Charge> charges(Usage usage, Cost cost) {
    List<Cost.Line> lines = cost instanceof Cost.Known known ? known.lines() : List.of();
    List<Charge> charges = new ArrayList<>(2);
    usage.forEach((meter, count) -> charges.add(charge(meter, count, usage, lines)));
    return charges;
  }

  private static Charge charge(Meter meter, long count, Usage usage, List<Cost.Line> lines) {
    String source = usage.sources().of(meter).name();
    for (Cost.Line line : lines) {
      if (line.meter().equals(meter)) {
        BigDecimal usd = line.usd();
        return new Charge(
            meter.name(),
            count,
            source,
            usd,
            line.rate().usd(),
            line.rate().per(),
            line.rate().basis().isEmpty()
                ? ""
                : line.rate().basis().stream()
                    .map(Basis::name)
                    .sorted()
                    .collect(Collectors.joining(",")),
            line.rate().source());
      }
    }
    return new Charge(meter.name(), count, source, null, null, null, null, null);
  }

  private static @Nullable String anomalies(Reading reading) {
    List<Anomaly> anomalies = reading.anomalies();
    if (!reading.missing().isEmpty()) {
      anomalies = Missing.with(anomalies, "not reported: " + names(reading.missing()));
    }
    if (!reading.statesLifetimes()) {
      anomalies = new ArrayList<>(anomalies);
      anomalies.add(
          new Anomaly(
              Anomaly.Kind.USAGE_MISSING, "the lifetime of cache writes, counted as five minutes"));
    }
    if (anomalies.isEmpty()) {
      return null;
    }
    return anomalies.stream()
        .map(
            anomaly ->
                "{\"kind\": \""
                    + anomaly.kind().name()
                    + "\", \"detail\": \""
                    + new String(JsonStringEncoder.getInstance().quoteAsString(anomaly.detail()))
                    + "\"}")
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String names(Set<Meter> meters) {
    return meters.stream().map(Meter::name).sorted().collect(Collectors.joining(", "));
  }
}
