// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Silence is the time since the first command that nothing was heard after. */
class SilenceTest {
  private final Silence silence = new Silence();

  private boolean sentAt(Duration time) {
    return silence.isTooLongAt(time.toNanos());
  }

  @Test
  void itIsTooLongAfterThreeSecondsOfCommandsWithoutAReply() {
    assertThat(sentAt(Duration.ZERO)).isFalse();
    assertThat(sentAt(Duration.ofMillis(2_999))).isFalse();
    assertThat(sentAt(Duration.ofSeconds(3))).isTrue();
  }

  @Test
  void theNewConnectionHasAsMuchTime() {
    sentAt(Duration.ZERO);
    sentAt(Duration.ofSeconds(3));

    assertThat(sentAt(Duration.ofSeconds(4))).isFalse();
    assertThat(sentAt(Duration.ofSeconds(6))).isTrue();
  }

  @Test
  void anyReplyEndsIt() {
    sentAt(Duration.ZERO);
    silence.end();

    assertThat(sentAt(Duration.ofSeconds(10))).as("no command was open").isFalse();
    assertThat(sentAt(Duration.ofSeconds(12))).isFalse();
  }
}
