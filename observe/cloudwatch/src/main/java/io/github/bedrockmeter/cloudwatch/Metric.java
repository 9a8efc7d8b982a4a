// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

/** What lines can define as metrics, by the names and units that CloudWatch knows. */
enum Metric {
  // The article's.
  TOTAL_REQUESTS("TotalRequests"),
  RATE_LIMIT_APPROVED("RateLimitApproved"),
  RATE_LIMIT_DENIED("RateLimitDenied"),
  INVOCATION_FAILED("InvocationFailed"),
  INPUT_TOKENS("InputTokens"),
  OUTPUT_TOKENS("OutputTokens"),

  // Ours.
  COST_USD("CostUSD", "None"),
  CACHE_READ_TOKENS("CacheReadTokens"),
  CACHE_WRITE_TOKENS("CacheWriteTokens"),
  CALLS_CANCELLED("CallsCancelled"),
  UNFINISHED_INPUT_TOKENS("UnfinishedInputTokens"),
  UNFINISHED_OUTPUT_TOKENS("UnfinishedOutputTokens"),
  UNPRICED_CALLS("UnpricedCalls"),
  WOULD_BE_DENIED("WouldBeDenied"),
  LINES_FOLDED("LinesFolded"),

  /** Has no dimensions. */
  LINES_DROPPED("LinesDropped");

  private final String key;
  private final String unit;

  Metric(String key) {
    this(key, "Count");
  }

  Metric(String key, String unit) {
    this.key = key;
    this.unit = unit;
  }

  /** Its name in CloudWatch, and the member of a line that holds its value. */
  String key() {
    return key;
  }

  /** One of CloudWatch's units, which has none for money. */
  String unit() {
    return unit;
  }
}
