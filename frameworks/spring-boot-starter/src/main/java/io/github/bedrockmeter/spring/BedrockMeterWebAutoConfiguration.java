// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.spring.web.DenialAdvice;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ProblemDetail;

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
}
