// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.report.facts.Skipped.Reason;
import java.nio.charset.StandardCharsets;

/** Lines that are no JSON. Stateless. */
final class LogText {
  private static final String NOTICE = "Permissions are correctly set";
  private static final String CONTROL = "CWL CONTROL MESSAGE";

  /** As long as a time is, with its fraction and its zone. */
  private static final int LONGEST_TIME = 40;

  private static final int LONGEST_NOTICE = 200;

  private LogText() {}

  static Reason reasonOf(byte[] bytes, int start, int length) {
    return reasonOf(
        new String(bytes, start, Math.min(length - start, LONGEST_NOTICE), StandardCharsets.UTF_8));
  }

  static Reason reasonOf(String text) {
    if (text.contains(NOTICE)) {
      return Reason.PERMISSIONS_NOTICE;
    }
    return text.contains(CONTROL) ? Reason.CONTROL_MESSAGE : Reason.NOT_A_RECORD;
  }

  /**
   * Where JSON begins after a time, as CloudWatch's export to S3 writes it: {@code
   * 2026-11-29T12:00:00.000Z {"schemaType": ...}}; the start if there is no time.
   */
  static int endOfTime(byte[] bytes, int start, int length) {
    if (start >= length || bytes[start] < '0' || bytes[start] > '9') {
      return start;
    }
    int most = Math.min(length, start + LONGEST_TIME);
    for (int i = start; i < most; i++) {
      byte letter = bytes[i];
      if (letter == '{' || letter == '[' || letter == 'P') {
        return i;
      }
      boolean isOfTime =
          (letter >= '0' && letter <= '9') || "-:.TZ+ \t".indexOf((char) letter) >= 0;
      if (!isOfTime) {
        return start;
      }
    }
    return start;
  }
}
