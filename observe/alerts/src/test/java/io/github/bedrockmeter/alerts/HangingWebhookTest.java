// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A webhook that takes messages and never answers. */
class HangingWebhookTest {

  /** With the real thread and clock, and a webhook that never answers. */
  @Test
  void noCallerWaitsForAWebhookThatHangs() throws Exception {
    try (Receiver receiver = new Receiver().neverAnswers()) {
      FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");
      Alerts alerts = Alerts.to(AlertChannel.webhook(receiver.url(), Scene.KEY));
      DenialEvent[] events = new DenialEvent[60_000];
      Arrays.setAll(events, number -> ManyDenialsTest.denial(time, number));
      long[] nanos = new long[events.length];
      for (int i = 0; i < events.length; i++) {
        long begin = System.nanoTime();
        alerts.onDenied(events[i]);
        nanos[i] = System.nanoTime() - begin;
      }
      int waiting = alerts.status().waiting();
      long closing = System.nanoTime();
      alerts.close();
      Duration closed = Duration.ofNanos(System.nanoTime() - closing);

      Arrays.sort(nanos);
      System.out.printf(
          "with a webhook that hangs: median %,d ns, 99.9 %% %,d ns, longest %,d us; %,d waited;"
              + " closed in %,d ms%n",
          nanos[30_000], nanos[59_940], nanos[59_999] / 1_000, waiting, closed.toMillis());
      assertThat(nanos[30_000]).as("the median").isLessThan(1_000_000);
      assertThat(nanos[59_999])
          .as("the longest: a pause of a loaded machine, and no wait for the webhook's 5 seconds")
          .isLessThan(2_000_000_000);
      assertThat(waiting).isLessThanOrEqualTo(1_100);
      assertThat(closed).isLessThan(Duration.ofSeconds(20));
      assertThat(receiver.posted()).isNotEmpty();
    }
  }
}
