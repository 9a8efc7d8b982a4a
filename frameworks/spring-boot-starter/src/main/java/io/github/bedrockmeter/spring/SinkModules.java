// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Refuses properties of a sink whose module is not on the class path. Stateless. */
final class SinkModules {
  private static final String PREFIX = BedrockMeterProperties.PREFIX;

  private record Module(String property, String type, String artifact) {}

  private static final List<Module> OF_SINKS =
      List.of(
          new Module("alerts", "io.github.bedrockmeter.alerts.Alerts", "bedrock-meter-alerts"),
          new Module(
              "cloudwatch",
              "io.github.bedrockmeter.cloudwatch.CloudWatchMetrics",
              "bedrock-meter-cloudwatch"));

  private SinkModules() {}

  static void check(
      BedrockMeterProperties properties, Environment environment, @Nullable ClassLoader classes) {
    for (Module module : OF_SINKS) {
      if (OnSinkProperties.isAskedFor(environment, module.property())) {
        check(PREFIX + ".sinks." + module.property(), module, classes);
      }
    }
    if (properties.journal().enabled()) {
      check(
          PREFIX + ".journal.enabled",
          new Module(
              "journal", "io.github.bedrockmeter.jdbc.journal.UsageJournal", "bedrock-meter-jdbc"),
          classes);
    }
  }

  private static void check(String property, Module module, @Nullable ClassLoader classes) {
    if (!ClassUtils.isPresent(module.type(), classes)) {
      throw InvalidPropertiesException.of(
          property,
          "it needs the dependency io.github.bedrockmeter:"
              + module.artifact()
              + " on the class path");
    }
  }
}
