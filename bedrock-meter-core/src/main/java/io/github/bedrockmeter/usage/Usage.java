// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import io.github.bedrockmeter.usage.Meter.Assumption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one call consumed, as disjoint counts: nothing is counted in two of them. In particular
 * {@code inputTokens} leaves out what the prompt cache served or stored. Immutable and thread-safe.
 *
 * @param inputTokens uncached prompt tokens
 * @param outputTokens generated tokens, reasoning included
 * @param cacheReadTokens prompt tokens served from the prompt cache
 * @param cacheWrite5mTokens prompt tokens written to the cache for five minutes, and those whose
 *     lifetime the response does not state
 * @param cacheWrite30mTokens prompt tokens written for thirty minutes
 * @param cacheWrite1hTokens prompt tokens written for one hour
 * @param other every other meter with a count above zero: images, seconds, search units, ...
 * @param sources where each count comes from
 */
public record Usage(
    long inputTokens,
    long outputTokens,
    long cacheReadTokens,
    long cacheWrite5mTokens,
    long cacheWrite30mTokens,
    long cacheWrite1hTokens,
    Map<Meter, Long> other,
    Sources sources) {

  /** A call that consumed nothing, because it was refused or never sent. */
  public static final Usage NONE =
      new Usage(0, 0, 0, 0, 0, 0, Map.of(), Sources.all(Source.INFERRED));

  public Usage {
    if ((inputTokens
            | outputTokens
            | cacheReadTokens
            | cacheWrite5mTokens
            | cacheWrite30mTokens
            | cacheWrite1hTokens)
        < 0) {
      throw new IllegalArgumentException(
          "a count is negative: input %d, output %d, cache read %d, cache write %d/%d/%d"
              .formatted(
                  inputTokens,
                  outputTokens,
                  cacheReadTokens,
                  cacheWrite5mTokens,
                  cacheWrite30mTokens,
                  cacheWrite1hTokens));
    }
    other = other.isEmpty() ? Map.of() : OtherCounts.checked(other);
    Objects.requireNonNull(sources, "sources");
  }

  /**
   * Input and output tokens. For tests and estimators: its source is {@code BODY}, and the meter
   * marks an estimator's answer {@code ESTIMATED}.
   */
  public static Usage ofTokens(long input, long output) {
    return new Usage(input, output, 0, 0, 0, 0, Map.of(), Sources.all(Source.BODY));
  }

  /** A builder whose counts are all zero and come from {@code source}. */
  public static Builder builder(Source source) {
    return new Builder(source);
  }

  /** The count of one meter; zero where this usage has none of it. */
  public long count(Meter meter) {
    int index = Meter.TOKENS.indexOf(meter);
    return switch (index) {
      case 0 -> inputTokens;
      case 1 -> outputTokens;
      case 2 -> cacheReadTokens;
      case 3 -> cacheWrite5mTokens;
      case 4 -> cacheWrite30mTokens;
      case 5 -> cacheWrite1hTokens;
      default -> other.getOrDefault(meter, 0L);
    };
  }

  /** Prompt tokens written to the cache, of every lifetime. */
  public long cacheWriteTokens() {
    return Math.addExact(
        Math.addExact(cacheWrite5mTokens, cacheWrite30mTokens), cacheWrite1hTokens);
  }

  /** Everything the prompt amounted to: uncached, read from and written to the cache. */
  public long totalInputTokens() {
    return Math.addExact(Math.addExact(inputTokens, cacheReadTokens), cacheWriteTokens());
  }

  /** All tokens of all kinds; what a token budget counts. */
  public long totalTokens() {
    long total = Math.addExact(totalInputTokens(), outputTokens);
    for (Map.Entry<Meter, Long> entry : other.entrySet()) {
      if (entry.getKey().countsTokens()) {
        total = Math.addExact(total, entry.getValue());
      }
    }
    return total;
  }

  /** The least trusted source of any count: {@code ESTIMATED} if even one count was estimated. */
  public Source source() {
    return sources.weakest();
  }

  /** What an estimate takes for granted about its counts; empty for what was reported. */
  public List<Assumption> assumptions() {
    return sources.assumptions;
  }

  /**
   * Whether an estimate is an upper bound of what the request can use. Where it is not, {@link
   * #assumptions} says why; budgets refuse such a call where they {@code requireBound()}.
   */
  public boolean isBound() {
    return sources.assumptions.stream().allMatch(Assumption::isBound);
  }

  /** This usage, resting on one more assumption. */
  public Usage assuming(Assumption assumption) {
    return assuming(List.of(assumption));
  }

  /** This usage, resting on more assumptions; the same instance if there are none. */
  public Usage assuming(List<Assumption> more) {
    return more.isEmpty() ? this : with(sources.assuming(more));
  }

  private Usage with(Sources other) {
    return new Usage(
        inputTokens,
        outputTokens,
        cacheReadTokens,
        cacheWrite5mTokens,
        cacheWrite30mTokens,
        cacheWrite1hTokens,
        this.other,
        other);
  }

  /** Calls {@code action} with each meter whose count is above zero, tokens first. */
  public void forEach(ObjLongConsumer<Meter> action) {
    for (Meter meter : Meter.TOKENS) {
      long count = count(meter);
      if (count > 0) {
        action.accept(meter, count);
      }
    }
    other.forEach(action::accept);
  }

  /** This usage with another count of one meter, from the same sources. */
  public Usage with(Meter meter, long count) {
    int index = Meter.TOKENS.indexOf(meter);
    Map<Meter, Long> others = other;
    if (index < 0) {
      others = new LinkedHashMap<>(other);
      others.put(meter, count);
    }
    return new Usage(
        index == 0 ? count : inputTokens,
        index == 1 ? count : outputTokens,
        index == 2 ? count : cacheReadTokens,
        index == 3 ? count : cacheWrite5mTokens,
        index == 4 ? count : cacheWrite30mTokens,
        index == 5 ? count : cacheWrite1hTokens,
        others,
        sources);
  }

  /** The sum of two usages, each count keeping the less trusted of its two sources. */
  public Usage plus(Usage that) {
    Map<Meter, Long> sum = other;
    if (!that.other.isEmpty()) {
      sum = new LinkedHashMap<>(other);
      for (Map.Entry<Meter, Long> entry : that.other.entrySet()) {
        sum.merge(entry.getKey(), entry.getValue(), Math::addExact);
      }
    }
    return new Usage(
        Math.addExact(inputTokens, that.inputTokens),
        Math.addExact(outputTokens, that.outputTokens),
        Math.addExact(cacheReadTokens, that.cacheReadTokens),
        Math.addExact(cacheWrite5mTokens, that.cacheWrite5mTokens),
        Math.addExact(cacheWrite30mTokens, that.cacheWrite30mTokens),
        Math.addExact(cacheWrite1hTokens, that.cacheWrite1hTokens),
        sum,
        sources.weaker(that.sources));
  }

  /**
   * Where the counts of one usage come from: one source for all, with exceptions by meter.
   * Immutable and thread-safe.
   */
  public static final class Sources {
    private static final Map<Source, Sources> UNIFORM = new EnumMap<>(Source.class);

    static {
      for (Source source : Source.values()) {
        UNIFORM.put(source, new Sources(source, Map.of(), List.of()));
      }
    }

    private final Source main;
    private final Map<Meter, Source> exceptions;
    private final Source weakest;
    private final List<Assumption> assumptions;

    private Sources(Source main, Map<Meter, Source> exceptions, List<Assumption> assumptions) {
      this.main = main;
      this.exceptions = exceptions;
      this.assumptions = assumptions;
      Source least = main;
      for (Source source : exceptions.values()) {
        least = weaker(least, source);
      }
      this.weakest = least;
    }

    /** One source for every count. */
    public static Sources all(Source source) {
      return Objects.requireNonNull(UNIFORM.get(source), "source");
    }

    /** These sources with another one for {@code meter}. */
    public Sources with(Meter meter, Source source) {
      if (of(meter) == source) {
        return this;
      }
      Map<Meter, Source> changed = new LinkedHashMap<>(exceptions);
      changed.put(meter, source);
      return new Sources(main, Map.copyOf(changed), assumptions);
    }

    Sources assuming(List<Assumption> more) {
      List<Assumption> all = new ArrayList<>(assumptions);
      for (Assumption one : more) {
        if (!all.contains(one)) {
          all.add(one);
        }
      }
      return all.size() > assumptions.size()
          ? new Sources(main, exceptions, List.copyOf(all))
          : this;
    }

    /** Where the count of {@code meter} comes from. */
    public Source of(Meter meter) {
      return exceptions.getOrDefault(meter, main);
    }

    /** The least trusted source of any count. */
    public Source weakest() {
      return weakest;
    }

    Sources weaker(Sources that) {
      if (this.equals(that)) {
        return this;
      }
      Sources result = all(weaker(main, that.main));
      for (Map<Meter, Source> some : List.of(exceptions, that.exceptions)) {
        for (Meter meter : some.keySet()) {
          result = result.with(meter, weaker(of(meter), that.of(meter)));
        }
      }
      return result.assuming(assumptions).assuming(that.assumptions);
    }

    private static Source weaker(Source a, Source b) {
      return a.compareTo(b) >= 0 ? a : b;
    }

    @Override
    public boolean equals(@Nullable Object object) {
      return object instanceof Sources that
          && main == that.main
          && exceptions.equals(that.exceptions)
          && assumptions.equals(that.assumptions);
    }

    @Override
    public int hashCode() {
      return 31 * main.hashCode() + exceptions.hashCode();
    }

    @Override
    public String toString() {
      return exceptions.isEmpty() ? main.toString() : main + " except " + exceptions;
    }
  }

  /** Collects counts. Mutable, confined to one thread. */
  public static final class Builder {
    private final long[] tokens = new long[Meter.TOKENS.size()];
    private final Map<Meter, Long> other = new LinkedHashMap<>();
    private final Source source;
    private Sources sources;

    private Builder(Source source) {
      this.source = source;
      this.sources = Sources.all(source);
    }

    /** Sets the count of a meter, from the builder's own source. */
    public Builder count(Meter meter, long count) {
      return count(meter, count, source);
    }

    /** Sets the count of a meter and where it comes from. */
    public Builder count(Meter meter, long count, Source from) {
      int index = Meter.TOKENS.indexOf(meter);
      if (index >= 0) {
        tokens[index] = count;
      } else {
        other.put(meter, count);
      }
      sources = sources.with(meter, from);
      return this;
    }

    /** The usage collected so far. */
    public Usage build() {
      return new Usage(
          tokens[0], tokens[1], tokens[2], tokens[3], tokens[4], tokens[5], other, sources);
    }
  }

  /** Where a count comes from, the most trusted first. */
  public enum Source {
    /** A usage field of the response, or of the provider's own stream events. */
    BODY,
    /** An {@code X-Amzn-Bedrock-*-Count} header of an InvokeModel response. */
    HEADERS,
    /** The {@code amazon-bedrock-invocationMetrics} that end an InvokeModel stream. */
    STREAM_METRICS,
    /** Counted in the request, where the response reports nothing: images, seconds, documents. */
    REQUEST,
    /** Nothing was reported and the facts leave one value: a refused or blocked call costs zero. */
    INFERRED,
    /** The meter's estimate from before the call, because nothing better was seen. */
    ESTIMATED
  }

  /**
   * Something about a response's counts that does not fit, reported beside the usage that was
   * chosen. Immutable and thread-safe.
   *
   * @param kind what does not fit
   * @param detail the fields and numbers concerned; never text of a prompt or a completion
   */
  public record Anomaly(Kind kind, String detail) {

    /** What can be wrong with a count. */
    public enum Kind {
      /** Two places of one response state different counts; a documented rule chose one. */
      SOURCES_DISAGREE,
      /** The stated total is not the sum of its parts. */
      TOTAL_MISMATCH,
      /** A field holds something that is no count: negative, fractional, text, too large. */
      NOT_A_COUNT,
      /** The response states no count where one was due; the estimate stands in. */
      USAGE_MISSING,
      /** The response's body could not be read to its end. */
      UNREADABLE,
      /**
       * The usage has a field that the meter does not understand, so that it may leave out
       * something that is charged. The detail names the field.
       */
      NOT_UNDERSTOOD,
      /** The input may include what the cache served or stored; the response does not show it. */
      INPUT_MAY_INCLUDE_CACHE,
      /** The response leaves open how much was used; the most it can have been is counted. */
      UPPER_BOUND_COUNTED,
      /** An interceptor changed the request after it was admitted, and it asks for more now. */
      MORE_THAN_ADMITTED
    }

    public Anomaly {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(detail, "detail");
    }
  }
}
