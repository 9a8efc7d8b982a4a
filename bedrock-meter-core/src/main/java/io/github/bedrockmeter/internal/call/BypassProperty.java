// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.internal.text.Log;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The system property of the emergency switch: an instant, a blank, and a reason. Stateless. */
final class BypassProperty {
  static final String NAME = "bedrockmeter.bypass";

  private static final Log log = Log.to(LoggerFactory.getLogger(BypassProperty.class));

  private BypassProperty() {}

  /** The bypass that a value begins; null, with a line in the log, if it is malformed. */
  static @Nullable BypassEvent parsed(String value) {
    int blank = value.indexOf(' ');
    try {
      Instant until = Instant.parse(blank < 0 ? value : value.substring(0, blank));
      String reason = blank < 0 ? "system property " + NAME : value.substring(blank + 1);
      return new BypassEvent(reason.strip(), until, true);
    } catch (DateTimeParseException malformed) {
      log.error(
          "System property {} must be an instant and a reason, such as '2026-11-29T12:00:00Z store"
              + " is being restored', and is ignored: {}",
          NAME,
          value);
      return null;
    }
  }
}
