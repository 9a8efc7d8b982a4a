// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import org.jspecify.annotations.Nullable;

/**
 * A ledger could not answer: its store is unreachable, refused the operation, or did not reply in
 * time. It is not known whether the operation was done; a hold may have been taken or not. The
 * cause is the store's own exception, where there is one.
 */
public final class LedgerUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * A missing answer.
   *
   * @param message what could not be done and what to do about it, without SQL or credentials
   * @param cause the store's own exception; null where there is none
   */
  public LedgerUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
