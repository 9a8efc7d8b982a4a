// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.alerts.AlertChannel;
import io.github.bedrockmeter.alerts.AlertMessage;
import io.github.bedrockmeter.internal.text.Log;
import org.slf4j.LoggerFactory;

/** Alerts as lines of the log. Thread-safe. */
final class AlertLog implements AlertChannel {
  private static final Log log = Log.to(LoggerFactory.getLogger(AlertLog.class));

  @Override
  public void send(AlertMessage message) {
    switch (message.severity()) {
      case INFO -> log.info("{} {}", message.title(), details(message));
      case WARNING -> log.warn("{} {}", message.title(), details(message));
      case CRITICAL -> log.error("{} {}", message.title(), details(message));
    }
  }

  private static String details(AlertMessage message) {
    return String.join(" ", message.details());
  }

  @Override
  public String name() {
    return "log";
  }
}
