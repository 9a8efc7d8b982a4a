// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.MeteredCall.Amendment;
import io.github.bedrockmeter.event.DenialEvent;
import io.github.bedrockmeter.event.SettlementFailedEvent;
import io.github.bedrockmeter.event.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.StreamFacts;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.Rate.Basis;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the journal keeps of one event, as it stands in the spill file and in the tables: one of the
 * two components is there. Immutable and thread-safe.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record JournalEntry(@Nullable UsageRow usage, @Nullable BudgetRow budget) {
  private static final int LONGEST_TAG = 256;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** A moment, to the nanosecond; two numbers, since JSON has no moments. */
  record At(long seconds, int nanos) {
    static At of(Instant instant) {
      return new At(instant.getEpochSecond(), instant.getNano());
    }

    Instant instant() {
      return Instant.ofEpochSecond(seconds, nanos);
    }
  }

  /** A row of the table of calls, with its lines and tags. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record UsageRow(
      String callId,
      At startedAt,
      long elapsedNanos,
      String operation,
      String requestedModel,
      String modelId,
      @Nullable String answeredBy,
      @Nullable String region,
      String tier,
      @Nullable String requestId,
      String outcome,
      @Nullable String error,
      @Nullable Integer statusCode,
      String charge,
      long inputTokens,
      long outputTokens,
      long cacheReadTokens,
      long cacheWriteTokens,
      long totalTokens,
      String source,
      @Nullable BigDecimal costUsd,
      BigDecimal costAtLeastUsd,
      @Nullable String unpricedReason,
      @Nullable String priceBook,
      long estimatedTotalTokens,
      long boundTotalTokens,
      @Nullable BigDecimal estimatedCostUsd,
      @Nullable Integer attempts,
      @Nullable Integer attemptsUnanswered,
      @Nullable Integer streamAttempts,
      @Nullable Integer streamAttemptsWithOutput,
      @Nullable String abandonedRule,
      String estimate,
      String anomalies,
      String amendments,
      List<Line> lines,
      Map<String, String> tags) {}

  /** A count, and what it costs where it has a price. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      String meter,
      long units,
      String source,
      @Nullable BigDecimal usd,
      @Nullable BigDecimal rateUsd,
      @Nullable Long ratePer,
      @Nullable String rateBasis,
      @Nullable String rateSource) {}

  /** A row of the table of what budgets said. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BudgetRow(
      String eventId,
      String kind,
      At toldAt,
      @Nullable String callId,
      @Nullable String budget,
      @Nullable String scope,
      @Nullable String unit,
      @Nullable Long requested,
      @Nullable Long available,
      @Nullable Long settled,
      @Nullable Long limitAmount,
      @Nullable BigDecimal share,
      @Nullable Long change,
      @Nullable String detail,
      @Nullable String reason) {

    /** With nothing that not every kind has. */
    static BudgetRow of(
        String eventId, String kind, At toldAt, @Nullable String callId, @Nullable String reason) {
      return new BudgetRow(
          eventId, kind, toldAt, callId, null, null, null, null, null, null, null, null, null, null,
          reason);
    }
  }

  /** The end of a call. */
  static JournalEntry of(UsageEvent event) {
    MeteredCall call = event.call();
    Usage usage = event.usage();
    Cost cost = event.cost();
    AttemptFacts attempts = event.attempts();
    StreamFacts stream = event.stream();
    CallOutcome.Failed failed = event.outcome() instanceof CallOutcome.Failed f ? f : null;
    return new JournalEntry(
        new UsageRow(
            Text.storable(call.id()),
            At.of(call.startedAt()),
            event.elapsedNanos(),
            call.operation(),
            Text.storable(call.requestedModel()),
            Text.storable(call.modelId()),
            storable(event.answeredBy()),
            call.region(),
            Text.storable(call.pricing().tier()),
            storable(event.requestId()),
            outcome(event.outcome()),
            failed == null ? null : failed.error(),
            failed == null ? null : failed.statusCode(),
            event.charge().name(),
            usage.inputTokens(),
            usage.outputTokens(),
            usage.cacheReadTokens(),
            usage.cacheWriteTokens(),
            usage.totalTokens(),
            usage.source().name(),
            cost.usd().orElse(null),
            cost.atLeastUsd(),
            cost instanceof Cost.Unknown unknown ? Text.storable(unknown.reason()) : null,
            cost instanceof Cost.Known known ? Text.storable(known.book()) : null,
            call.estimate().totalTokens(),
            call.bound().totalTokens(),
            call.estimatedCost().usd().orElse(null),
            attempts == null ? null : attempts.made(),
            attempts == null ? null : attempts.unanswered(),
            stream == null ? null : stream.attempts(),
            stream == null ? null : stream.attemptsWithOutput(),
            stream == null || stream.abandoned() == null ? null : stream.abandoned().name(),
            json(counts(call.estimate())),
            json(
                event.anomalies().stream()
                    .map(a -> Map.of("kind", a.kind().name(), "detail", Text.storable(a.detail())))
                    .toList()),
            json(call.amendments().stream().map(JournalEntry::amendment).toList()),
            lines(usage, cost),
            tags(call)),
        null);
  }

  private static @Nullable String storable(@Nullable String text) {
    return text == null ? null : Text.storable(text);
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

  private static Map<String, Long> counts(Usage usage) {
    Map<String, Long> counts = new TreeMap<>();
    usage.forEach((meter, count) -> counts.put(meter.name(), count));
    return counts;
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

  /** As much of a tag as the tables' index takes, which is as much as Bedrock's metadata do. */
  private static String indexable(String text) {
    return Text.storable(text.length() <= LONGEST_TAG ? text : text.substring(0, LONGEST_TAG));
  }

  private static Map<String, String> tags(MeteredCall call) {
    Map<String, String> tags = new TreeMap<>();
    call.tags().asMap().forEach((name, value) -> tags.put(indexable(name), indexable(value)));
    return tags;
  }

  /** A no, or what would have been one. */
  static JournalEntry of(DenialEvent event, Instant now) {
    MeteredCall call = event.call();
    String kind = event.enforced() ? "DENIED" : "OBSERVED";
    String budget = Text.storable(event.denial().budget());
    Amount requested = event.denial().requested();
    Amount available = event.denial().available();
    return new JournalEntry(
        null,
        new BudgetRow(
            kind + ":" + Text.storable(call.id()) + ":" + budget,
            kind,
            At.of(now),
            Text.storable(call.id()),
            budget,
            Text.storable(event.denial().scope()),
            requested == null ? null : requested.unit().name(),
            requested == null ? null : requested.units(),
            available == null ? null : available.units(),
            null,
            null,
            null,
            null,
            null,
            storable(event.denial().reason())));
  }

  /** A share of a limit that was reached; told again, after a credit say, it is another entry. */
  static JournalEntry of(ThresholdEvent event, UUID id, Instant now) {
    return new JournalEntry(
        null,
        new BudgetRow(
            "THRESHOLD:" + id,
            "THRESHOLD",
            At.of(now),
            null,
            Text.storable(event.budget()),
            Text.storable(event.account().scope()),
            event.account().unit().name(),
            null,
            null,
            event.settled().units(),
            event.limit().units(),
            event.share(),
            null,
            null,
            null));
  }

  /** A reservation that could not be closed. */
  static JournalEntry of(SettlementFailedEvent event, Instant now) {
    String call = Text.storable(event.call().id());
    return new JournalEntry(
        null,
        BudgetRow.of(
            "SETTLEMENT_FAILED:" + call,
            "SETTLEMENT_FAILED",
            At.of(now),
            call,
            event.cause().getClass().getName()));
  }

  /** What somebody changed about a budget; the same change made twice is two entries. */
  static JournalEntry of(BudgetChange change, UUID id, Instant now) {
    ChangeWords words = ChangeWords.of(change);
    return new JournalEntry(
        null,
        new BudgetRow(
            words.kind + ":" + id,
            words.kind,
            At.of(now),
            null,
            Text.storable(change.budget()),
            Text.storable(change.scope()),
            words.unit,
            null,
            null,
            words.settled,
            null,
            null,
            words.change,
            storable(words.detail),
            Text.storable(change.reason())));
  }

  /** What sets one kind of change apart. */
  private record ChangeWords(
      String kind,
      @Nullable String unit,
      @Nullable Long change,
      @Nullable Long settled,
      @Nullable String detail) {

    static ChangeWords of(BudgetChange change) {
      if (change instanceof BudgetChange.Granted granted) {
        Amount extra = granted.extra();
        String until = "until " + granted.until();
        return new ChangeWords("GRANTED", extra.unit().name(), extra.units(), null, until);
      }
      if (change instanceof BudgetChange.Adjusted adjusted) {
        long after = adjusted.after().units();
        long by = after - adjusted.before().units();
        return new ChangeWords("ADJUSTED", adjusted.after().unit().name(), by, after, null);
      }
      if (change instanceof BudgetChange.ModeChanged mode) {
        return named("MODE_CHANGED", mode.from() + " to " + mode.to());
      }
      if (change instanceof BudgetChange.Added added) {
        return named("ADDED", added.now().toString());
      }
      if (change instanceof BudgetChange.Redefined redefined) {
        return named("REDEFINED", redefined.before() + "; now " + redefined.now());
      }
      if (change instanceof BudgetChange.Removed removed) {
        return named("REMOVED", removed.before().toString());
      }
      return named(change instanceof BudgetChange.Frozen ? "FROZEN" : "THAWED", null);
    }

    private static ChangeWords named(String kind, @Nullable String detail) {
      return new ChangeWords(kind, null, null, null, detail);
    }
  }

  /** The entry's own id. */
  String id() {
    return usage != null ? usage.callId() : Objects.requireNonNull(budget).eventId();
  }

  byte[] toBytes() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static JournalEntry fromBytes(byte[] bytes) throws IOException {
    JournalEntry entry = JSON.readValue(bytes, JournalEntry.class);
    if ((entry.usage == null) == (entry.budget == null)) {
      throw new IOException("neither a call nor a budget's word");
    }
    return entry;
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
