// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.CannedBedrock;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import java.lang.management.ManagementFactory;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/** What metering adds to a call, in bytes allocated on the caller's thread. */
class AllocationTest {
  private static final int CALLS = 2_000;
  private static final int ROUNDS = 8;
  private static final long MOST_BYTES_ADDED = 1_000;

  @Test
  void threeBudgetsAndAListenerAddLittleToAConverseCall() {
    BedrockRuntimeClient plain = CannedBedrock.client();
    LongAdder events = new LongAdder();
    BedrockRuntimeClient metered =
        BedrockMeter.builder()
            .prices(Scene.PRICES)
            .budget(dollars("hourly", Window.hourly(ZoneOffset.UTC)))
            .budget(dollars("daily", Window.daily(ZoneOffset.UTC)))
            .budget(dollars("monthly", Window.monthly(ZoneOffset.UTC)))
            .listener(
                new MeterListener() {
                  @Override
                  public void onUsage(UsageEvent event) {
                    events.increment();
                  }
                })
            .build()
            .wrap(plain);
    ConverseRequest request = Scene.converse(Scene.CLAUDE, 100);

    bytesPerCall(plain, request);
    bytesPerCall(metered, request);
    long leastAdded = Long.MAX_VALUE;
    long plainBytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long without = bytesPerCall(plain, request);
      long with = bytesPerCall(metered, request);
      if (with - without < leastAdded) {
        leastAdded = with - without;
        plainBytes = without;
      }
    }

    System.out.printf(
        "allocation: a plain Converse call %,d bytes, metering with three budgets and a listener"
            + " adds %,d bytes%n",
        plainBytes, leastAdded);
    assertThat(events.sum()).isEqualTo(CALLS * (ROUNDS + 1L));
    assertThat(leastAdded).isLessThanOrEqualTo(MOST_BYTES_ADDED);
  }

  private static Budget dollars(String name, Window window) {
    return Budget.named(name).limit(Amount.usd("100000")).window(window).build();
  }

  private static long bytesPerCall(BedrockRuntimeClient client, ConverseRequest request) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      client.converse(request);
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
  }
}
