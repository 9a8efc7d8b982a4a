// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import org.jspecify.annotations.Nullable;

/**
 * What AWS allows an account for one model, or one cross-region profile, in one region; the numbers
 * are those of the Service Quotas console. Immutable and thread-safe.
 *
 * @param tokensPerMinute tokens a minute, null where AWS has no such quota
 * @param tokensPerDay tokens a day, null where AWS has no such quota
 * @param requestsPerMinute requests a minute, null where AWS has no such quota
 */
public record ModelQuota(
    @Nullable Long tokensPerMinute, @Nullable Long tokensPerDay, @Nullable Long requestsPerMinute) {

  public ModelQuota {
    check("tokensPerMinute", tokensPerMinute);
    check("tokensPerDay", tokensPerDay);
    check("requestsPerMinute", requestsPerMinute);
    if (tokensPerMinute == null && tokensPerDay == null && requestsPerMinute == null) {
      throw new IllegalArgumentException(
          "a quota must limit tokens or requests, such as tokensPerMinute(200_000)");
    }
  }

  private static void check(String name, @Nullable Long quota) {
    if (quota != null && quota < 1) {
      throw new IllegalArgumentException(name + " must be positive: " + quota);
    }
  }

  /** A quota of tokens a minute. */
  public static ModelQuota tokensPerMinute(long tokens) {
    return new ModelQuota(tokens, null, null);
  }

  /** A quota of requests a minute, for models that count no tokens. */
  public static ModelQuota requestsPerMinute(long requests) {
    return new ModelQuota(null, null, requests);
  }

  /** This quota, and so many requests a minute. */
  public ModelQuota withRequestsPerMinute(long requests) {
    return new ModelQuota(tokensPerMinute, tokensPerDay, requests);
  }

  /** This quota, and so many tokens a day. */
  public ModelQuota withTokensPerDay(long tokens) {
    return new ModelQuota(tokensPerMinute, tokens, requestsPerMinute);
  }
}
