// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.jdbc.internal.Text;
import io.github.bedrockmeter.jdbc.journal.UsageRow.Line;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.Usage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes rows of calls that ended. No state, thread-safe. */
final class UsageRows {
  private static final int LONGEST_TAG = 256;

  private UsageRows() {}

  static UsageRow of(UsageEvent event) {
    return new UsageRow(
        call(event),
        result(event),
        tokens(event.usage()),
        costs(event.cost()),
        estimated(event.call()),
        attempts(event.attempts(), event.stream()),
        details(event),
        observed(event));
  }

  private static UsageRow.Call call(UsageEvent event) {
    MeteredCall call = event.call();
    return new UsageRow.Call(
        Text.storable(call.id()),
        StoredInstant.of(call.startedAt()),
        event.elapsedNanos(),
        call.operation(),
        Text.storable(call.requestedModel()),
        Text.storable(call.modelId()),
        call.region(),
        Text.storable(call.pricing().tier()));
  }

  private static UsageRow.Result result(UsageEvent event) {
    CallOutcome.Failed failed = event.outcome() instanceof CallOutcome.Failed f ? f : null;
    return new UsageRow.Result(
        Text.storableOrNull(event.answeredBy()),
        Text.storableOrNull(event.requestId()),
        outcome(event.outcome()),
        failed == null ? null : failed.error(),
        failed == null ? null : failed.statusCode(),
        event.charge().name());
  }

  private static String outcome(CallOutcome outcome) {
    if (outcome instanceof CallOutcome.Completed) {
      return "COMPLETED";
    }
    if (outcome instanceof CallOutcome.Failed) {
      return "FAILED";
    }
    return outcome instanceof CallOutcome.Cancelled ? "CANCELLED" : "TRUNCATED";
  }

  private static UsageRow.Tokens tokens(Usage usage) {
    return new UsageRow.Tokens(
        usage.inputTokens(),
        usage.outputTokens(),
        usage.cacheReadTokens(),
        usage.cacheWriteTokens(),
        usage.totalTokens(),
        usage.source().name());
  }

  private static UsageRow.Costs costs(Cost cost) {
    return new UsageRow.Costs(
        cost.usd().orElse(null),
        cost.atLeastUsd(),
        cost instanceof Cost.Unknown unknown ? Text.storable(unknown.reason()) : null,
        cost instanceof Cost.Known known ? Text.storable(known.book()) : null);
  }

  private static UsageRow.Estimated estimated(MeteredCall call) {
    return new UsageRow.Estimated(
        call.estimate().totalTokens(),
        call.bound().totalTokens(),
        call.estimatedCost().usd().orElse(null),
        Json.text(counts(call.estimate())));
  }

  private static Map<String, Long> counts(Usage usage) {
    Map<String, Long> counts = new TreeMap<>();
    usage.forEach((meter, count) -> counts.put(meter.name(), count));
    return counts;
  }

  private static UsageRow.Attempts attempts(
      @Nullable AttemptFacts attempts, @Nullable StreamFacts stream) {
    return new UsageRow.Attempts(
        attempts == null ? null : attempts.made(),
        attempts == null ? null : attempts.unanswered(),
        stream == null ? null : stream.attempts(),
        stream == null ? null : stream.attemptsWithOutput(),
        stream == null || stream.abandoned() == null ? null : stream.abandoned().name());
  }

  private static UsageRow.Details details(UsageEvent event) {
    MeteredCall call = event.call();
    return new UsageRow.Details(
        Json.text(
            event.anomalies().stream()
                .map(a -> Map.of("kind", a.kind().name(), "detail", Text.storable(a.detail())))
                .toList()),
        Json.text(call.amendments().stream().map(UsageRows::amendment).toList()),
        lines(event.usage(), event.cost()),
        tags(call));
  }

  private static UsageRow.Observed observed(UsageEvent event) {
    ModelId model = ModelId.of(event.call().modelId());
    StreamFacts stream = event.stream();
    return new UsageRow.Observed(
        model.isOpaque() ? null : Text.storable(model.baseId()),
        event.sent().name(),
        event.overheadNanos(),
        stream == null ? null : stream.firstChunkNanos());
  }

  private static Map<String, Object> amendment(Amendment amendment) {
    String budget = Text.storable(amendment.budget());
    if (amendment instanceof Amendment.LoweredOutput lowered) {
      return Map.of(
          "kind", "LOWERED_OUTPUT", "budget", budget, "from", lowered.from(), "to", lowered.to());
    }
    if (amendment instanceof Amendment.OtherModel other) {
      return Map.of(
          "kind",
          "OTHER_MODEL",
          "budget",
          budget,
          "from",
          Text.storable(other.from()),
          "to",
          Text.storable(other.to()));
    }
    Amendment.Waited waited = (Amendment.Waited) amendment;
    return Map.of("kind", "WAITED", "budget", budget, "millis", waited.time().toMillis());
  }

  private static List<Line> lines(Usage usage, Cost cost) {
    Map<Meter, Cost.Line> priced = new HashMap<>();
    if (cost instanceof Cost.Known known) {
      known.lines().forEach(line -> priced.put(line.meter(), line));
    }
    List<Line> lines = new ArrayList<>();
    usage.forEach((meter, count) -> lines.add(line(usage, meter, count, priced.get(meter))));
    return lines;
  }

  private static Line line(Usage usage, Meter meter, long count, Cost.@Nullable Line priced) {
    String source = usage.sources().of(meter).name();
    if (priced == null) {
      return new Line(meter.name(), count, source, null, null, null, null, null);
    }
    return new Line(
        meter.name(),
        count,
        source,
        priced.usd(),
        priced.rate().usd(),
        priced.rate().per(),
        priced.rate().basis().stream().map(Basis::name).sorted().collect(Collectors.joining(",")),
        Text.storable(priced.rate().source()));
  }

  private static Map<String, String> tags(MeteredCall call) {
    Map<String, String> tags = new TreeMap<>();
    call.tags().asMap().forEach((name, value) -> tags.put(indexable(name), indexable(value)));
    return tags;
  }

  /** As much of a tag as the tables' index takes, which is as much as Bedrock's metadata take. */
  private static String indexable(String text) {
    return Text.storable(text.length() <= LONGEST_TAG ? text : text.substring(0, LONGEST_TAG));
  }
}
