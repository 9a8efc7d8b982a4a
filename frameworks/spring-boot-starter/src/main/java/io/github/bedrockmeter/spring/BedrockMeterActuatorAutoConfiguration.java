// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.spring.actuate.BudgetsEndpoint;
import io.github.bedrockmeter.spring.actuate.LastHour;
import io.github.bedrockmeter.spring.actuate.LedgerHealthOfBoot3;
import io.github.bedrockmeter.spring.actuate.LedgerHealthOfBoot4;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The endpoint {@code budgets}, and the ledger's health in the packages of both generations. */
@AutoConfiguration(after = BedrockMeterAutoConfiguration.class)
@ConditionalOnClass(
    value = ConditionalOnAvailableEndpoint.class,
    name = "software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient")
@ConditionalOnProperty(name = "bedrock.meter.enabled", matchIfMissing = true)
@ConditionalOnSingleCandidate(BedrockMeter.class)
public class BedrockMeterActuatorAutoConfiguration {

  @Bean
  @ConditionalOnAvailableEndpoint
  @ConditionalOnMissingBean
  BudgetsEndpoint bedrockMeterBudgetsEndpoint(
      BedrockMeter meter, BedrockMeterProperties properties, LastHour hour) {
    return new BudgetsEndpoint(
        meter, properties.endpoint().allowChanges(), properties.endpoint().mostBalances(), hour);
  }

  /** Counts only where the endpoint shows it. */
  @Bean
  @ConditionalOnAvailableEndpoint(endpoint = BudgetsEndpoint.class)
  @ConditionalOnMissingBean
  LastHour bedrockMeterLastHour() {
    return new LastHour();
  }

  /** Boot 3. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.actuate.health.HealthIndicator")
  @ConditionalOnProperty(name = "management.health.bedrock-meter.enabled", matchIfMissing = true)
  static class Boot3 {
    @Bean
    LedgerHealthOfBoot3 bedrockMeterHealthIndicator(BedrockMeter meter) {
      return new LedgerHealthOfBoot3(meter);
    }
  }

  /** Boot 4. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.health.contributor.HealthIndicator")
  @ConditionalOnProperty(name = "management.health.bedrock-meter.enabled", matchIfMissing = true)
  static class Boot4 {
    @Bean
    LedgerHealthOfBoot4 bedrockMeterHealthIndicator(BedrockMeter meter) {
      return new LedgerHealthOfBoot4(meter);
    }
  }
}
