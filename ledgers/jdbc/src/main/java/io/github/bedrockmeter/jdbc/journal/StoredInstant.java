// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import java.time.Instant;

/** A moment, to the nanosecond, as two numbers, since JSON has no moments. Immutable. */
record StoredInstant(long seconds, int nanos) {
  static StoredInstant of(Instant instant) {
    return new StoredInstant(instant.getEpochSecond(), instant.getNano());
  }

  Instant instant() {
    return Instant.ofEpochSecond(seconds, nanos);
  }
}
