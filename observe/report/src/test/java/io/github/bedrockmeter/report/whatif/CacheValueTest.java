// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.whatif;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.scene.Metered;
import io.github.bedrockmeter.report.sheet.Sheet;
import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CacheValueTest {
  /** Input 3.30, cache read 0.33, write 4.125 for 5 minutes and 6.60 for an hour. */
  private static final String SONNET = "us.anthropic.claude-sonnet-4-6";

  private final List<Metered> calls = new ArrayList<>();

  @Test
  void aReadSavesAndAWriteThatNoCallReadWastesItsPremium() {
    write("12:00:00", Meter.CACHE_WRITE_5M, "read");
    read("12:04:59", "reader");
    write("13:00:00", Meter.CACHE_WRITE_5M, "lost");
    read("13:05:01", "reader");

    Sheet byTag = by("tag:team");

    assertThat(row(byTag, "lost", "wasted_usd")).isEqualTo(new BigDecimal("0.825"));
    assertThat(row(byTag, "lost", "never_read_tokens")).isEqualTo(1_000_000L);
    assertThat(row(byTag, "read", "wasted_usd")).isEqualTo(BigDecimal.ZERO);
    assertThat(row(byTag, "read", "write_premium_usd")).isEqualTo(new BigDecimal("0.825"));
    assertThat(row(byTag, "reader", "saved_usd")).isEqualTo(new BigDecimal("5.94"));
    assertThat(by("model").get(0, "net_usd")).isEqualTo(new BigDecimal("4.29"));
  }

  @Test
  void aReadOfAnotherModelOrRegionProvesNothing() {
    write("12:00:00", Meter.CACHE_WRITE_5M, "a");
    calls.add(
        Metered.call("us.anthropic.claude-opus-4-7", "2026-10-05T12:01:00Z")
            .with(Meter.CACHE_READ, 5));
    calls.add(
        Metered.call(SONNET, "2026-10-05T12:01:00Z").in("us-west-2").with(Meter.CACHE_READ, 5));
    later();

    assertThat(row(by("tag:team"), "a", "never_read_tokens")).isEqualTo(1_000_000L);
  }

  @Test
  void aWriteWhoseLifetimeHasNotEndedIsOpen() {
    write("12:00:00", Meter.CACHE_WRITE_1H, "a");
    calls.add(Metered.call(SONNET, "2026-10-05T12:30:00Z").tokens(1, 1));

    assertThat(row(by("tag:team"), "a", "never_read_tokens")).isEqualTo(0L);
    assertThat(row(by("tag:team"), "a", "open_tokens")).isEqualTo(1_000_000L);
    assertThat(row(by("tag:team"), "a", "wasted_usd")).isEqualTo(BigDecimal.ZERO);
  }

  @Test
  void theLifetimeThatWouldHavePaidIsAdvised() {
    write("12:00:00", Meter.CACHE_WRITE_5M, "late");
    write("12:20:00", Meter.CACHE_WRITE_5M, "late");
    write("12:40:00", Meter.CACHE_WRITE_5M, "late");
    later();

    assertThat(String.valueOf(row(by("tag:team"), "late", "advice")))
        .startsWith("write for 1 hour");
    assertThat(row(by("tag:team"), "late", "never_read_tokens")).isEqualTo(3_000_000L);
  }

  @Test
  void anHourThatNoReadNeededIsAdvisedAgainst() {
    write("12:00:00", Meter.CACHE_WRITE_1H, "early");
    read("12:01:00", "early");
    later();

    assertThat(String.valueOf(row(by("tag:team"), "early", "advice")))
        .startsWith("write for 5 minutes");
  }

  @Test
  void cachesThatNoCallEverReadsAreAdvisedAgainst() {
    write("12:00:00", Meter.CACHE_WRITE_5M, "never");
    later();

    assertThat(String.valueOf(row(by("tag:team"), "never", "advice")))
        .contains("leave the cache points out");
  }

  @Test
  void cachesWhoseReadsSaveMoreThanTheirWritesCostAreNotAdvisedAgainst() {
    write("12:00:00", Meter.CACHE_WRITE_5M, "both");
    read("11:59:00", "both"); // of a write before, which the facts do not have
    later();

    assertThat(row(by("tag:team"), "both", "never_read_tokens")).isEqualTo(1_000_000L);
    assertThat(row(by("tag:team"), "both", "advice"))
        .isEqualTo("more than half of the writes were never read: cache only what is used again");
  }

  private void write(String time, Meter meter, String team) {
    calls.add(
        Metered.call(SONNET, "2026-10-05T" + time + "Z").with(meter, 1_000_000).tag("team", team));
  }

  private void read(String time, String team) {
    calls.add(
        Metered.call(SONNET, "2026-10-05T" + time + "Z")
            .with(Meter.CACHE_READ, 1_000_000)
            .tag("team", team));
  }

  /** The facts go on for days. */
  private void later() {
    calls.add(Metered.call("amazon.nova-pro-v1:0", "2026-10-09T12:00:00Z").tokens(1, 1));
  }

  private Sheet by(String... by) {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      try (FactWriter writer = tables.writer()) {
        calls.forEach(call -> writer.add(call.facts(PriceCatalog.bundled())));
      }
      return CacheValue.of(tables, PriceCatalog.bundled(), Change.NONE)
          .by(Grouping.of(List.of(by)));
    }
  }

  private static Object row(Sheet sheet, String group, String column) {
    for (int i = 0; i < sheet.rows().size(); i++) {
      if (group.equals(sheet.rows().get(i).get(0))) {
        return Objects.requireNonNull(sheet.get(i, column));
      }
    }
    throw new AssertionError("no group " + group + " in " + sheet);
  }
}
