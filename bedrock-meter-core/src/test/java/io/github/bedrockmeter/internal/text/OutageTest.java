// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutageTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Outage outage = new Outage();

  @Test
  void theFirstFailureBeginsAnOutage() {
    assertThat(outage.failed(Long.MAX_VALUE - 5)).isEqualTo(new Outage.Line(1, 0, true));
    assertThat(outage.failed(Long.MIN_VALUE + 5)).isNull();
  }

  @Test
  void laterFailuresAreCountedEachHalfMinute() {
    outage.failed(0);
    for (int i = 1; i < 30; i++) {
      assertThat(outage.failed(i * SECOND)).isNull();
    }

    assertThat(outage.failed(30 * SECOND)).isEqualTo(new Outage.Line(30, 30, false));
    assertThat(outage.failed(31 * SECOND)).isNull();
    assertThat(outage.failed(60 * SECOND)).isEqualTo(new Outage.Line(2, 30, false));
  }

  @Test
  void itsEndIsReportedOnce() {
    outage.failed(0);
    outage.failed(SECOND);

    assertThat(outage.worked()).isEqualTo(2);
    assertThat(outage.worked()).isZero();
  }

  @Test
  void aFailureNowAndThenIsNotALineEachTime() {
    outage.failed(0);
    outage.worked();

    int lines = 0;
    for (int i = 1; i < 90; i++) {
      lines += outage.failed(i * SECOND) == null ? 0 : 1;
      lines += outage.worked() == 0 ? 0 : 1;
    }

    assertThat(lines).isEqualTo(4);
  }

  @Test
  void aNewOutageLaterHasItsStackTraceAgain() {
    outage.failed(0);
    outage.worked();

    assertThat(outage.failed(40 * SECOND)).isEqualTo(new Outage.Line(1, 40, true));
  }

  @Test
  void aFailureAfterALongQuietBeginsAnOutageAgain() {
    outage.failed(0);

    assertThat(outage.failed(100 * SECOND)).isEqualTo(new Outage.Line(1, 100, false));
    assertThat(outage.failed(700 * SECOND)).isEqualTo(new Outage.Line(1, 600, true));
  }
}
