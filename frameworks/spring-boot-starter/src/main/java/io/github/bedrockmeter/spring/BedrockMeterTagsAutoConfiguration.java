// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.spring.tags.CarryingTaskDecorator;
import io.github.bedrockmeter.spring.tags.TagsAccessor;
import io.github.bedrockmeter.spring.tags.TagsWebFilter;
import io.github.bedrockmeter.spring.tags.ThreadTags;
import io.micrometer.context.ThreadLocalAccessor;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.task.TaskDecorator;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Hooks;

/** Carries tags to the threads that the application hands work to. */
@AutoConfiguration(after = BedrockMeterAutoConfiguration.class)
@ConditionalOnClass(name = "software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient")
@ConditionalOnProperty(name = "bedrock.meter.enabled", matchIfMissing = true)
public class BedrockMeterTagsAutoConfiguration {
  private static final Log log =
      Log.to(LoggerFactory.getLogger(BedrockMeterTagsAutoConfiguration.class));

  /*
   * Boot 3.5 uses a decorator only if there is just one, so another one would switch off the
   * application's. One that propagates contexts carries tags by the accessor below.
   */
  @Bean
  @ConditionalOnMissingBean(TaskDecorator.class)
  CarryingTaskDecorator bedrockMeterTaskDecorator(ThreadTags threadTags) {
    return new CarryingTaskDecorator(threadTags);
  }

  /** Micrometer's context propagation. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ThreadLocalAccessor.class)
  static class Propagation {
    @Bean
    TagsAccessor bedrockMeterTagsAccessor(ThreadTags threadTags) {
      return TagsAccessor.registered(threadTags);
    }
  }

  /** Reactor carries thread-bound values where the application asked for it, for all of them. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(Hooks.class)
  static class Reactor {
    @Bean
    SmartInitializingSingleton bedrockMeterPropagationCheck(
        ThreadTags threadTags, Environment environment) {
      return () -> {
        String property = "spring.reactor.context-propagation";
        if (!threadTags.definitions().isConstant()
            && !"auto".equalsIgnoreCase(environment.getProperty(property))) {
          log.warn(
              "Tags of bedrock.meter.tags are not carried to Reactor's threads, where streams of"
                  + " Spring AI make their tool rounds, without {}=auto",
              property);
        }
      };
    }
  }

  /** Requests of WebFlux, which belong to no thread. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({ThreadLocalAccessor.class, WebFilter.class})
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  static class WebFlux {
    @Bean
    TagsWebFilter bedrockMeterTagsWebFilter(ThreadTags threadTags) {
      return new TagsWebFilter(threadTags.definitions());
    }
  }
}
