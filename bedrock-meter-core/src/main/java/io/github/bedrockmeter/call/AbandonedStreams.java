// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.call;

/**
 * What is charged for a stream that ends before it has reported its usage: the caller left, the
 * socket dropped, the service broke off. AWS bills such a stream in full, also what was not
 * received.
 */
public enum AbandonedStreams {
  /**
   * Charges what the stream reported, and the estimate for the rest. Nothing is read that the
   * caller does not read. The default.
   */
  HOLD_WORST_CASE,

  /**
   * When the caller leaves, reads on until the stream has reported its usage, unseen by the caller,
   * whose future completes at once; the call is settled when the stream ends. After its future is
   * cancelled, the caller's handler gets no further signal. What ends without usage all the same is
   * charged at the estimate.
   */
  DRAIN,

  /**
   * Charges what the stream reported; for the rest the estimated input, and one output token for
   * each three characters that were delivered, at most the estimate. Closer for a stream that broke
   * off, and too low for one that the caller left.
   */
  ESTIMATE_FROM_DELIVERED
}
