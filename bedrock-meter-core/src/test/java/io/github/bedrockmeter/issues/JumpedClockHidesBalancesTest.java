// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** A clock that jumped ahead and back must not hide balances, nor switch early fallbacks off. */
class JumpedClockHidesBalancesTest {
  private final FakeTime time = FakeTime.at("2026-11-23T12:00:00Z");

  private static Budget.Builder teams() {
    return Budget.named("b")
        .limit(Amount.requests(10))
        .window(Window.daily(ZoneOffset.UTC))
        .per("team");
  }

  private static void call(BedrockMeter meter) {
    meter
        .wrap(CannedBedrock.client())
        .converse(
            request ->
                request.modelId("big").overrideConfiguration(BedrockMeter.tags("team", "ads")));
  }

  private void jumpAheadAndBack(BedrockMeter meter) {
    time.set("2027-11-23T12:00:00Z");
    call(meter);
    time.set("2026-11-23T12:00:01Z");
  }

  @Test
  void theBalancesOfTheDayAreToldAgain() {
    BedrockMeter meter = BedrockMeter.builder().clock(time).budget(teams().build()).build();
    call(meter);

    jumpAheadAndBack(meter);
    call(meter);

    assertThat(meter.status().join())
        .singleElement()
        .satisfies(status -> assertThat(status.settled()).isEqualTo(Amount.requests(2)));
  }

  @Test
  void aCallStillFallsBackEarly() {
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .clock(time)
            .listener(listener)
            .budget(teams().fallbackAt(0.2, "small").build())
            .build();
    call(meter);
    call(meter);

    jumpAheadAndBack(meter);
    call(meter);
    call(meter);

    assertThat(listener.usages().get(4).call().modelId()).isEqualTo("small");
  }
}
