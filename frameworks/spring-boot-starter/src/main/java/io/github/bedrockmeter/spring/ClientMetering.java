// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import software.amazon.awssdk.awscore.AwsClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * Puts the metered client in the place of each Bedrock Runtime client bean of the application, last
 * of all post-processors. A client that the application metered itself stays as it is.
 */
final class ClientMetering implements BeanPostProcessor, Ordered {
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
    if (bean instanceof BedrockRuntimeClient client && !isMetered(client)) {
      return meterFor(beanName).wrap(client);
    }
    if (bean instanceof BedrockRuntimeAsyncClient client && !isMetered(client)) {
      return meterFor(beanName).wrap(client);
    }
    return bean;
  }

  /** The meter, which is then closed after the client. */
  private BedrockMeter meterFor(String clientName) {
    BedrockMeter used = meter.getObject();
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
