// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far one request may go, as one pass over it finds. Filled by that pass, then only read.
 * Confined to one thread at a time.
 */
final class Extent implements Cloneable {
  /** At most so many tokens in the prompt. */
  long input;

  /** The limit on one answer; -1 if the request sets none. */
  long limit = -1;

  long answers = 1;

  /** The tokens the model may think for. */
  long thinking;

  /** Images that a guardrail may look at. */
  long images;

  /** The highest-priced cache meter that the request asks for; null if none. */
  @Nullable Meter cacheWrite;

  /** The service tier that a body names; null if it names none. */
  @Nullable String tier;

  /** Whether the model may be sampled more than once for one answer, as when it compacts. */
  boolean samplesAgain;

  /** Whether Bedrock refuses this request with a limit on its output. */
  boolean refusesLimit;

  /** Where the body's one limit stands; -1 if there is none, or more than one. */
  int limitFrom = -1;

  int limitTo = -1;

  /** Where a limit could be written into the body; -1 if it could not. */
  int limitPlace = -1;

  /** The same in the object that holds the family's settings; -1 if there is none. */
  int groupPlace = -1;

  Reading units = Reading.NOTHING;

  private List<Assumption> assumptions = List.of();
  private List<BuiltInTool> tools = List.of();

  /** Notes that more of a meter may be used than is counted. */
  void notShown(Meter meter, String why) {
    Assumption assumption = Assumption.notShown(meter, why);
    if (!assumptions.contains(assumption)) {
      assumptions = new ArrayList<>(assumptions);
      assumptions.add(assumption);
    }
  }

  /** Notes a tool that the provider runs, or describes to the model, itself. */
  void add(BuiltInTool tool) {
    input += BuiltInTool.TOKENS;
    if (tool.runsAtTheProvider()) {
      tools = new ArrayList<>(tools);
      tools.add(tool);
      notShown(Meter.INPUT, "what the tool '" + tool.name() + "' finds becomes part of the prompt");
      notShown(Meter.OUTPUT, "the model may be sampled again after the tool '" + tool.name() + "'");
    }
  }

  void writesCache(Meter meter) {
    cacheWrite = CacheMeters.higher(cacheWrite, meter);
  }

  /**
   * The upper bound.
   *
   * @param maxOutputTokens the output tokens to assume where the request sets no limit of its own
   * @param isTheModels whether that is the model's own maximum
   */
  Usage bound(long maxOutputTokens, boolean isTheModels) {
    long single = limit;
    Assumption assumed = null;
    if (limit < 0) {
      single = isTheModels ? maxOutputTokens : Math.addExact(maxOutputTokens, thinking);
      assumed = unlimited(single, isTheModels);
    } else if (thinking >= limit) {
      single = limit + thinking; // thinking between the calls of tools may be longer
    }
    long output = Math.multiplyExact(single, answers);
    long prompt = input;
    if (samplesAgain) {
      prompt = Math.addExact(Math.multiplyExact(2, prompt), output);
      output = Math.multiplyExact(2, output);
    }
    return resting(
        new Usage(prompt, output, 0, 0, 0, 0, counts(), Usage.Sources.all(Source.ESTIMATED)),
        assumed);
  }

  long samplings() {
    return Math.max(1, samplesAgain ? Math.multiplyExact(2, answers) : answers);
  }

  private Usage resting(Usage bound, @Nullable Assumption onModel) {
    if (onModel == null && assumptions.isEmpty() && tools.isEmpty() && !samplesAgain) {
      return bound;
    }
    List<Assumption> all = new ArrayList<>();
    if (onModel != null) {
      all.add(onModel);
    }
    all.addAll(assumptions);
    for (BuiltInTool tool : tools) {
      if (!tool.isCounted()) {
        all.add(tool.assumption());
      }
    }
    if (samplesAgain) {
      String why = "context_management may sample the model again; two samplings are assumed";
      all.add(Assumption.notShown(Meter.INPUT, why));
      all.add(Assumption.notShown(Meter.OUTPUT, why));
    }
    return bound.assuming(all);
  }

  private static Assumption unlimited(long tokens, boolean isTheModels) {
    return isTheModels
        ? new Assumption(
            Meter.OUTPUT,
            Assumption.Kind.MODEL_MAXIMUM,
            "the request sets no maxTokens, so the model's own maximum of "
                + tokens
                + " output tokens is held")
        : new Assumption(
            Meter.OUTPUT,
            Assumption.Kind.NO_MAXIMUM,
            "the request sets no maxTokens and the model's maximum is not known, so "
                + tokens
                + " output tokens are assumed");
  }

  private Map<Meter, Long> counts() {
    if (tools.isEmpty()) {
      return Map.of();
    }
    Map<Meter, Long> counts = new HashMap<>();
    for (BuiltInTool tool : tools) {
      Meter meter = tool.meter();
      if (meter != null) {
        counts.merge(meter, tool.mostRuns(), Math::addExact);
      }
    }
    return counts;
  }

  /** The same request with another limit. */
  Extent withLimit(long other) {
    try {
      Extent copy = (Extent) clone();
      copy.limit = other;
      copy.limitTo = limitFrom < 0 ? -1 : limitFrom + Long.toString(other).length();
      return copy;
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
