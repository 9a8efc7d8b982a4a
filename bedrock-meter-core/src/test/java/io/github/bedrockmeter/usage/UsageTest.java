// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.usage.Usage.Source;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UsageTest {

  @Test
  void totalsAreSumsOfDisjointCounts() {
    Usage usage =
        new Usage(
            1,
            2,
            4,
            8,
            16,
            32,
            Map.of(new Meter("inputSpeechTokens"), 64L, Meter.SEARCH_UNITS, 1_000L),
            Usage.Sources.all(Source.BODY));

    assertThat(usage.cacheWriteTokens()).isEqualTo(8 + 16 + 32);
    assertThat(usage.totalInputTokens()).isEqualTo(1 + 4 + 8 + 16 + 32);
    assertThat(usage.totalTokens()).isEqualTo(1 + 2 + 4 + 8 + 16 + 32 + 64);
    assertThat(usage.count(Meter.SEARCH_UNITS)).isEqualTo(1_000);
    assertThat(usage.count(Meter.outputImages())).isZero();
  }

  @Test
  void eachCountKnowsItsSourceAndTheWholeItsWeakest() {
    Usage usage =
        Usage.builder(Source.HEADERS)
            .count(Meter.INPUT, 5)
            .count(Meter.OUTPUT, 7, Source.ESTIMATED)
            .build();

    assertThat(usage.sources().of(Meter.INPUT)).isEqualTo(Source.HEADERS);
    assertThat(usage.sources().of(Meter.OUTPUT)).isEqualTo(Source.ESTIMATED);
    assertThat(usage.source()).isEqualTo(Source.ESTIMATED);
  }

  @Test
  void oneCountIsChangedAndItsSourceKept() {
    Usage usage =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 5)
            .count(Meter.CACHE_WRITE_1H, 6)
            .count(Meter.OUTPUT, 7, Source.ESTIMATED)
            .count(Meter.SEARCH_UNITS, 8)
            .build();

    Usage less = usage.with(Meter.OUTPUT, 3);

    assertThat(less)
        .isEqualTo(
            Usage.builder(Source.BODY)
                .count(Meter.INPUT, 5)
                .count(Meter.CACHE_WRITE_1H, 6)
                .count(Meter.OUTPUT, 3, Source.ESTIMATED)
                .count(Meter.SEARCH_UNITS, 8)
                .build());
    for (Meter meter : Meter.TOKENS) {
      assertThat(usage.with(meter, 99).count(meter)).isEqualTo(99);
    }
    assertThat(usage.with(Meter.SEARCH_UNITS, 9).count(Meter.SEARCH_UNITS)).isEqualTo(9);
    assertThat(usage.with(Meter.SEARCH_UNITS, 0).other()).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> usage.with(Meter.INPUT, -1));
  }

  @Test
  void aSumKeepsTheWeakerSourceOfEachCount() {
    Usage reported = Usage.ofTokens(10, 20);
    Usage mixed =
        Usage.builder(Source.BODY)
            .count(Meter.INPUT, 1)
            .count(Meter.OUTPUT, 2, Source.ESTIMATED)
            .build();

    Usage sum = reported.plus(mixed);

    assertThat(sum.inputTokens()).isEqualTo(11);
    assertThat(sum.outputTokens()).isEqualTo(22);
    assertThat(sum.sources().of(Meter.INPUT)).isEqualTo(Source.BODY);
    assertThat(sum.sources().of(Meter.OUTPUT)).isEqualTo(Source.ESTIMATED);
  }

  @Test
  void negativeCountsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Usage.ofTokens(-1, 0))
        .withMessageContaining("input -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Usage.builder(Source.BODY).count(Meter.SEARCH_UNITS, -1).build());
  }

  @Test
  void aMisspeltMeterIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Meter("imput"))
        .withMessageContaining("'imput'");
    assertThat(new Meter("cacheWrite.1h")).isEqualTo(Meter.CACHE_WRITE_1H);
    assertThat(Meter.outputImages("1024", "standard").name())
        .isEqualTo("outputImages[1024,standard]");
  }
}
