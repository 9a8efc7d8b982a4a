// SPDX-License-Identifier: Apache-2.0
package com.example.micronaut;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.time.ZoneOffset;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** The meter and the metered client of the application. */
@Factory
public class Metering {

  @Bean(preDestroy = "close")
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

  @Bean(preDestroy = "close")
  @Singleton
  BedrockRuntimeClient client(BedrockMeter meter) {
    return meter.wrap(BedrockRuntimeClient.builder());
  }
}
