// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import org.springframework.ai.model.bedrock.autoconfigure.BedrockAwsConnectionProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeBaseClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;

/**
 * Metered clients for Spring AI's chat model, which takes client beans where there are some, and
 * otherwise makes clients of its own that no bean post-processor sees. They have the settings that
 * Spring AI's would have, and are built through the meter, so that it sees each attempt leave.
 */
@AutoConfiguration(
    after = BedrockMeterAutoConfiguration.class,
    afterName =
        "org.springframework.ai.model.bedrock.converse.autoconfigure.BedrockConverseProxyChatAutoConfiguration")
@ConditionalOnClass(
    value = {
      BedrockAwsConnectionProperties.class,
      ApacheHttpClient.class,
      NettyNioAsyncHttpClient.class
    },
    name = "org.springframework.ai.bedrock.converse.BedrockProxyChatModel")
@ConditionalOnBean(BedrockAwsConnectionProperties.class)
@ConditionalOnSingleCandidate(BedrockMeter.class)
@ConditionalOnProperty(
    name = {"bedrock.meter.enabled", "bedrock.meter.clients.contribute"},
    matchIfMissing = true)
@SuppressWarnings("deprecation") // the HTTP client that Spring AI uses
public class BedrockClientsAutoConfiguration {
  /** As Spring AI sets it. */
  private static final int MOST_CONNECTIONS = 200;

  /** Whether Spring AI makes its chat model at all. */
  @ConditionalOnProperty(
      name = "spring.ai.model.chat",
      havingValue = "bedrock-converse",
      matchIfMissing = true)
  @Configuration(proxyBeanMethods = false)
  static class OfChat {

    @Bean
    @ConditionalOnMissingBean
    BedrockRuntimeClient bedrockRuntimeClient(
        BedrockMeter meter,
        BedrockAwsConnectionProperties aws,
        AwsCredentialsProvider credentials,
        AwsRegionProvider region,
        ObjectProvider<BedrockClientCustomizer> customizers) {
      BedrockRuntimeClientBuilder builder = BedrockRuntimeClient.builder();
      configure(builder, aws, credentials, region, customizers);
      return meter.wrap(
          builder,
          ApacheHttpClient.builder()
              .connectionAcquisitionTimeout(aws.getConnectionAcquisitionTimeout())
              .connectionTimeout(aws.getConnectionTimeout())
              .socketTimeout(aws.getSocketTimeout()));
    }

    @Bean
    @ConditionalOnMissingBean
    BedrockRuntimeAsyncClient bedrockRuntimeAsyncClient(
        BedrockMeter meter,
        BedrockAwsConnectionProperties aws,
        AwsCredentialsProvider credentials,
        AwsRegionProvider region,
        ObjectProvider<BedrockClientCustomizer> customizers) {
      BedrockRuntimeAsyncClientBuilder builder = BedrockRuntimeAsyncClient.builder();
      configure(builder, aws, credentials, region, customizers);
      return meter.wrap(
          builder,
          NettyNioAsyncHttpClient.builder()
              .tcpKeepAlive(true)
              .readTimeout(aws.getAsyncReadTimeout())
              .connectionTimeout(aws.getConnectionTimeout())
              .connectionAcquisitionTimeout(aws.getConnectionAcquisitionTimeout())
              .maxConcurrency(MOST_CONNECTIONS));
    }

    private static void configure(
        BedrockRuntimeBaseClientBuilder<?, ?> builder,
        BedrockAwsConnectionProperties aws,
        AwsCredentialsProvider credentials,
        AwsRegionProvider region,
        ObjectProvider<BedrockClientCustomizer> customizers) {
      builder.region(region.getRegion());
      builder.credentialsProvider(credentials);
      builder.overrideConfiguration(settings -> settings.apiCallTimeout(aws.getTimeout()));
      customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
    }
  }
}
