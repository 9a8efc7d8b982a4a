// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.budgetsfile.BudgetsFile;
import io.github.bedrockmeter.budgetsfile.BudgetsFileException;
import io.github.bedrockmeter.budgetsfile.BudgetsWatch;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.spring.BedrockMeterProperties.BudgetsFromFile;
import io.github.bedrockmeter.spring.actuate.LastHour;
import io.github.bedrockmeter.spring.tags.TagDefinitions;
import io.github.bedrockmeter.spring.tags.ThreadTags;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** Builds the meter from the properties and the application's beans, and watches its file. */
final class MeterAssembly implements DisposableBean {
  private static final String PREFIX = BedrockMeterProperties.PREFIX;

  private final BedrockMeterProperties properties;
  private final ConfigurableListableBeanFactory beans;
  private @Nullable BudgetsWatch watch;

  MeterAssembly(BedrockMeterProperties properties, ConfigurableListableBeanFactory beans) {
    this.properties = properties;
    this.beans = beans;
  }

  /** The meter, with its budgets in force. */
  BedrockMeter build(PriceBook prices, MeterLedger ledger, ThreadTags threadTags) {
    BedrockMeter.Builder builder = BedrockMeter.builder().prices(prices);
    tags(builder, threadTags);
    settings(builder);
    ledger.apply(builder);
    each(BudgetPolicy.class, builder::policy);
    each(MeterListener.class, listener -> join(listener, builder));
    closeListenersAfterTheMeter();
    UsageEstimator estimator = beans.getBeanProvider(UsageEstimator.class).getIfUnique();
    if (estimator != null) {
      builder.estimator(estimator);
    }
    Path file = properties.budgetsFile().location();
    if (file == null) {
      InlineBudgets.of(properties.budgets(), properties.mode()).forEach(builder::budget);
    } else {
      checkFileAlone();
    }
    each(BedrockMeterCustomizer.class, customizer -> customizer.customize(builder));
    BedrockMeter meter = builder.build();
    if (file != null) {
      watch(file, properties.budgetsFile(), meter);
    }
    return meter;
  }

  private static void join(MeterListener listener, BedrockMeter.Builder builder) {
    builder.listener(listener);
    if (listener instanceof LastHour hour) {
      hour.join();
    }
  }

  /** So that they are notified of the last settlements. */
  private void closeListenersAfterTheMeter() {
    for (String meter : beans.getBeanNamesForType(BedrockMeter.class, true, false)) {
      for (String listener : beans.getBeanNamesForType(MeterListener.class, true, false)) {
        beans.registerDependentBean(listener, meter);
      }
    }
  }

  private void checkFileAlone() {
    if (!properties.budgets().isEmpty()) {
      throw InvalidPropertiesException.of(
          PREFIX + ".budgets",
          "the file of "
              + PREFIX
              + ".budgets-file.location replaces all budgets; define them"
              + " either there or here: "
              + properties.budgets().keySet());
    }
    if (properties.mode() != null) {
      throw InvalidPropertiesException.of(
          PREFIX + ".mode",
          "it is for budgets in properties; a budget of a file has its own key 'mode'");
    }
  }

  private void watch(Path file, BudgetsFromFile settings, BedrockMeter meter) {
    try {
      watch = BudgetsFile.watch(file, meter, settings.pollEvery(), reload -> {});
    } catch (BudgetsFileException | IllegalArgumentException refused) {
      meter.close();
      throw InvalidPropertiesException.of(PREFIX + ".budgets-file", refused);
    }
  }

  private void tags(BedrockMeter.Builder builder, ThreadTags threadTags) {
    TagDefinitions definitions = threadTags.definitions();
    builder.tags(definitions.defaults());
    if (!definitions.isConstant()) {
      builder.tagSource(threadTags);
    }
    builder.metadataTags(properties.metadataTags().toArray(String[]::new));
    builder.metadataFirst(properties.metadataFirst());
    builder.stampTags(properties.stampTags()).stampCallId(properties.stampCallId());
    Set<String> required = new LinkedHashSet<>(properties.requiredTags());
    for (String name : required) {
      builder.requireTag(name, allowed(name));
    }
    for (String name : properties.allowedTags().keySet()) {
      if (!required.contains(name)) {
        InvalidPropertiesException.checked(
            PREFIX + ".allowed-tags", () -> builder.optionalTag(name, allowed(name)));
      }
    }
  }

  private String[] allowed(String name) {
    return properties.allowedTags().getOrDefault(name, List.of()).toArray(String[]::new);
  }

  private void settings(BedrockMeter.Builder builder) {
    properties
        .modelNames()
        .forEach(
            (name, id) ->
                InvalidPropertiesException.checked(
                    PREFIX + ".model-names." + name, () -> builder.modelName(name, id)));
    builder.failOpen(properties.failOpen());
    Long output = properties.defaultMaxOutputTokens();
    if (output != null) {
      InvalidPropertiesException.checked(
          PREFIX + ".default-max-output-tokens", () -> builder.defaultMaxOutputTokens(output));
    }
    if (properties.abandonedStreams() != null) {
      builder.abandonedStreams(properties.abandonedStreams());
    }
    if (properties.logUsage()) {
      builder.listener(MeterListener.logging());
    }
  }

  private <T> void each(Class<T> type, Consumer<T> use) {
    beans.getBeanProvider(type).orderedStream().forEach(use);
  }

  @Override
  public void destroy() {
    if (watch != null) {
      watch.close();
    }
  }
}
