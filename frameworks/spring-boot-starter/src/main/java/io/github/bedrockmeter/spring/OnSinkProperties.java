// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether a sink is asked for: a property of it is set, and it is not switched off. Stateless. */
abstract class OnSinkProperties extends SpringBootCondition {
  private final String sink;

  OnSinkProperties(String sink) {
    this.sink = sink;
  }

  /** For alerts. */
  static final class OnAlerts extends OnSinkProperties {
    OnAlerts() {
      super("alerts");
    }
  }

  /** For CloudWatch's lines. */
  static final class OnCloudWatch extends OnSinkProperties {
    OnCloudWatch() {
      super("cloudwatch");
    }
  }

  static boolean isAskedFor(Environment environment, String sink) {
    String prefix = BedrockMeterProperties.PREFIX + ".sinks." + sink;
    Binder binder = Binder.get(environment);
    return binder.bind(prefix, Bindable.mapOf(String.class, Object.class)).isBound()
        && binder.bind(prefix + ".enabled", Boolean.class).orElse(true);
  }

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, @Nullable AnnotatedTypeMetadata metadata) {
    return isAskedFor(context.getEnvironment(), sink)
        ? ConditionOutcome.match("properties of the sink '" + sink + "' are set")
        : ConditionOutcome.noMatch("no property of the sink '" + sink + "' is set");
  }
}
