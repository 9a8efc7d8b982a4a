// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;

/** With the starter, an application is what it was without it, but metered. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class SameApplicationTest {
  private static final String OFF = "bedrock.meter.enabled=false";

  @Test
  void theSameBeansButTheMetersOwnAndTheClients() {
    try (Boot without = Boot.started(WebApplicationType.SERVLET, Chats.OnServlets.class, OFF);
        Boot with = Boot.started(WebApplicationType.SERVLET, Chats.OnServlets.class)) {
      Set<String> more = names(with.context);
      more.removeAll(names(without.context));
      Set<String> fewer = names(without.context);
      fewer.removeAll(names(with.context));

      assertThat(fewer).isEmpty();
      assertThat(more)
          .contains("bedrockMeter", "bedrockRuntimeClient", "bedrockRuntimeAsyncClient")
          .allMatch(
              name ->
                  name.startsWith("bedrockMeter")
                      || name.startsWith("bedrockRuntime")
                      || name.startsWith("bedrock.meter-")
                      || name.startsWith("io.github.bedrockmeter.spring."));
      for (String name : names(without.context)) {
        assertThat(type(with.context, name)).as(name).isEqualTo(type(without.context, name));
      }
    }
  }

  @Test
  void theSameApplicationWithTheJarAsWithoutIt() throws Exception {
    List<String> without = OtherJvm.run(false, ApplicationWithoutStarter.class);
    List<String> with = OtherJvm.run(true, ApplicationWithoutStarter.class);

    assertThat(without).noneMatch(line -> line.contains("bedrockMeter"));
    assertThat(with).anyMatch(line -> line.startsWith("bean: bedrockMeter "));
    for (String kind : new String[] {"call: ", "stream: ", "failed call: ", "failed stream: "}) {
      assertThat(lines(with, kind)).as(kind).hasSize(1).isEqualTo(lines(without, kind));
    }
    assertThat(lines(without, "call: ")).containsExactly("call: one two three");
    assertThat(lines(without, "failed call: ").get(0)).contains("ValidationException");
    assertThat(lines(with, "event: "))
        .as("events in their order")
        .isEqualTo(lines(without, "event: "));
    assertThat(lines(without, "event: ").size()).isGreaterThan(8);
    assertThat(
            lines(with, "bean: ").stream()
                .filter(line -> !line.matches("bean: (bedrockMeter|bedrockRuntime).*"))
                .filter(line -> !line.matches("bean: (bedrock.meter-|io.github.bedrockmeter.).*")))
        .as("beans")
        .containsExactlyInAnyOrderElementsOf(lines(without, "bean: "));
    System.out.printf(
        "%d beans and %d events without the starter are the same with it; %d beans are the meter's%n",
        lines(without, "bean: ").size(),
        lines(without, "event: ").size(),
        lines(with, "bean: ").size() - lines(without, "bean: ").size());
  }

  private static List<String> lines(List<String> output, String kind) {
    return output.stream()
        .filter(line -> line.startsWith(kind))
        .map(line -> line.replaceAll("\\$\\$[^ ]*|@[0-9a-f]+", ""))
        .toList();
  }

  /** Names that a class generated at run time is part of differ from context to context. */
  private static Set<String> names(ConfigurableApplicationContext context) {
    Set<String> names = new TreeSet<>();
    for (String name : context.getBeanDefinitionNames()) {
      names.add(name.replaceAll("\\$\\$.*", ""));
    }
    return names;
  }

  private static String type(ConfigurableApplicationContext context, String name) {
    Class<?> type = context.containsBean(name) ? context.getType(name) : null;
    return type == null ? "none" : type.getName().replaceAll("(\\$\\$|/0x|\\$Proxy).*", "");
  }

  @Test
  void clientsOfTheApplicationAreMeteredOnceAndClosedBeforeTheMeter() {
    List<String> closed = new ArrayList<>();
    try (Boot app =
        Boot.started(
            OwnClients.class,
            "bedrock.meter.budgets.calls.limit=2 requests",
            "bedrock.meter.budgets.calls.window=lifetime")) {
      OwnClients.closed = closed;
      BedrockRuntimeClient client = app.context.getBean("plain", BedrockRuntimeClient.class);
      BedrockRuntimeClient metered = app.context.getBean("metered", BedrockRuntimeClient.class);

      assertThat(BedrockMeter.isMetered(client)).isTrue();
      assertThat(BedrockMeter.isMetered(metered)).isTrue();
      assertThat(app.context.getBean(BedrockRuntimeAsyncClient.class))
          .matches(BedrockMeter::isMetered);
      client.converse(request -> request.modelId(Boot.MODEL));
      metered.converse(request -> request.modelId(Boot.MODEL));
      assertThat(app.recorded().usages()).hasSize(2);
      assertThat(catchThrowable(() -> client.converse(request -> request.modelId(Boot.MODEL))))
          .isInstanceOf(BudgetExceededException.class);
      assertThat(app.context.getBeanFactory().getDependentBeans("bedrockMeter"))
          .contains("plain", "metered");
    }
    assertThat(closed).containsExactly("client");
  }

  @Test
  void aScopedClientIsMeteredOnce() {
    try (Boot app = Boot.started(ScopedClient.class)) {
      BedrockRuntimeClient client = app.context.getBean("scoped", BedrockRuntimeClient.class);

      client.converse(request -> request.modelId(Boot.MODEL));

      assertThat(app.recorded().usages()).hasSize(1);
    }
  }

  @Test
  void aClientBeanOverAnotherOneIsMeteredOnce() {
    try (Boot app = Boot.started(TwoClients.class)) {
      BedrockRuntimeClient client = app.context.getBean("outer", BedrockRuntimeClient.class);

      client.converse(request -> request.modelId(Boot.MODEL));

      assertThat(app.recorded().usages()).hasSize(1);
    }
  }

  @Test
  void twoMetersOverEachOtherBothMeterTheCall() {
    TwoMeters.below.usages().clear();
    try (Boot app = Boot.started(TwoMeters.class)) {
      app.context
          .getBean(BedrockRuntimeClient.class)
          .converse(request -> request.modelId(Boot.MODEL));

      assertThat(app.recorded().usages()).hasSize(1);
      assertThat(TwoMeters.below.usages()).hasSize(1);
    }
  }

  /** A server of the application's own. */
  @Configuration(proxyBeanMethods = false)
  static class OwnServer {
    @Bean
    FakeBedrock bedrock() {
      FakeBedrock bedrock = FakeBedrock.start();
      bedrock.onAnyModel().reply(Reply.text("one two three"));
      return bedrock;
    }
  }

  /** A client of the application's own over another one. */
  private static BedrockRuntimeClient over(BedrockRuntimeClient client) {
    return (BedrockRuntimeClient)
        Proxy.newProxyInstance(
            BedrockRuntimeClient.class.getClassLoader(),
            new Class<?>[] {BedrockRuntimeClient.class},
            (proxy, method, arguments) -> method.invoke(client, arguments));
  }

  /** A client bean over one that a meter of the application's own meters. */
  @Configuration(proxyBeanMethods = false)
  static class TwoMeters extends OwnServer {
    static final RecordingListener below = new RecordingListener();

    @Bean
    BedrockRuntimeClient outer(FakeBedrock bedrock) {
      BedrockRuntimeClient metered =
          BedrockMeter.builder().listener(below).build().wrap(bedrock.client());
      return over(metered);
    }
  }

  /** A client of a scope, which Spring puts a proxy before. */
  @Configuration(proxyBeanMethods = false)
  static class ScopedClient extends OwnServer {
    @Bean
    @Scope(value = "prototype", proxyMode = ScopedProxyMode.INTERFACES)
    BedrockRuntimeClient scoped(FakeBedrock bedrock) {
      return bedrock.client();
    }
  }

  /** A client of the application's own over the SDK's, both beans. */
  @Configuration(proxyBeanMethods = false)
  static class TwoClients extends OwnServer {
    @Bean
    BedrockRuntimeClient inner(FakeBedrock bedrock) {
      return bedrock.client();
    }

    @Bean
    @Primary
    BedrockRuntimeClient outer(@Qualifier("inner") BedrockRuntimeClient inner) {
      return over(inner);
    }
  }

  @Test
  void exceptionsOfBedrockArriveAsTheyAre() {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.throttled());
      try (Boot app = Boot.started(WebApplicationType.NONE, Boot.Plain.class, bedrock)) {
        assertThat(catchThrowable(() -> app.chat().prompt("Hello").call().content()))
            .isInstanceOf(ThrottlingException.class);
      }
    }
  }

  /** Clients that the application makes itself: one it leaves alone, one it metered. */
  @Configuration(proxyBeanMethods = false)
  static class OwnClients extends OwnServer {
    static volatile List<String> closed = new ArrayList<>();

    @Bean
    @org.springframework.context.annotation.Primary
    BedrockRuntimeClient plain(FakeBedrock bedrock) {
      return (BedrockRuntimeClient)
          java.lang.reflect.Proxy.newProxyInstance(
              BedrockRuntimeClient.class.getClassLoader(),
              new Class<?>[] {BedrockRuntimeClient.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("close")) {
                  closed.add("client");
                  return null;
                }
                return method.invoke(bedrock.client(), arguments);
              });
    }

    @Bean
    BedrockRuntimeClient metered(FakeBedrock bedrock, BedrockMeter meter) {
      return meter.wrap(bedrock.client());
    }

    @Bean
    BedrockRuntimeAsyncClient async(FakeBedrock bedrock) {
      return bedrock.asyncClient();
    }
  }
}
