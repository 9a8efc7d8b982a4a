// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WindowTest {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId LORD_HOWE = ZoneId.of("Australia/Lord_Howe");
  private static final ZoneId SAO_PAULO = ZoneId.of("America/Sao_Paulo");
  private static final ZoneId HAVANA = ZoneId.of("America/Havana");

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

  private static Duration length(Window window, String at) {
    Window.Span span = window.spanAt(Instant.parse(at));
    return Duration.between(span.start(), span.end());
  }

  @Test
  void monthsHaveTwentyEightToThirtyOneDays() {
    Window monthly = Window.monthly(ZoneOffset.UTC);
    List<Long> days = new ArrayList<>();
    Window.Span month = monthly.spanAt(Instant.parse("2027-01-31T23:59:59.999999999Z"));
    for (int i = 0; i < 12; i++) {
      days.add(Duration.between(month.start(), month.end()).toDays());
      month = monthly.spanAt(month.end());
    }

    assertThat(days).containsExactly(31L, 28L, 31L, 30L, 31L, 30L, 31L, 31L, 30L, 31L, 30L, 31L);
    assertThat(month.start()).isEqualTo("2028-01-01T00:00:00Z");
  }

  @Test
  void aLeapDayIsADayOfItsMonth() {
    assertSpan(
        Window.daily(ZoneOffset.UTC),
        "2028-02-29T23:59:59.999999999Z",
        "2028-02-29T00:00:00Z",
        "2028-03-01T00:00:00Z");
    assertThat(length(Window.monthly(ZoneOffset.UTC), "2028-02-29T12:00:00Z"))
        .isEqualTo(Duration.ofDays(29));
  }

  @Test
  void aWeekGoesOnOverTheEndOfTheYear() {
    String at = "2026-12-31T23:59:59Z";
    assertSpan(Window.weekly(ZoneOffset.UTC), at, "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z");
    assertSpan(
        Window.weekly(ZoneOffset.UTC, DayOfWeek.SUNDAY),
        at,
        "2026-12-27T00:00:00Z",
        "2027-01-03T00:00:00Z");
    assertSpan(Window.daily(ZoneOffset.UTC), at, "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z");
    assertSpan(Window.monthly(ZoneOffset.UTC), at, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
  }

  @Test
  void aWeekAndAMonthInWhichClocksChangeAreAnHourShorterOrLonger() {
    assertThat(length(Window.weekly(BERLIN), "2026-03-29T12:00:00Z"))
        .isEqualTo(Duration.ofDays(7).minusHours(1));
    assertThat(length(Window.weekly(BERLIN), "2026-10-25T12:00:00Z"))
        .isEqualTo(Duration.ofDays(7).plusHours(1));
    assertThat(length(Window.monthly(BERLIN), "2026-03-01T12:00:00Z"))
        .isEqualTo(Duration.ofDays(31).minusHours(1));
    assertThat(length(Window.monthly(BERLIN), "2026-10-01T12:00:00Z"))
        .isEqualTo(Duration.ofDays(31).plusHours(1));
  }

  @Test
  void theHourThatIsLeftOutInBerlinIsNoWindow() {
    Window hourly = Window.hourly(BERLIN);

    assertSpan(hourly, "2026-03-29T00:59:59Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z");
    assertSpan(hourly, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z");
    assertSpan(
        Window.daily(BERLIN),
        "2026-03-29T01:00:00Z",
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z");
  }

  @Test
  void theHourThatComesTwiceInBerlinIsTwoWindows() {
    Window hourly = Window.hourly(BERLIN);

    assertSpan(hourly, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z");
    assertSpan(hourly, "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z");
    assertSpan(
        Window.daily(BERLIN),
        "2026-10-25T00:30:00Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T23:00:00Z");
  }

  @Test
  void clocksThatChangeByHalfAnHourCutAnHourInTwo() {
    Window hourly = Window.hourly(LORD_HOWE);

    // 02:00 becomes 02:30.
    assertSpan(hourly, "2026-10-03T15:29:00Z", "2026-10-03T14:30:00Z", "2026-10-03T15:30:00Z");
    assertSpan(hourly, "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z");
    // 02:00 becomes 01:30.
    assertSpan(hourly, "2026-04-04T14:59:00Z", "2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z");
    assertSpan(hourly, "2026-04-04T15:00:00Z", "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z");
    assertThat(length(Window.daily(LORD_HOWE), "2026-10-03T15:30:00Z"))
        .isEqualTo(Duration.ofMinutes(23 * 60 + 30));
    assertThat(length(Window.daily(LORD_HOWE), "2026-04-04T15:00:00Z"))
        .isEqualTo(Duration.ofMinutes(24 * 60 + 30));
  }

  @Test
  void aDayWithoutMidnightBeginsAtOne() {
    assertSpan(
        Window.daily(SAO_PAULO),
        "2018-11-04T03:00:00Z",
        "2018-11-04T03:00:00Z",
        "2018-11-05T02:00:00Z");
    assertSpan(
        Window.daily(HAVANA),
        "2026-03-08T05:00:00Z",
        "2026-03-08T05:00:00Z",
        "2026-03-09T04:00:00Z");
  }

  @Test
  void aDayWhoseLastHourComesTwiceEndsAfterTheSecond() {
    assertSpan(
        Window.daily(SAO_PAULO),
        "2019-02-17T02:30:00Z",
        "2019-02-16T02:00:00Z",
        "2019-02-17T03:00:00Z");
  }

  @Test
  void aDayWhoseFirstHourComesTwiceBeginsWithTheFirst() {
    for (String at : List.of("2026-11-01T04:30:00Z", "2026-11-01T05:30:00Z")) {
      assertSpan(Window.daily(HAVANA), at, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
    }
    assertSpan(
        Window.hourly(HAVANA),
        "2026-11-01T05:30:00Z",
        "2026-11-01T05:00:00Z",
        "2026-11-01T06:00:00Z");
  }

  @Test
  void aDayThatAZoneLeavesOutIsNoWindow() {
    ZoneId apia = ZoneId.of("Pacific/Apia");

    // From the 29th to the 31st of December 2011.
    assertSpan(
        Window.daily(apia), "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z");
    assertSpan(
        Window.daily(apia), "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
    assertThat(length(Window.monthly(apia), "2011-12-30T10:00:00Z")).isEqualTo(Duration.ofDays(30));
  }

  /**
   * In every zone, at random instants and at those at which its clocks change: a span contains its
   * instants, is the same for all of them, and ends where the next one begins.
   */
  @Test
  void spansTileTimeInEveryZone() {
    SplittableRandom random = new SplittableRandom(20_261_123);
    long from = Instant.parse("2012-01-01T00:00:00Z").getEpochSecond();
    long to = Instant.parse("2060-01-01T00:00:00Z").getEpochSecond();
    for (String id : new TreeSet<>(ZoneId.getAvailableZoneIds())) {
      ZoneId zone = ZoneId.of(id);
      List<Window> windows =
          List.of(
              Window.minutely(),
              Window.hourly(zone),
              Window.daily(zone),
              Window.weekly(zone, DayOfWeek.of(1 + random.nextInt(7))),
              Window.monthly(zone));
      for (int i = 0; i < 10; i++) {
        Instant any =
            Instant.ofEpochSecond(random.nextLong(from, to), random.nextInt(1_000_000_000));
        ZoneOffsetTransition change = zone.getRules().nextTransition(any);
        List<Instant> instants =
            change == null
                ? List.of(any)
                : List.of(any, change.getInstant(), change.getInstant().minusNanos(1));
        for (Window window : windows) {
          instants.forEach(instant -> assertTiles(window, instant));
        }
      }
    }
  }

  private static void assertTiles(Window window, Instant instant) {
    Window.Span span = window.spanAt(instant);
    boolean tiles =
        span.contains(instant)
            && window.spanAt(span.start()).equals(span)
            && window.spanAt(span.end().minusNanos(1)).equals(span)
            && window.spanAt(span.end()).start().equals(span.end())
            && window.spanAt(span.start().minusNanos(1)).end().equals(span.start());
    assertThat(tiles).as("%s at %s: %s", window, instant, span).isTrue();
  }
}
