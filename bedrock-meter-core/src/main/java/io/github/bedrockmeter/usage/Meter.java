// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One thing Bedrock counts and charges for: a kind of token, an image of a given size, a second of
 * video, a guardrail's text unit.
 *
 * <p>A meter is its name: {@code kind}, {@code kind.variant} or {@code kind[attribute,attribute]},
 * as in {@code input}, {@code cacheWrite.1h}, {@code outputImages[1024,standard]} and {@code
 * guardrailUnits.topicPolicy}. The kinds are a closed set, so that a misspelt one is refused where
 * it is written. Immutable and thread-safe.
 *
 * @param name the whole name, attributes included
 */
public record Meter(String name) {

  private static final Pattern GRAMMAR =
      Pattern.compile("([a-zA-Z]+)(?:\\.([a-zA-Z0-9_]+))?(?:\\[([a-zA-Z0-9_.,-]+)])?");

  /** The kinds a name may start with. Unit: one of the thing that is named. */
  private static final Set<String> KINDS =
      Set.of(
          "input",
          "output",
          "cacheRead",
          "cacheWrite",
          "inputImageTokens",
          "inputAudioTokens",
          "inputVideoTokens",
          "inputSpeechTokens",
          "outputImageTokens",
          "outputAudioTokens",
          "outputVideoTokens",
          "outputSpeechTokens",
          "inputImages",
          "outputImages",
          "inputVideoSeconds",
          "inputAudioSeconds",
          "outputVideoSeconds",
          "outputAudioSeconds",
          "searchUnits",
          "webSearches",
          "toolRuns",
          "guardrailUnits",
          "requests",
          "trainingTokens",
          "trainingImages",
          "trainingHours",
          "modelUnitHours",
          "inputTpmHours",
          "outputTpmHours",
          "cmuMinutes",
          "storageMonths");

  /** Uncached prompt tokens. Bedrock's {@code inputTokens}, which leaves cached tokens out. */
  public static final Meter INPUT = new Meter("input");

  /** Generated tokens, reasoning included. */
  public static final Meter OUTPUT = new Meter("output");

  /** Prompt tokens served from the prompt cache. */
  public static final Meter CACHE_READ = new Meter("cacheRead");

  /** Prompt tokens written to the cache for five minutes; also writes of an unknown lifetime. */
  public static final Meter CACHE_WRITE_5M = new Meter("cacheWrite.5m");

  /** Prompt tokens written to the cache for thirty minutes. */
  public static final Meter CACHE_WRITE_30M = new Meter("cacheWrite.30m");

  /** Prompt tokens written to the cache for one hour. */
  public static final Meter CACHE_WRITE_1H = new Meter("cacheWrite.1h");

  /** Queries of a rerank model, one for each 100 document chunks. */
  public static final Meter SEARCH_UNITS = new Meter("searchUnits");

  /**
   * Searches of the web by a tool that Bedrock runs itself, such as {@code nova_grounding}. Priced
   * apart from the tokens.
   */
  public static final Meter WEB_SEARCH = new Meter("webSearches");

  /** The six token counts nearly every call is made of, in Bedrock's order. */
  public static final List<Meter> TOKENS =
      List.of(INPUT, OUTPUT, CACHE_READ, CACHE_WRITE_5M, CACHE_WRITE_30M, CACHE_WRITE_1H);

  public Meter {
    Matcher matcher = GRAMMAR.matcher(name);
    if (!matcher.matches() || !KINDS.contains(matcher.group(1))) {
      throw new IllegalArgumentException(
          "not a meter: '" + Escaped.text(name) + "'; kinds are " + sortedKinds());
    }
  }

  /** Images of one class, as {@code outputImages("1024", "standard")}. */
  public static Meter outputImages(String... attributes) {
    return withAttributes("outputImages", attributes);
  }

  /** Images a model was given, as {@code inputImages("document")}, or without attributes. */
  public static Meter inputImages(String... attributes) {
    return withAttributes("inputImages", attributes);
  }

  /**
   * Runs of another tool that Bedrock runs itself, by its name: {@code toolRuns.code_execution}.
   */
  public static Meter toolRuns(String tool) {
    return new Meter("toolRuns." + tool);
  }

  /** Text units one guardrail policy consumed; a unit is up to 1,000 characters. */
  public static Meter guardrailUnits(String policy) {
    return new Meter("guardrailUnits." + policy);
  }

  /** The part of the name that is neither variant nor attribute. */
  public String kind() {
    int end = 0;
    while (end < name.length() && Character.isLetter(name.charAt(end))) {
      end++;
    }
    return name.substring(0, end);
  }

  /** Whether one unit of this meter is a token, of whatever kind. */
  public boolean countsTokens() {
    String kind = kind();
    return kind.equals("input")
        || kind.equals("output")
        || kind.equals("cacheRead")
        || kind.equals("cacheWrite")
        || kind.endsWith("Tokens");
  }

  // By hand, since what the compiler makes for a record takes milliseconds the first time.
  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof Meter that && name.equals(that.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }

  private static Meter withAttributes(String kind, String... attributes) {
    return new Meter(
        attributes.length == 0 ? kind : kind + "[" + String.join(",", attributes) + "]");
  }

  private static List<String> sortedKinds() {
    return KINDS.stream().sorted().toList();
  }

  /**
   * What an estimate takes for granted about one of its counts, because the request does not say
   * it. {@link Usage#assumptions} lists them. Immutable and thread-safe.
   *
   * @param meter whose count rests on it
   * @param kind what was assumed
   * @param why in words an operator can act on; never text of a prompt
   */
  public record Assumption(Meter meter, Kind kind, String why) {

    /** What was assumed. */
    public enum Kind {
      /** The request sets no limit on its output, so the model's own maximum counts: a bound. */
      MODEL_MAXIMUM,
      /**
       * The request sets no limit on its output, and the model's maximum is not known: no bound.
       */
      NO_MAXIMUM,
      /** The request does not show how much of the meter it will use: no bound. */
      NOT_SHOWN
    }

    public Assumption {
      Objects.requireNonNull(meter, "meter");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(why, "why");
    }

    /** An assumption with which a count is no upper bound. */
    public static Assumption notShown(Meter meter, String why) {
      return new Assumption(meter, Kind.NOT_SHOWN, why);
    }

    /** Whether the count is an upper bound all the same. */
    public boolean isBound() {
      return kind == Kind.MODEL_MAXIMUM;
    }

    @Override
    public String toString() {
      return meter + ": " + why;
    }
  }
}
