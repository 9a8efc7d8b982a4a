// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.internal.text.Log;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;

/** Warns once if a catalogue is old. Thread-safe. */
final class CatalogAge {
  /** Made when there is something to log: a program waits for its first catalogue. */
  private static final class Lazy {
    static final Log LOG = Log.to(LoggerFactory.getLogger(CatalogAge.class));
  }

  private final String version;
  private final LocalDate asOf;
  private final InstantSource clock;
  private final Duration warnAfter;
  private final AtomicBoolean warned = new AtomicBoolean();

  CatalogAge(String version, LocalDate asOf, InstantSource clock, Duration warnAfter) {
    this.version = version;
    this.asOf = asOf;
    this.clock = clock;
    this.warnAfter = warnAfter;
  }

  void warnIfOld() {
    Duration age = Duration.between(asOf.atStartOfDay(ZoneOffset.UTC).toInstant(), clock.instant());
    if (age.compareTo(warnAfter) > 0 && warned.compareAndSet(false, true)) {
      Lazy.LOG.warn(
          "Price catalogue {} was last compared with AWS on {}, {} days ago. Update bedrock-meter,"
              + " or add an overlay; builder().warnAfter(..) sets the age.",
          version,
          asOf,
          age.toDays());
    }
  }
}
