// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.CacheDetail;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamMetadataEvent;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailTraceAssessment;
import software.amazon.awssdk.services.bedrockruntime.model.PerformanceConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.PromptRouterTrace;
import software.amazon.awssdk.services.bedrockruntime.model.ServiceTier;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

/**
 * Reads the fields that Converse and ConverseStream share. A call whose counts are consistent takes
 * a fast path that allocates nothing but the reading.
 */
final class ConverseReader {
  private static final Usage.Sources BODY = Usage.Sources.all(Source.BODY);
  private static final Usage.Sources NO_LIFETIME =
      Usage.builder(Source.BODY).build().assuming(Reading.NO_LIFETIME).sources();

  private ConverseReader() {}

  static Reading read(ConverseResponse response, @Nullable String modelId) {
    return read(
        modelId,
        response.usage(),
        ConverseBlocks.runs(response),
        response.trace() == null ? null : response.trace().guardrail(),
        response.trace() == null ? null : response.trace().promptRouter(),
        tier(response.serviceTier(), response.performanceConfig()),
        "guardrail_intervened".equals(response.stopReasonAsString()));
  }

  static Reading read(
      ConverseStreamMetadataEvent metadata,
      @Nullable String modelId,
      @Nullable Runs runs,
      boolean intervened) {
    return read(
        modelId,
        metadata.usage(),
        runs,
        metadata.trace() == null ? null : metadata.trace().guardrail(),
        metadata.trace() == null ? null : metadata.trace().promptRouter(),
        tier(metadata.serviceTier(), metadata.performanceConfig()),
        intervened);
  }

  private static Reading read(
      @Nullable String modelId,
      @Nullable TokenUsage tokens,
      @Nullable Runs runs,
      @Nullable GuardrailTraceAssessment guardrail,
      @Nullable PromptRouterTrace router,
      @Nullable String tier,
      boolean intervened) {
    String answeredBy = router == null ? null : router.invokedModelId();
    Usage usage = guardrail == null && runs == null && tokens != null ? soundUsage(tokens) : null;
    if (usage != null && !SharedInput.isOpen(usage, modelId)) {
      return new Reading(usage, Set.of(), tier, answeredBy, List.of());
    }
    Facts facts = new Facts();
    if (tokens != null) {
      state(tokens, facts);
      SharedInput.judge(facts, modelId);
    }
    facts.ran(runs);
    if (guardrail != null) {
      Guardrails.read(guardrail, facts);
    }
    return new Verdict(facts, intervened).tokens(true, true).guardrail().reading(tier, answeredBy);
  }

  /** The usage if its counts are consistent, else null. */
  private static @Nullable Usage soundUsage(TokenUsage tokens) {
    Integer input = tokens.inputTokens();
    Integer output = tokens.outputTokens();
    if (input == null || output == null) {
      return null;
    }
    int read = orZero(tokens.cacheReadInputTokens());
    int written = orZero(tokens.cacheWriteInputTokens());
    long thirtyMinutes = 0;
    long oneHour = 0;
    if (tokens.hasCacheDetails()) {
      long fiveMinutes = written(tokens.cacheDetails(), "5m");
      thirtyMinutes = written(tokens.cacheDetails(), "30m");
      oneHour = written(tokens.cacheDetails(), "1h");
      if ((fiveMinutes | thirtyMinutes | oneHour) < 0
          || fiveMinutes + thirtyMinutes + oneHour > written
          || fiveMinutes + thirtyMinutes + oneHour != written(tokens.cacheDetails(), null)) {
        return null;
      }
    }
    Integer total = tokens.totalTokens();
    if ((input | output | read | written) < 0
        || (total != null && total != (long) input + output + read + written)) {
      return null;
    }
    long rest = written - thirtyMinutes - oneHour;
    boolean isOpen = written > 0 && tokens.cacheDetails().isEmpty();
    return new Usage(
        input, output, read, rest, thirtyMinutes, oneHour, Map.of(), isOpen ? NO_LIFETIME : BODY);
  }

  /**
   * Tokens written for {@code lifetime}, or for any if it is null; a negative number if an entry is
   * negative.
   */
  private static long written(List<CacheDetail> details, @Nullable String lifetime) {
    long sum = 0;
    for (int i = 0; i < details.size(); i++) { // by index: an iterator would be garbage
      CacheDetail detail = details.get(i);
      int count = orZero(detail.inputTokens());
      if (count < 0) {
        return count;
      }
      sum += lifetime == null || lifetime.equals(detail.ttlAsString()) ? count : 0;
    }
    return sum;
  }

  private static void state(TokenUsage tokens, Facts facts) {
    state(Field.INPUT, tokens.inputTokens(), facts);
    state(Field.OUTPUT, tokens.outputTokens(), facts);
    state(Field.CACHE_READ, tokens.cacheReadInputTokens(), facts);
    state(Field.CACHE_WRITE, tokens.cacheWriteInputTokens(), facts);
    state(Field.TOTAL, tokens.totalTokens(), facts);
    for (CacheDetail detail : tokens.cacheDetails()) {
      Integer written = detail.inputTokens();
      if (written != null) {
        facts.add(lifetime(detail.ttlAsString()), written);
      }
    }
  }

  static Field lifetime(@Nullable String ttl) {
    return switch (ttl == null ? "" : ttl) {
      case "5m" -> Field.CACHE_WRITE_5M;
      case "30m" -> Field.CACHE_WRITE_30M;
      case "1h" -> Field.CACHE_WRITE_1H;
      default -> Field.CACHE_WRITE_OTHER;
    };
  }

  private static void state(Field field, @Nullable Integer count, Facts facts) {
    if (count != null) {
      facts.state(field, count);
    }
  }

  private static @Nullable String tier(
      @Nullable ServiceTier tier, @Nullable PerformanceConfiguration performance) {
    return Tier.of(
        tier == null ? null : tier.typeAsString(),
        performance == null ? null : performance.latencyAsString());
  }

  private static int orZero(@Nullable Integer count) {
    return count == null ? 0 : count;
  }
}
