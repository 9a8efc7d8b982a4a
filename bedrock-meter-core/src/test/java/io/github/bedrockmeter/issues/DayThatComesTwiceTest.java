// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.budget.Window;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

/**
 * Until 2011 clocks in Newfoundland went back from 00:01 to 23:01: a new day, the old one again,
 * and the new one again.
 */
class DayThatComesTwiceTest {
  @Test
  void everyInstantLiesInItsDay() {
    Window daily = Window.daily(ZoneId.of("America/St_Johns"));
    Instant oldDayAgain = Instant.parse("2006-10-29T02:45:00Z"); // 23:15 for the second time

    assertThat(daily.spanAt(oldDayAgain).contains(oldDayAgain)).isTrue();
  }
}
