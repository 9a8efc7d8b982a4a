// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class WindowTest {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  private static void assertSpan(Window window, String at, String start, String end) {
    Window.Span span = window.spanAt(Instant.parse(at));
    assertThat(span.start()).isEqualTo(start);
    assertThat(span.end()).isEqualTo(end);
    assertThat(span.contains(Instant.parse(at))).isTrue();
    assertThat(span.contains(span.end())).isFalse();
    assertThat(window.spanAt(span.end()).start()).isEqualTo(span.end());
  }

  @Test
  void minutesHoursDaysWeeksAndMonths() {
    String at = "2026-11-23T21:17:45.5Z";
    assertSpan(Window.minutely(), at, "2026-11-23T21:17:00Z", "2026-11-23T21:18:00Z");
    assertSpan(Window.hourly(ZoneOffset.UTC), at, "2026-11-23T21:00:00Z", "2026-11-23T22:00:00Z");
    assertSpan(Window.daily(ZoneOffset.UTC), at, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
    assertSpan(Window.weekly(ZoneOffset.UTC), at, "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
    assertSpan(
        Window.weekly(ZoneOffset.UTC, DayOfWeek.SUNDAY),
        at,
        "2026-11-22T00:00:00Z",
        "2026-11-29T00:00:00Z");
    assertSpan(Window.monthly(ZoneOffset.UTC), at, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
  }

  @Test
  void aDayIsTheZonesOwn() {
    assertSpan(
        Window.daily(NEW_YORK),
        "2026-11-24T03:00:00Z",
        "2026-11-23T05:00:00Z",
        "2026-11-24T05:00:00Z");
  }

  @Test
  void aDayHasTwentyThreeOrTwentyFiveHoursWhenClocksChange() {
    Window daily = Window.daily(NEW_YORK);

    Window.Span spring = daily.spanAt(Instant.parse("2026-03-08T12:00:00Z"));
    Window.Span autumn = daily.spanAt(Instant.parse("2026-11-01T12:00:00Z"));

    assertThat(Duration.between(spring.start(), spring.end())).isEqualTo(Duration.ofHours(23));
    assertThat(Duration.between(autumn.start(), autumn.end())).isEqualTo(Duration.ofHours(25));
  }

  @Test
  void theHourThatComesTwiceIsTwoWindows() {
    Window hourly = Window.hourly(NEW_YORK);

    assertSpan(hourly, "2026-11-01T05:30:00Z", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z");
    assertSpan(hourly, "2026-11-01T06:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z");
  }

  @Test
  void anHourFollowsAZoneOfHalfHours() {
    assertSpan(
        Window.hourly(ZoneId.of("Asia/Kolkata")),
        "2026-11-23T21:17:00Z",
        "2026-11-23T20:30:00Z",
        "2026-11-23T21:30:00Z");
  }

  @Test
  void februaryEndsWhereItEnds() {
    assertSpan(
        Window.monthly(ZoneOffset.UTC),
        "2028-02-29T12:00:00Z",
        "2028-02-01T00:00:00Z",
        "2028-03-01T00:00:00Z");
  }

  @Test
  void aLifetimeNeverEnds() {
    Window.Span span = Window.lifetime().spanAt(Instant.parse("2026-11-23T00:00:00Z"));

    assertThat(span.isForever()).isTrue();
    assertThat(span.contains(Instant.parse("9999-12-31T23:59:59Z"))).isTrue();
  }
}
