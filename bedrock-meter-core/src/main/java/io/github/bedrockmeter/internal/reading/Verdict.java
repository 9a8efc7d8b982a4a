// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses one count for each meter from the places that state it: the body, else the headers, else
 * the stream's metrics. Places that disagree are reported. Confined to one thread.
 */
final class Verdict {
  private static final Meter CODE_RUNS = Meter.toolRuns("code_execution");

  private final Facts facts;
  private final boolean blocked;
  private final Set<Meter> missing = new LinkedHashSet<>();
  private Usage.@Nullable Builder usage;
  private boolean statesLifetimes;

  /**
   * Judges {@code facts}, and adds the anomalies it finds to them.
   *
   * @param blocked a guardrail refused the prompt, so that a count that is not stated is zero
   */
  Verdict(Facts facts, boolean blocked) {
    this.facts = facts;
    this.blocked = blocked;
    Samplings.sum(facts);
    GrossInputs.net(facts);
  }

  /** Takes the four token counts; input and output are missing if they are due and unstated. */
  Verdict tokens(boolean inputDue, boolean outputDue) {
    choose(Meter.INPUT, inputDue, Field.INPUT, Field.HEADER_INPUT, Field.METRICS_INPUT);
    choose(Meter.OUTPUT, outputDue, Field.OUTPUT, Field.HEADER_OUTPUT, Field.METRICS_OUTPUT);
    choose(
        Meter.CACHE_READ,
        false,
        Field.CACHE_READ,
        Field.HEADER_CACHE_READ,
        Field.METRICS_CACHE_READ);
    cacheWrites();
    checkTotal();
    runs();
    return this;
  }

  /**
   * Takes a sum of two kinds of token. Without a split the rest is speech, which has the higher
   * price.
   */
  Verdict textAndSpeech(Meter text, Field texts, Meter speech, Field speeches, Field sum) {
    if (!facts.has(texts) && !facts.has(speeches) && !facts.has(sum)) {
      miss(text);
      miss(speech);
      return this;
    }
    long total = facts.number(sum);
    long written = facts.orZero(texts);
    long spoken =
        facts.has(speeches) ? facts.number(speeches) : Math.max(facts.orZero(sum) - written, 0);
    if (total >= 0 && total != written + spoken) {
      facts.note(
          Anomaly.Kind.TOTAL_MISMATCH,
          "%s %d, text %d, speech %d".formatted(sum, total, written, spoken));
    }
    put(text, written, Source.BODY);
    put(speech, spoken, Source.BODY);
    return this;
  }

  /** Takes the units of each policy that is stated, zero included: it was free, not unknown. */
  Verdict guardrail() {
    for (Field.Policy policy : Field.POLICIES) {
      if (facts.has(policy.field())) {
        put(policy.meter(), facts.number(policy.field()), Source.BODY);
      }
    }
    return this;
  }

  void put(Meter meter, long count, Source source) {
    if (usage == null) {
      usage = Usage.builder(source);
    }
    usage.count(meter, count, source);
  }

  /**
   * Puts a count that the response does not confirm; it is zero if a guardrail blocked the call.
   */
  void dueUnlessBlocked(Meter meter, long count, Source source) {
    put(meter, blocked ? 0 : count, blocked ? Source.INFERRED : source);
  }

  /** Notes a meter that is due; it is zero if a guardrail blocked the call. */
  void miss(Meter meter) {
    if (blocked) {
      put(meter, 0, Source.INFERRED);
    } else {
      missing.add(meter);
    }
  }

  Reading reading(@Nullable String tier, @Nullable String answeredBy) {
    return new Reading(usage(), Set.copyOf(missing), tier, answeredBy, facts.anomalies());
  }

  private @Nullable Usage usage() {
    Usage built = usage == null ? null : usage.build();
    return built == null || statesLifetimes || built.cacheWrite5mTokens() == 0
        ? built
        : built.assuming(Reading.NO_LIFETIME);
  }

  private void choose(Meter meter, boolean due, Field body, Field headers, Field metrics) {
    if (facts.has(body)) {
      put(meter, facts.number(body), Source.BODY);
      compare(meter, body, headers, "headers");
      compare(meter, body, metrics, "stream metrics");
    } else if (facts.has(headers)) {
      put(meter, facts.number(headers), Source.HEADERS);
    } else if (facts.has(metrics)) {
      put(meter, facts.number(metrics), Source.STREAM_METRICS);
    } else if (due) {
      miss(meter);
    }
  }

  private void cacheWrites() {
    long fiveMinutes = facts.orZero(Field.CACHE_WRITE_5M);
    long thirtyMinutes = facts.orZero(Field.CACHE_WRITE_30M);
    long oneHour = facts.orZero(Field.CACHE_WRITE_1H);
    long unknown = facts.orZero(Field.CACHE_WRITE_OTHER);
    if (unknown > 0) {
      facts.note(
          Anomaly.Kind.UPPER_BOUND_COUNTED,
          unknown + " cache writes of an unknown lifetime, counted as one hour");
      oneHour += unknown;
    }
    long split = fiveMinutes + thirtyMinutes + oneHour;
    statesLifetimes = split > 0;
    if (split > 0 && !facts.has(Field.CACHE_WRITE)) {
      facts.state(Field.CACHE_WRITE, split);
    }
    choose(
        Meter.CACHE_WRITE_5M,
        false,
        Field.CACHE_WRITE,
        Field.HEADER_CACHE_WRITE,
        Field.METRICS_CACHE_WRITE);
    if (split > 0) {
      long total = facts.number(Field.CACHE_WRITE);
      if (split > total) {
        facts.note(Anomaly.Kind.TOTAL_MISMATCH, "cache writes " + total + ", by lifetime " + split);
      }
      // What the split leaves out was written for five minutes, the only lifetime older models had.
      long rest = Math.max(total - thirtyMinutes - oneHour, fiveMinutes);
      put(Meter.CACHE_WRITE_5M, rest, Source.BODY);
      put(Meter.CACHE_WRITE_30M, thirtyMinutes, Source.BODY);
      put(Meter.CACHE_WRITE_1H, oneHour, Source.BODY);
    }
  }

  /** Runs of tools that cost money beside the tokens. */
  private void runs() {
    Runs runs = facts.runs();
    if (runs != null) {
      runs.charged().forEach((meter, count) -> put(meter, count, Source.BODY));
    }
    stated(Meter.WEB_SEARCH, Field.WEB_SEARCHES);
    stated(CODE_RUNS, Field.CODE_RUNS);
  }

  /** A count that the usage states itself; the blocks of an answer may be fewer. */
  private void stated(Meter meter, Field field) {
    if (facts.number(field) > 0) {
      put(meter, facts.number(field), Source.BODY);
    }
  }

  private void checkTotal() {
    if (facts.has(Field.TOTAL) && facts.has(Field.INPUT) && facts.has(Field.OUTPUT)) {
      long total = facts.number(Field.TOTAL);
      long plain = facts.number(Field.INPUT) + facts.number(Field.OUTPUT);
      long cached = facts.orZero(Field.CACHE_READ) + facts.orZero(Field.CACHE_WRITE);
      if (total != plain && total != plain + cached) {
        facts.note(Anomaly.Kind.TOTAL_MISMATCH, "total " + total + ", parts " + (plain + cached));
      }
    }
  }

  private void compare(Meter meter, Field body, Field other, String place) {
    if (facts.has(other) && facts.number(other) != facts.number(body)) {
      facts.note(
          Anomaly.Kind.SOURCES_DISAGREE,
          "%s: body %d, %s %d".formatted(meter, facts.number(body), place, facts.number(other)));
    }
  }
}
