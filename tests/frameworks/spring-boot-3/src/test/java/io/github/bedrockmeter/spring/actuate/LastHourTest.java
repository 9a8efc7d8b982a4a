// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The last hour: exact, no longer than an hour, and bounded. */
class LastHourTest {
  private Instant now = Instant.parse("2026-11-29T10:00:30Z");
  private final LastHour hour = new LastHour(() -> now);

  @Test
  void costsAreAddedUpToTheLastDigit() {
    spend("m", "0.1", "user", "ann");
    spend("m", "0.2", "user", "ann");
    spend("n", "0.000000000000001", "user", "bob");

    LastHour.View view = hour.view();

    assertThat(view.models.sum().usd()).isEqualByComparingTo("0.300000000000001");
    assertThat(view.models.first(1)).containsExactly(row("m", 2, "0.3"));
    assertThat(view.tags.first(9))
        .containsExactly(row("user=ann", 2, "0.3"), row("user=bob", 1, "0.000000000000001"));
    assertThat(view.models.sum().cost()).isEqualTo("$0.300000000000001");
  }

  @Test
  void aCostThatIsNotKnownIsNotZero() {
    hour.onUsage(SampleEvents.completed(call("m")).cost(new Cost.Unknown("no price")).build());
    assertThat(hour.view().models.sum().cost()).isEqualTo("unknown");

    spend("m", "0.25");

    assertThat(hour.view().models.sum().cost()).isEqualTo("at least $0.25");
  }

  @Test
  void whatIsOlderThanAnHourIsGone() {
    spend("m", "1");
    now = now.plus(Duration.ofMinutes(59));
    spend("m", "2");
    assertThat(hour.view().models.sum().usd()).isEqualByComparingTo("3");
    assertThat(hour.view().bars).hasSize(60);
    assertThat(hour.view().bars.get(0).at()).isEqualTo(Instant.parse("2026-11-29T10:00:00Z"));

    now = now.plus(Duration.ofMinutes(1));

    assertThat(hour.view().models.sum().usd()).isEqualByComparingTo("2");
    now = now.plus(Duration.ofDays(1));
    assertThat(hour.view().models.sum().calls()).isZero();
  }

  @Test
  void aMillionNamesTakeTheRoomOfAFewAndStillAddUp() {
    Random random = new Random(16);
    BigDecimal all = BigDecimal.ZERO;
    for (int i = 0; i < 100_000; i++) {
      BigDecimal usd = BigDecimal.valueOf(random.nextInt(1_000_000), 15);
      all = all.add(usd);
      spend("m", usd.toPlainString(), "user", "u" + i);
    }

    LastHour.View view = hour.view();

    assertThat(view.tags.first(1_000_000)).hasSize(LastHour.MOST_NAMES);
    assertThat(view.tags.sum().usd()).isEqualByComparingTo(all);
    BigDecimal shown =
        view.tags.first(10).stream()
            .map(row -> row.sum().usd())
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(shown.add(view.tags.beyond(10).usd())).isEqualByComparingTo(all);
    assertThat(view.tags.beyond(10).calls()).isEqualTo(100_000 - 10);
  }

  @Test
  void denialsThatWereNotEnforcedAreApart() {
    DenialEvent denied = SampleEvents.denied(call("m"), "daily", "frozen");
    hour.onDenied(denied);
    hour.onDenied(new DenialEvent(denied.call(), denied.denial(), false));

    assertThat(hour.view().denied.sum().calls()).isEqualTo(1);
    assertThat(hour.view().passed.sum().calls()).isEqualTo(1);
  }

  private void spend(String model, String usd, String... tags) {
    hour.onUsage(
        SampleEvents.completed(SampleCalls.converse().model(model).tags(tags).build())
            .cost(Cost.stated(new BigDecimal(usd), "test"))
            .build());
  }

  private static MeteredCall call(String model) {
    return SampleCalls.converse().model(model).build();
  }

  private static Rows.Row row(String name, long calls, String usd) {
    return new Rows.Row(name, new Spending(calls, new BigDecimal(usd), 0));
  }
}
