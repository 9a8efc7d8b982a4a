// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.spring.BedrockClientCustomizer;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;

/** A Spring Boot application over FakeBedrock, with what its meter reported. */
final class Boot implements AutoCloseable {
  static final String MODEL = "anthropic.claude-sonnet-4-6";

  final FakeBedrock bedrock;
  final ConfigurableApplicationContext context;

  private Boot(FakeBedrock bedrock, ConfigurableApplicationContext context) {
    this.bedrock = bedrock;
    this.context = context;
  }

  /** An application without a web server. */
  static Boot started(Class<?> configuration, String... properties) {
    return started(WebApplicationType.NONE, configuration, properties);
  }

  static Boot started(WebApplicationType type, Class<?> configuration, String... properties) {
    FakeBedrock bedrock = FakeBedrock.start();
    bedrock.onAnyModel().reply(request -> ToolRounds.answer(request, 0));
    return started(type, configuration, bedrock, properties);
  }

  static Boot started(
      WebApplicationType type, Class<?> configuration, FakeBedrock bedrock, String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("test.endpoint=" + bedrock.endpoint());
    try {
      return new Boot(
          bedrock,
          new SpringApplicationBuilder(Basics.class, configuration)
              .sources(type == WebApplicationType.REACTIVE ? OnNetty.class : Plain.class)
              .web(type)
              .properties(all.toArray(String[]::new))
              .run(arguments(all)));
    } catch (RuntimeException failed) {
      bedrock.close();
      throw failed;
    }
  }

  /** On the command line they win over application.properties. */
  private static String[] arguments(List<String> properties) {
    return properties.stream().map(property -> "--" + property).toArray(String[]::new);
  }

  BedrockMeter meter() {
    return context.getBean(BedrockMeter.class);
  }

  ChatClient chat() {
    return context.getBean(ChatClient.Builder.class).build();
  }

  /** What the meter reported. */
  RecordingListener recorded() {
    return context.getBean(RecordingListener.class);
  }

  String url(String path) {
    return "http://localhost:"
        + context.getEnvironment().getRequiredProperty("local.server.port")
        + path;
  }

  @Override
  public void close() {
    context.close();
    bedrock.close();
  }

  /** What every application of these tests has. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Basics {
    @Bean
    BedrockClientCustomizer endpoint(
        @org.springframework.beans.factory.annotation.Value("${test.endpoint}") String endpoint) {
      return builder -> builder.endpointOverride(java.net.URI.create(endpoint));
    }

    @Bean
    RecordingListener recorded() {
      return new RecordingListener();
    }
  }

  /**
   * WebFlux on Netty, as its starter has it; Tomcat, which is here for servlets, would come first.
   * There a denial that comes at once meets a race of Reactor, whose {@code subscribeOn} may
   * interrupt the thread that is writing the answer.
   */
  @Configuration(proxyBeanMethods = false)
  @Import(Netty.class)
  static class OnNetty {}

  /** Names Netty's server: each generation has it in another package. */
  static final class Netty implements ImportSelector {
    @Override
    public String[] selectImports(AnnotationMetadata importing) {
      return Stream.of("org.springframework.boot.web.embedded", "org.springframework.boot.reactor")
          .map(where -> where + ".netty.NettyReactiveWebServerFactory")
          .filter(name -> ClassUtils.isPresent(name, null))
          .toArray(String[]::new);
    }
  }

  /** Nothing more. */
  @Configuration(proxyBeanMethods = false)
  static class Plain {}
}
