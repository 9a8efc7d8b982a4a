// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.micrometer.BedrockMetrics;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Metrics of the meter, where the application has one Micrometer registry. */
@AutoConfiguration(
    before = BedrockMeterAutoConfiguration.class,
    afterName = {
      "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
    })
@ConditionalOnClass({MeterRegistry.class, BedrockMetrics.class})
@ConditionalOnBean(MeterRegistry.class)
@ConditionalOnProperty(
    name = {"bedrock.meter.enabled", "bedrock.meter.metrics.enabled"},
    matchIfMissing = true)
public class BedrockMeterMetricsAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  BedrockMetrics bedrockMeterMetrics(MeterRegistry registry, BedrockMeterProperties properties) {
    BedrockMetrics.Builder builder =
        BedrockMetrics.builder(registry).tags(properties.metrics().tags().toArray(String[]::new));
    try {
      return builder.build();
    } catch (IllegalArgumentException refused) {
      throw InvalidPropertiesException.of(BedrockMeterProperties.PREFIX + ".metrics.tags", refused);
    }
  }

  @Bean
  LedgerMeasurement bedrockMeterLedgerMeasurement(BedrockMetrics metrics) {
    return metrics::timed;
  }

  @Bean
  SmartInitializingSingleton bedrockMeterGauges(
      BedrockMetrics metrics,
      ObjectProvider<BedrockMeter> meters,
      ObjectProvider<PriceBook> books) {
    return () -> {
      meters.ifUnique(metrics::watch);
      if (books.getIfUnique() instanceof PriceCatalog catalog) {
        metrics.watchCatalogue(catalog::asOf);
      }
    };
  }

  /** Gauges of the journal, where there is one. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(UsageJournal.class)
  static class OfTheJournal {
    @Bean
    SmartInitializingSingleton bedrockMeterJournalGauges(
        BedrockMetrics metrics, ObjectProvider<UsageJournal> journals) {
      return () ->
          journals.ifUnique(journal -> metrics.watchJournal(journal::pending, journal::dropped));
    }
  }
}
