// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.spring.web.DenialAdvice;
import io.github.bedrockmeter.spring.web.DenialExceptionHandler;
import io.github.bedrockmeter.spring.web.DenialExceptionResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ProblemDetail;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/** Answers denials of web applications. */
@AutoConfiguration(after = BedrockMeterAutoConfiguration.class)
@ConditionalOnClass(
    value = ProblemDetail.class,
    name = "software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient")
@ConditionalOnWebApplication
@ConditionalOnProperty(
    name = {"bedrock.meter.enabled", "bedrock.meter.web.problems"},
    matchIfMissing = true)
public class BedrockMeterWebAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  DenialAdvice bedrockMeterDenialAdvice(BedrockMeterProperties properties) {
    return new DenialAdvice(properties.web().includeMessage());
  }

  /** Functional endpoints of WebFlux. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({WebExceptionHandler.class, ServerResponse.class})
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
  static class WebFlux {
    @Bean
    @ConditionalOnMissingBean
    DenialExceptionHandler bedrockMeterDenialExceptionHandler(
        BedrockMeterProperties properties, ObjectProvider<ServerCodecConfigurer> codecs) {
      return new DenialExceptionHandler(
          properties.web().includeMessage(),
          codecs.getIfAvailable(ServerCodecConfigurer::create).getWriters());
    }
  }

  /** Functional endpoints of servlets. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({HandlerExceptionResolver.class, HttpServletRequest.class})
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
  static class Servlets {
    @Bean
    @ConditionalOnMissingBean
    DenialExceptionResolver bedrockMeterDenialExceptionResolver(
        BedrockMeterProperties properties, ObjectProvider<RequestMappingHandlerAdapter> adapters) {
      return new DenialExceptionResolver(
          properties.web().includeMessage(),
          () -> adapters.stream().findFirst().map(a -> a.getMessageConverters()).orElse(List.of()));
    }
  }
}
