// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogTimeTest {
  @ParameterizedTest
  @CsvSource({
    "2026-11-29T21:04:05Z, 2026-11-29T21:04:05Z",
    "2024-02-29T23:59:59Z, 2024-02-29T23:59:59Z",
    "2026-11-29T24:00:00Z, 2026-11-30T00:00:00Z",
    "2026-12-31T23:59:60Z, 2026-12-31T23:59:59Z",
    "2026-11-29T21:04:05.123Z, 2026-11-29T21:04:05.123Z",
    "2026-11-29 21:04:05.123456000, 2026-11-29T21:04:05.123456Z",
    "2026-11-29T21:04:05, 2026-11-29T21:04:05Z",
    "2026-11-29T22:04:05+01:00, 2026-11-29T21:04:05Z",
    "2026-11-29T20:34:05.5-0030, 2026-11-29T21:04:05.5Z",
    "2026-11-29 21:04:05+0000, 2026-11-29T21:04:05Z",
    "1795986245000, 2026-11-29T21:04:05Z"
  })
  void aTimeIsReadAsItIsWritten(String text, Instant expected) {
    assertThat(LogTime.of(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-00T00:00:00Z",
        "2026-11-29T25:00:00Z",
        "2026-11-29T21:60:00Z",
        "2026-11-29T21:04:61Z",
        "2026-11-29T21:04:05+2500",
        "2026-11-29T21:04:0\u0665Z"
      })
  void whatIsNoTimeIsNone(@Nullable String text) {
    assertThat(LogTime.of(text)).isNull();
  }

  @Test
  void theUsualShapeIsReadByTheRulesOfAllTimes() {
    Random random = new Random(17);
    for (int i = 0; i < 20_000; i++) {
      String text =
          "%04d-%02d-%02dT%02d:%02d:%02dZ"
              .formatted(
                  random.nextInt(10_000),
                  random.nextInt(14),
                  random.nextInt(33),
                  random.nextInt(26),
                  random.nextInt(62),
                  random.nextInt(62));

      assertThat(LogTime.of(text)).as(text).isEqualTo(byAllRules(text));
    }
  }

  private static @Nullable Instant byAllRules(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException noTime) {
      return null;
    }
  }
}
