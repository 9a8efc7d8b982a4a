// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScaleModelTest {
  @Test
  void aQueueGivesBackWhatItWasMadeFromAndNeverMoreThanTheStoreCan() {
    ScaleModel redis = new ScaleModel(2_000, 64, 10_000, false);

    assertThat(redis.callsPerSecond(1)).isCloseTo(2_000, within(1e-6));
    assertThat(redis.callsPerSecond(4)).isBetween(5_000.0, 8_000.0);
    assertThat(redis.callsPerSecond(10_000)).isCloseTo(10_000, within(10.0));
  }

  @Test
  void roundsGiveBackWhatTheyWereMadeFrom() {
    ScaleModel database = new ScaleModel(70, 64, 1_600, true);

    assertThat(database.callsPerSecond(1)).isEqualTo(70);
    assertThat(database.callsPerSecond(64)).isCloseTo(1_600, within(1e-6));
    assertThat(database.callsPerSecond(16))
        .isCloseTo(16 / (2.0 / 70 + 0.1786e-3 * 16), within(1.0));
  }

  @Test
  void aFleetNeedsSoManyStoresThatEachHasThreeTenthsLeft() {
    ScaleModel redis = new ScaleModel(2_000, 64, 10_000, false);

    assertThat(redis.stores(7_000)).isEqualTo(1);
    assertThat(redis.stores(7_001)).isEqualTo(2);
    assertThat(ScaleModel.leased(10_000, 2, 3)).isEqualTo(30_000);
  }
}
