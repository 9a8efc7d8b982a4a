// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record of Bedrock's model invocation log, without the texts in it. Null where the record does
 * not state something. Immutable and thread-safe.
 *
 * @param stated the four counts as the record itself states them, outside the bodies
 * @param metadata the request's metadata, as the caller or the meter wrote them
 * @param reading what the call consumed: by the readers of live answers, which prefer the body's
 *     counts to the record's, as they prefer them to headers
 * @param latencyMillis milliseconds, as the answer's body states them
 */
public record LogRecord(
    Origin origin,
    Call call,
    Stated stated,
    Map<String, String> metadata,
    Reading reading,
    @Nullable Long latencyMillis) {
  /** The name in a request's metadata under which the meter writes the call's id. */
  public static final String CALL_ID = "bedrockMeterCall";

  /**
   * When, where and whose.
   *
   * @param timestamp as it is written
   * @param region where it was called
   * @param inferenceRegion where a cross-region profile let it run
   * @param principal ARN of the caller
   */
  public record Origin(
      @Nullable String timestamp,
      @Nullable String accountId,
      @Nullable String region,
      @Nullable String inferenceRegion,
      @Nullable String principal) {}

  /**
   * What was called, and how that ended.
   *
   * @param isSchema whether the record names its schema, ModelInvocationLog
   * @param requestedTier what the request asked for, as far as the log shows it
   * @param showsTier whether the record would show another tier than the standard one
   * @param hasBodies whether the record has an input or an output
   */
  public record Call(
      @Nullable String requestId,
      @Nullable String operation,
      @Nullable String modelId,
      @Nullable String errorCode,
      boolean isSchema,
      @Nullable String requestedTier,
      boolean showsTier,
      boolean hasBodies) {}

  /** Counts outside the bodies. */
  public record Stated(
      @Nullable Long input,
      @Nullable Long output,
      @Nullable Long cacheRead,
      @Nullable Long cacheWrite) {}

  /** Whether it is a record of a call: it names its schema, or a request and a model. */
  public boolean isRecord() {
    return call.isSchema() || (call.requestId() != null && call.modelId() != null);
  }
}
