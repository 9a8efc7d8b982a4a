// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A channel could not send a message. Its text is logged: it names no URL, key or account, and it
 * has no cause, since messages of HTTP clients may quote the URL.
 */
public final class AlertNotSentException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean mayRetry;
  private final @Nullable Duration retryAfter;

  /**
   * A failure.
   *
   * @param reason why, without secrets
   * @param mayRetry whether another try may succeed
   * @param retryAfter how long the receiver asks to wait; null if it does not say
   */
  public AlertNotSentException(String reason, boolean mayRetry, @Nullable Duration retryAfter) {
    super(reason);
    this.mayRetry = mayRetry;
    this.retryAfter = retryAfter;
  }

  /** Whether another try may succeed. */
  public boolean mayRetry() {
    return mayRetry;
  }

  /** How long the receiver asks to wait; null if it does not say. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
