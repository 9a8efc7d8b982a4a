// SPDX-License-Identifier: Apache-2.0
package com.example.quarkus;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.pricing.PriceCatalog;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.ZoneOffset;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** The meter and the metered client of the application. */
@ApplicationScoped
public class Metering {

  // @Singleton, not @ApplicationScoped: BedrockMeter is final, so CDI can make no proxy of it.
  @Produces
  @Singleton
  BedrockMeter meter() {
    return BedrockMeter.builder()
        .prices(PriceCatalog.bundled())
        .budget(
            Budget.named("user-daily")
                .limit(Amount.requests(2))
                .window(Window.daily(ZoneOffset.UTC))
                .per("user")
                .build())
        .build();
  }

  @Produces
  @Singleton
  BedrockRuntimeClient client(BedrockMeter meter) {
    return meter.wrap(BedrockRuntimeClient.builder());
  }

  void close(@Disposes BedrockMeter meter) {
    meter.close();
  }

  void close(@Disposes BedrockRuntimeClient client) {
    client.close();
  }
}
