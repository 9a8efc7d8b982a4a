// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShareQuantileTest {
  private static final int ONE_PERCENT = 10_000;

  private final ShareQuantile quantile = new ShareQuantile(ONE_PERCENT);

  private void learn(int times, long actual, long bound) {
    for (int i = 0; i < times; i++) {
      quantile.learn(actual, bound);
    }
  }

  @Test
  void theBoundStandsUntilAHundredCountsAreKnown() {
    learn(99, 10, 1_000);
    assertThat(quantile.atMost(1_000)).isEqualTo(1_000);

    learn(1, 10, 1_000);
    assertThat(quantile.atMost(1_000)).isBetween(10L, 14L);
  }

  @Test
  void aSmallerTailNeedsMoreCounts() {
    ShareQuantile oneInTenThousand = new ShareQuantile(100);
    for (int i = 0; i < 9_999; i++) {
      oneInTenThousand.learn(10, 1_000);
    }
    assertThat(oneInTenThousand.atMost(1_000)).isEqualTo(1_000);

    oneInTenThousand.learn(10, 1_000);
    assertThat(oneInTenThousand.atMost(1_000)).isLessThan(15);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1_000, ONE_PERCENT, 50_000, 100_000})
  void noMoreCountsExceedTheAnswerThanTheTailAllows(int tailPpm) {
    int counts = 200_000;
    for (int seed = 0; seed < 5; seed++) {
      Random random = new Random(seed);
      ShareQuantile learning = new ShareQuantile(tailPpm);
      int exceeded = 0;
      for (int i = 0; i < counts; i++) {
        int bound = 500 + random.nextInt(1_500);
        double share = 0.08 * Math.exp(0.8 * random.nextGaussian());
        long actual = (long) Math.min(bound, bound * share);
        exceeded += actual > learning.atMost(bound) ? 1 : 0;
        learning.learn(actual, bound);
      }
      double allowed = counts * (tailPpm / 1e6);
      assertThat((double) exceeded)
          .as("seed %d", seed)
          .isLessThanOrEqualTo(allowed + 4 * Math.sqrt(allowed));
    }
  }

  @Test
  void theAnswerIsRoundedUpAndNeverAboveTheBound() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      int bound = 1 + random.nextInt(100_000);
      ShareQuantile constant = new ShareQuantile(100_000);
      int actual = random.nextInt(2 * bound);
      for (int j = 0; j < 100; j++) {
        constant.learn(actual, bound);
      }
      assertThat(constant.atMost(bound))
          .isGreaterThanOrEqualTo((long) Math.min(actual, bound))
          .isLessThanOrEqualTo(bound);
    }
  }

  @Test
  void aRunOfLargerCountsBringsTheBoundBackAtOnce() {
    learn(5_000, 100, 1_000);
    assertThat(quantile.atMost(1_000)).isLessThan(110);

    int exceeded = 0;
    while (quantile.atMost(1_000) < 600) {
      exceeded++;
      learn(1, 600, 1_000);
    }
    assertThat(exceeded).isLessThanOrEqualTo(6);

    learn(100, 600, 1_000);
    assertThat(quantile.atMost(1_000)).isBetween(600L, 610L);
  }

  @Test
  void largeCountsAreForgottenSlowly() {
    learn(200, 900, 1_000);

    learn(2_000, 100, 1_000);
    assertThat(quantile.atMost(1_000)).isGreaterThanOrEqualTo(900);

    learn(20_000, 100, 1_000);
    assertThat(quantile.atMost(1_000)).isLessThan(110);
  }

  @Test
  void absurdCountsChangeNothing() {
    learn(200, 10, 1_000);

    learn(200, Long.MAX_VALUE, Long.MAX_VALUE);
    learn(200, 5, 0);
    assertThat(quantile.atMost(1_000)).isLessThan(15);
    assertThat(quantile.atMost(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    assertThat(quantile.atMost(0)).isZero();

    learn(300, Long.MAX_VALUE, 1_000);
    assertThat(quantile.atMost(1_000)).isEqualTo(1_000);
  }
}
