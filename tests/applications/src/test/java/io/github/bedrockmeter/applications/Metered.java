// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.applications;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A meter as an application would configure it: so many calls, and a listener. */
final class Metered {
  final List<UsageEvent> usages = new CopyOnWriteArrayList<>();
  final BedrockMeter meter;

  Metered(long calls) {
    meter =
        BedrockMeter.builder()
            .budget(
                Budget.named("summaries")
                    .limit(Amount.requests(calls))
                    .window(Window.lifetime())
                    .build())
            .listener(
                new MeterListener() {
                  @Override
                  public void onUsage(UsageEvent event) {
                    usages.add(event);
                  }
                })
            .build();
  }

  BudgetStatus status() {
    return meter.status().join().get(0);
  }
}
