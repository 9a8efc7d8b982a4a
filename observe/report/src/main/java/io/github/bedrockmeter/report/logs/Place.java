// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.internal.reading.LogRecordReader;
import io.github.bedrockmeter.report.facts.Skipped;
import io.github.bedrockmeter.report.facts.Skipped.Reason;

/**
 * Where something stands. Immutable.
 *
 * @param line from 1
 */
record Place(String file, long line) {
  Skipped skipped(Reason reason) {
    return new Skipped(file, line, reason);
  }

  /** A line that is cut off; the failure's own message could quote it. */
  Skipped torn(Exception failure) {
    String requestId =
        failure instanceof LogRecordReader.CutOffException cut ? cut.requestId() : null;
    return new Skipped(file, line, Reason.TORN_LINE, requestId);
  }
}
