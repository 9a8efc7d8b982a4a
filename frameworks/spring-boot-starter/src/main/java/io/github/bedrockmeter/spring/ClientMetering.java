// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.internal.text.Log;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedObject;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import software.amazon.awssdk.awscore.AwsClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * Puts the metered client in the place of each Bedrock Runtime client bean of the application, as
 * one of the last post-processors: those of lowest precedence, and those without an order, may run
 * later. A client that the application metered itself stays as it is, and so does a scoped proxy,
 * whose targets are metered. Thread-safe.
 */
final class ClientMetering implements BeanPostProcessor, Ordered {
  private static final Log log = Log.to(LoggerFactory.getLogger(ClientMetering.class));

  private final AtomicBoolean hasWarned = new AtomicBoolean();
  private final ConfigurableListableBeanFactory beans;
  private final ObjectProvider<BedrockMeter> meter;

  ClientMetering(ConfigurableListableBeanFactory beans, ObjectProvider<BedrockMeter> meter) {
    this.beans = beans;
    this.meter = meter;
  }

  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    if (!(bean instanceof AwsClient known) || bean instanceof ScopedObject || isMetered(known)) {
      return bean;
    }
    if (bean instanceof BedrockRuntimeClient client) {
      BedrockMeter used = meterFor(beanName);
      return used == null ? bean : used.wrap(client);
    }
    if (bean instanceof BedrockRuntimeAsyncClient client) {
      BedrockMeter used = meterFor(beanName);
      return used == null ? bean : used.wrap(client);
    }
    return bean;
  }

  /** The meter, which is then closed after the client; null if none of several is meant. */
  private @Nullable BedrockMeter meterFor(String clientName) {
    BedrockMeter used = meter.getIfUnique();
    if (used == null) {
      if (hasWarned.compareAndSet(false, true)) {
        log.warn(
            "The client '{}' is not metered, nor are others that the application did not wrap: it"
                + " has several BedrockMeter beans, and none is @Primary",
            clientName);
      }
      return null;
    }
    for (String name : beans.getBeanNamesForType(BedrockMeter.class, true, false)) {
      beans.registerDependentBean(name, clientName);
    }
    return used;
  }

  /** Also one that the application metered, and Spring put a proxy around. */
  private static boolean isMetered(AwsClient client) {
    return BedrockMeter.isMetered(client)
        || (AopProxyUtils.getSingletonTarget(client) instanceof AwsClient target
            && BedrockMeter.isMetered(target));
  }
}
