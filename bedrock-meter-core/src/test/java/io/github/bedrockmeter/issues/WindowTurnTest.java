// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.budget.*;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** budgets() must not forget a balance because a straggler of the window before came late. */
class WindowTurnTest {
  @Test
  void aStragglerAtTheTurnOfTheWindowHidesNoBalance() {
    FakeTime time = FakeTime.at("2026-11-24T00:00:01Z");
    BedrockMeter meter =
        BedrockMeter.builder()
            .clock(time)
            .budget(
                Budget.named("b")
                    .limit(Amount.tokens(1_000_000))
                    .window(Window.daily(ZoneOffset.UTC))
                    .build())
            .build();
    var client = meter.wrap(CannedBedrock.client());
    client.converse(r -> r.modelId("m"));
    time.set("2026-11-23T23:59:59Z"); // another thread, whose clock was read a moment earlier
    client.converse(r -> r.modelId("m"));
    time.set("2026-11-24T00:00:02Z");
    assertThat(meter.status().join()).hasSize(1);
  }
}
