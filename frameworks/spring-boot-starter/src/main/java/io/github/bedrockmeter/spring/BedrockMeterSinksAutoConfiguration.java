// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.alerts.AlertChannel;
import io.github.bedrockmeter.alerts.Alerts;
import io.github.bedrockmeter.cloudwatch.CloudWatchMetrics;
import io.github.bedrockmeter.spring.BedrockMeterProperties.Sinks.CloudWatch;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Alerts and CloudWatch's lines, each where its properties are set and its module is on the class
 * path; properties without the module stop the application ({@link SinkModules}).
 */
@AutoConfiguration(before = BedrockMeterAutoConfiguration.class)
@ConditionalOnClass(name = "software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient")
@ConditionalOnProperty(name = "bedrock.meter.enabled", matchIfMissing = true)
public class BedrockMeterSinksAutoConfiguration {

  /** Alerts to people. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(Alerts.class)
  @Conditional(OnSinkProperties.OnAlerts.class)
  static class OfAlerts {
    @Bean
    AlertSinks bedrockMeterAlertSinks(BedrockMeterProperties properties) {
      return new AlertSinks(properties.sinks().alerts());
    }

    @Bean
    @ConditionalOnMissingBean
    Alerts bedrockMeterAlerts(
        AlertSinks sinks,
        ObjectProvider<AlertChannel> channels,
        MeterLedger ledger,
        Environment environment) {
      return sinks.alerts(
          channels.orderedStream().toList(),
          ledger,
          environment.getProperty("spring.application.name", ""));
    }

    @Bean
    SmartInitializingSingleton bedrockMeterAlertsWatch(
        AlertSinks sinks, Alerts alerts, ObjectProvider<BedrockMeter> meters) {
      return () ->
          meters.ifUnique(
              meter -> {
                sinks.checkBudgets(meter);
                alerts.watch(meter);
              });
    }
  }

  /** Lines for CloudWatch. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(CloudWatchMetrics.class)
  @Conditional(OnSinkProperties.OnCloudWatch.class)
  static class OfCloudWatch {
    @Bean
    @ConditionalOnMissingBean
    CloudWatchMetrics bedrockMeterCloudWatch(BedrockMeterProperties properties) {
      CloudWatchMetrics.Builder builder = CloudWatchMetrics.builder();
      CloudWatch settings = properties.sinks().cloudwatch();
      if (settings != null) {
        Path file = settings.file();
        set("file", file, builder::file);
        set("namespace", settings.namespace(), builder::namespace);
        set("cost-center-tag", settings.costCenterTag(), builder::costCenterTag);
        set("application-tag", settings.applicationTag(), builder::applicationTag);
        set("environment-tag", settings.environmentTag(), builder::environmentTag);
        set("most-combinations", settings.mostCombinations(), builder::mostCombinations);
      }
      return builder.build();
    }

    private static <T> void set(String property, @Nullable T value, Consumer<T> setter) {
      if (value != null) {
        InvalidPropertiesException.checked(
            BedrockMeterProperties.PREFIX + ".sinks.cloudwatch." + property,
            () -> setter.accept(value));
      }
    }
  }
}
