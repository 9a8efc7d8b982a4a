// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.internal.request.Operation;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/** The SDK's clients, method by method: fails when they grow an operation nobody has classified. */
class SdkSurfaceTest {

  private static Stream<Method> operations(Class<?> client) {
    return Arrays.stream(client.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> method.getParameterCount() > 0)
        .filter(
            method -> BedrockRuntimeRequest.class.isAssignableFrom(method.getParameterTypes()[0]));
  }

  @ParameterizedTest
  @ValueSource(classes = {BedrockRuntimeClient.class, BedrockRuntimeAsyncClient.class})
  void everyOperationOfTheSdkIsClassified(Class<?> client) {
    List<String> names = operations(client).map(Method::getName).distinct().toList();

    assertThat(names).isNotEmpty();
    assertThat(names).allSatisfy(name -> assertThat(Operation.ofMethod(name)).isNotNull());
  }

  @ParameterizedTest
  @ValueSource(classes = {BedrockRuntimeClient.class, BedrockRuntimeAsyncClient.class})
  void everyOverloadEitherTakesARequestOrAConsumerThatBuildsOne(Class<?> client) {
    TreeSet<String> others = new TreeSet<>();
    for (Method method : client.getMethods()) {
      if (Modifier.isStatic(method.getModifiers()) || method.getParameterCount() == 0) {
        continue;
      }
      Class<?> first = method.getParameterTypes()[0];
      if (!BedrockRuntimeRequest.class.isAssignableFrom(first) && !first.equals(Consumer.class)) {
        others.add(method.getName());
      }
    }

    assertThat(others).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(classes = {BedrockRuntimeClient.class, BedrockRuntimeAsyncClient.class})
  void everyOperationReachesTheWrappedClientOnceWithItsOwnArguments(Class<?> client)
      throws Exception {
    List<Object> received = new ArrayList<>();
    InvocationHandler recorder =
        (proxy, method, args) -> {
          if (args == null) {
            throw new UnsupportedOperationException(method.getName());
          }
          received.add(args[0]);
          return null;
        };
    Object delegate =
        Proxy.newProxyInstance(client.getClassLoader(), new Class<?>[] {client}, recorder);
    BedrockMeter meter = BedrockMeter.builder().stampCallId(false).build();
    Object wrapped =
        client == BedrockRuntimeClient.class
            ? meter.wrap((BedrockRuntimeClient) delegate)
            : meter.wrap((BedrockRuntimeAsyncClient) delegate);

    for (Method method : operations(client).toList()) {
      Object request = request(method.getParameterTypes()[0]);
      Object[] args = new Object[method.getParameterCount()];
      for (int i = 1; i < args.length; i++) {
        args[i] = nothing(method.getParameterTypes()[i]);
      }
      args[0] = request;
      received.clear();

      method.invoke(wrapped, args);

      assertThat(received).as(method.toString()).containsExactly(request);
    }
  }

  /** A request that names a model, where it can; without one it is denied. */
  private static Object request(Class<?> type) throws Exception {
    Method makesBuilder = type.getMethod("builder");
    Object builder = makesBuilder.invoke(null);
    for (Method setter : makesBuilder.getReturnType().getMethods()) {
      if (setter.getName().equals("modelId")) {
        setter.invoke(builder, "amazon.nova-lite-v1:0");
      }
    }
    return ((SdkBuilder<?, ?>) builder).build();
  }

  private static Object nothing(Class<?> type) {
    return Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> null);
  }

  /** An SDK from the future, with an operation we have not heard of. */
  interface NewerClient extends BedrockRuntimeClient {
    String invokeTomorrowsModel(ConverseRequest request);
  }

  @Test
  void anOperationWeHaveNeverHeardOfStillWorksAndItsExceptionsComeThrough() throws Throwable {
    IllegalStateException thrown = new IllegalStateException("as thrown");
    NewerClient newer =
        new NewerClient() {
          @Override
          public String invokeTomorrowsModel(ConverseRequest request) {
            if ("broken".equals(request.modelId())) {
              throw thrown;
            }
            return "answer for " + request.modelId();
          }

          @Override
          public String serviceName() {
            return "bedrock";
          }

          @Override
          public void close() {}
        };
    RecordingListener listener = new RecordingListener();
    BedrockRuntimeClient wrapped = BedrockMeter.builder().listener(listener).build().wrap(newer);
    InvocationHandler handler = Proxy.getInvocationHandler(wrapped);
    Method tomorrow = NewerClient.class.getMethod("invokeTomorrowsModel", ConverseRequest.class);

    Object answer =
        handler.invoke(
            wrapped, tomorrow, new Object[] {ConverseRequest.builder().modelId("new").build()});

    assertThat(answer).isEqualTo("answer for new");
    assertThat(listener.sequence()).isEmpty();
    assertThatThrownBy(
            () ->
                handler.invoke(
                    wrapped,
                    tomorrow,
                    new Object[] {ConverseRequest.builder().modelId("broken").build()}))
        .isSameAs(thrown);
  }

  @Test
  void equalsHashCodeAndToStringAreTheWrappersOwn() {
    BedrockRuntimeClient delegate =
        new BedrockRuntimeClient() {
          @Override
          public String serviceName() {
            return "bedrock";
          }

          @Override
          public void close() {}

          @Override
          public String toString() {
            return "delegate";
          }
        };
    BedrockMeter meter = BedrockMeter.builder().build();
    BedrockRuntimeClient one = meter.wrap(delegate);
    BedrockRuntimeClient two = meter.wrap(delegate);

    assertThat(Set.of(one, two, delegate)).hasSize(3).contains(one);
    assertThat(one).isNotEqualTo(two).isNotEqualTo(delegate);
    assertThat(one).hasToString("metered BedrockRuntimeClient over delegate");
  }
}
