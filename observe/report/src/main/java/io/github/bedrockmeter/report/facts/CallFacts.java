// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call, whatever source it comes from: a row of the table {@code calls}, with its rows of
 * {@code charges} and {@code tags}. The file {@code facts.sql} explains each column. Null is
 * unknown, never zero. Has no text of a prompt or an answer. Immutable and thread-safe.
 *
 * @param anomalies JSON, as the table has it; null if there are none
 * @param details its charges and its tags
 */
public record CallFacts(
    Origin origin,
    Identity identity,
    Model model,
    Outcome outcome,
    Counts counts,
    Money money,
    @Nullable String anomalies,
    Details details)
    implements Serializable {

  /** These facts with other charges and tags. */
  public CallFacts with(Details other) {
    return new CallFacts(origin, identity, model, outcome, counts, money, anomalies, other);
  }

  /**
   * Where it was read.
   *
   * @param source {@link #JOURNAL} or {@link #LOG}
   * @param file null for a journal
   * @param line from 1; null for a journal
   */
  public record Origin(String source, @Nullable String file, @Nullable Long line)
      implements Serializable {
    public static final String JOURNAL = "journal";
    public static final String LOG = "log";
  }

  /**
   * Which call it is, when, where and whose.
   *
   * @param requestId Bedrock's id of the call
   * @param callId the meter's own id
   * @param region the source region
   * @param inferenceRegion where a cross-region profile let it run
   * @param principal ARN of the caller
   */
  public record Identity(
      @Nullable String requestId,
      @Nullable String callId,
      Instant time,
      @Nullable String account,
      @Nullable String region,
      @Nullable String inferenceRegion,
      @Nullable String principal)
      implements Serializable {}

  /**
   * What was called.
   *
   * @param operation as AWS writes it
   * @param requested the model as the caller named it
   * @param modelId as it was called
   * @param base the foundation model's own id
   * @param geography of a cross-region profile
   * @param profile ARN of an application inference profile
   * @param answeredBy the model that the answer names
   * @param tier in the words of {@link io.github.bedrockmeter.price.PriceKey}
   */
  public record Model(
      @Nullable String operation,
      @Nullable String requested,
      @Nullable String modelId,
      @Nullable String base,
      @Nullable String geography,
      @Nullable String profile,
      @Nullable String answeredBy,
      @Nullable String tier)
      implements Serializable {}

  /**
   * How it ended.
   *
   * @param outcome completed, failed, cancelled or truncated
   * @param elapsedNanos nanoseconds until it ended
   * @param firstChunkNanos nanoseconds until the first chunk of a stream
   * @param sent SEEN or INFERRED
   * @param charge REPORTED, ESTIMATED or RELEASED
   */
  public record Outcome(
      String outcome,
      @Nullable String error,
      @Nullable Integer statusCode,
      @Nullable Long elapsedNanos,
      @Nullable Long firstChunkNanos,
      @Nullable String sent,
      @Nullable String charge,
      @Nullable Integer attempts)
      implements Serializable {
    public static final String COMPLETED = "completed";
    public static final String FAILED = "failed";
  }

  /**
   * Whole tokens; null where the source does not state them.
   *
   * @param source the least trusted source of any count
   */
  public record Counts(
      @Nullable Long input,
      @Nullable Long output,
      @Nullable Long cacheRead,
      @Nullable Long cacheWrite,
      @Nullable Long total,
      @Nullable String source)
      implements Serializable {
    /** Of a call that reports nothing. */
    public static final Counts UNKNOWN = new Counts(null, null, null, null, null, null);
  }

  /**
   * US dollars.
   *
   * @param costUsd null where it is unknown, and then {@code unpricedReason} says why
   * @param atLeastUsd the part that is certain
   * @param estimatedTokens what was held before the call
   * @param boundTokens what it could be at most
   * @param estimatedUsd the estimate's cost
   */
  public record Money(
      @Nullable BigDecimal costUsd,
      BigDecimal atLeastUsd,
      @Nullable String unpricedReason,
      @Nullable String priceBook,
      @Nullable Long estimatedTokens,
      @Nullable Long boundTokens,
      @Nullable BigDecimal estimatedUsd)
      implements Serializable {}

  /** What a call has any number of. */
  public record Details(List<Charge> charges, Map<String, String> tags) implements Serializable {
    public Details {
      charges = List.copyOf(charges);
      tags = Map.copyOf(tags);
    }
  }

  /**
   * A count above zero, and its price where it has one: {@code usd = units * rateUsd / ratePer}.
   *
   * @param source where the count comes from
   * @param rateBasis fallbacks taken, with commas; empty for the exact row
   */
  public record Charge(
      String meter,
      long units,
      @Nullable String source,
      @Nullable BigDecimal usd,
      @Nullable BigDecimal rateUsd,
      @Nullable Long ratePer,
      @Nullable String rateBasis,
      @Nullable String rateSource)
      implements Serializable {}
}
