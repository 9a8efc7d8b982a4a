// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import org.jspecify.annotations.Nullable;

/**
 * A ledger could not answer: its store is unreachable, refuses the operation, or did not reply in
 * time. Nothing is known of what was asked; a hold may or may not have been taken. The cause is the
 * store's own exception, where there is one.
 */
public final class LedgerUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An answer that did not come.
   *
   * @param message what could not be done and what to do about it, without SQL or credentials
   * @param cause the store's own exception; null where there is none
   */
  public LedgerUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
