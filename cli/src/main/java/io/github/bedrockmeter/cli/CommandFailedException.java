// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

/** The command cannot go on, for a reason that its user can do something about. */
final class CommandFailedException extends RuntimeException {
  CommandFailedException(String message) {
    super(message);
  }

  CommandFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
