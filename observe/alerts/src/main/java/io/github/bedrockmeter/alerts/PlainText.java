// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Command;
import io.github.bedrockmeter.alerts.Alert.Kind;

/** A message as text, for e-mail. Stateless. */
final class PlainText {
  private static final int LONGEST_SUBJECT = 99;

  private PlainText() {}

  /** How urgent it is, and what happened. */
  static String headline(AlertMessage message) {
    return label(message) + ": " + message.title();
  }

  /** One word for how urgent a message is; what ended needs no action. */
  static String label(AlertMessage message) {
    if (isGood(message)) {
      return "Over";
    }
    return switch (message.severity()) {
      case INFO -> "Info";
      case WARNING -> "Warning";
      case CRITICAL -> "Critical";
    };
  }

  /** Whether something ended that was bad. */
  static boolean isGood(AlertMessage message) {
    Kind kind = message.isDigest() ? null : message.alerts().get(0).kind();
    return kind == Kind.LEDGER_RECOVERED || kind == Kind.THAWED;
  }

  /** The subject of an e-mail by SNS: ASCII, below a hundred characters. */
  static String subject(AlertMessage message) {
    StringBuilder subject = new StringBuilder();
    headline(message)
        .codePoints()
        .forEach(c -> subject.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
    if (subject.length() > LONGEST_SUBJECT) {
      subject.setLength(LONGEST_SUBJECT - 3);
      subject.append("...");
    }
    return subject.toString();
  }

  /** All of it. */
  static String of(AlertMessage message) {
    StringBuilder text = new StringBuilder(headline(message)).append("\n\n");
    for (String detail : message.details()) {
      text.append(detail).append('\n');
    }
    for (Command command : message.commands()) {
      text.append('\n').append("To ").append(command.purpose()).append(":\n");
      text.append("  ").append(command.line()).append('\n');
    }
    if (message.source() != null) {
      text.append("\nFrom ").append(message.source()).append('\n');
    }
    return text.toString();
  }
}
