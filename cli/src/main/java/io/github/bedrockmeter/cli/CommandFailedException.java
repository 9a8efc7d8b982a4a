// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

/** The command failed; the message says why and what its user can do. */
final class CommandFailedException extends RuntimeException {
  CommandFailedException(String message) {
    super(message);
  }

  CommandFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
