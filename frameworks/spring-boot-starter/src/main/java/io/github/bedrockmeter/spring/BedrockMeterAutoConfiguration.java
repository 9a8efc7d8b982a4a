// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.spring.BedrockMeterProperties.Prices;
import io.github.bedrockmeter.spring.tags.TagDefinitions;
import io.github.bedrockmeter.spring.tags.ThreadTags;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * A meter by the properties, and every Bedrock client of the application metered by it. Backs off
 * to the application's own {@link BedrockMeter}, {@link PriceBook} and {@link Ledger}.
 */
@AutoConfiguration
@ConditionalOnClass(BedrockRuntimeClient.class)
@ConditionalOnProperty(
    prefix = BedrockMeterProperties.PREFIX,
    name = "enabled",
    matchIfMissing = true)
@EnableConfigurationProperties(BedrockMeterProperties.class)
@Import({SharedLedgers.Jdbc.class, SharedLedgers.Redis.class, SharedLedgers.DynamoDb.class})
public class BedrockMeterAutoConfiguration {

  @Bean
  static ClientMetering bedrockMeterClientMetering(
      ConfigurableListableBeanFactory beans, ObjectProvider<BedrockMeter> meters) {
    return new ClientMetering(beans, meters);
  }

  @Bean
  MeterAssembly bedrockMeterAssembly(
      BedrockMeterProperties properties,
      ConfigurableListableBeanFactory beans,
      Environment environment) {
    SinkModules.check(properties, environment, beans.getBeanClassLoader());
    return new MeterAssembly(properties, beans);
  }

  @Bean
  ThreadTags bedrockMeterThreadTags(BedrockMeterProperties properties) {
    try {
      return new ThreadTags(TagDefinitions.of(properties.tags()));
    } catch (IllegalArgumentException refused) {
      throw InvalidPropertiesException.of(BedrockMeterProperties.PREFIX + ".tags", refused);
    }
  }

  @Bean
  @ConditionalOnMissingBean
  PriceBook bedrockMeterPrices(BedrockMeterProperties properties) {
    Prices prices = properties.prices();
    if (!prices.bundled()) {
      return PriceBook.none();
    }
    String prefix = BedrockMeterProperties.PREFIX + ".prices.";
    PriceCatalog.Builder builder = PriceCatalog.builder();
    prices
        .overlays()
        .forEach(
            file ->
                InvalidPropertiesException.checked(
                    prefix + "overlays", () -> builder.overlay(file)));
    Path overrides = prices.overrides();
    if (overrides != null) {
      InvalidPropertiesException.checked(prefix + "overrides", () -> builder.overrides(overrides));
    }
    prices
        .discounts()
        .forEach(
            (subject, share) ->
                InvalidPropertiesException.checked(
                    prefix + "discounts[" + subject + "]", () -> builder.discount(subject, share)));
    return builder.build();
  }

  @Bean
  MeterLedger bedrockMeterLedger(
      BedrockMeterProperties properties,
      ObjectProvider<Ledger> own,
      ObjectProvider<LedgerSource> sources,
      ObjectProvider<LedgerMeasurement> measurement) {
    LedgerMeasurement measuring = measurement.getIfAvailable();
    UnaryOperator<Ledger> measured = measuring == null ? UnaryOperator.identity() : measuring::of;
    Ledger bean = LedgerChoice.own(own, properties.ledger());
    return new MeterLedger(
        bean,
        bean == null
            ? LedgerChoice.shared(properties.ledger(), sources.orderedStream().toList())
            : null,
        properties.ledger(),
        measured);
  }

  @Bean
  @ConditionalOnMissingBean
  BedrockMeter bedrockMeter(
      MeterAssembly assembly, PriceBook prices, MeterLedger ledger, ThreadTags threadTags) {
    return assembly.build(prices, ledger, threadTags);
  }

  @Bean
  MeterShutdown bedrockMeterShutdown(ObjectProvider<BedrockMeter> meters, MeterLedger ledger) {
    return new MeterShutdown(meters, ledger);
  }
}
