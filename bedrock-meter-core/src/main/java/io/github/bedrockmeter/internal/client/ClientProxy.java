// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OnceFor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * A client that looks like the one it wraps. Metered operations take the way through {@link
 * SyncCalls} or {@link AsyncCalls}; all others go straight to the wrapped client. Thread-safe.
 */
public final class ClientProxy implements InvocationHandler {
  /*
   * A reflective proxy, where a hand-written class would be plainer: the SDK's interfaces consist of
   * default methods that throw UnsupportedOperationException, so a class compiled against one SDK
   * breaks each operation that a newer one adds. A proxy sees them all.
   *
   * Overloads that take a Consumer are answered by the interface's own default method, which builds
   * the request and comes back through this proxy. To forward them would be to send unmetered calls.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(ClientProxy.class));
  private static final OnceFor<String> NOT_METERED = new OnceFor<>(1_000);

  private final Class<? extends AwsClient> type;
  private final AwsClient delegate;
  private final Metering metering;
  private final Calls calls;
  private final @Nullable String region;

  private ClientProxy(
      Class<? extends AwsClient> type, AwsClient delegate, Metering metering, Calls calls) {
    this.type = type;
    this.delegate = delegate;
    this.metering = metering;
    this.calls = calls;
    this.region = Delegates.region(delegate);
  }

  /** Wraps a synchronous client that was built elsewhere. */
  public static BedrockRuntimeClient wrap(BedrockRuntimeClient client, Metering metering) {
    SdkCheck.check();
    return proxy(
        BedrockRuntimeClient.class, client, metering, new SyncCalls(client, metering, false));
  }

  /** Wraps a synchronous client that sends through an instrumented HTTP client. */
  static BedrockRuntimeClient wrapBuilt(BedrockRuntimeClient client, Metering metering) {
    return proxy(
        BedrockRuntimeClient.class, client, metering, new SyncCalls(client, metering, true));
  }

  /** Wraps an asynchronous client that was built elsewhere. */
  public static BedrockRuntimeAsyncClient wrap(
      BedrockRuntimeAsyncClient client, Metering metering) {
    SdkCheck.check();
    return proxy(
        BedrockRuntimeAsyncClient.class, client, metering, new AsyncCalls(client, metering, false));
  }

  /** Wraps an asynchronous client that sends through an instrumented HTTP client. */
  static BedrockRuntimeAsyncClient wrapBuilt(BedrockRuntimeAsyncClient client, Metering metering) {
    return proxy(
        BedrockRuntimeAsyncClient.class, client, metering, new AsyncCalls(client, metering, true));
  }

  /** Whether a client was wrapped or built by a meter. */
  public static boolean isMetered(AwsClient client) {
    return Proxy.isProxyClass(client.getClass())
        && Proxy.getInvocationHandler(client) instanceof ClientProxy;
  }

  private static <T extends AwsClient> T proxy(
      Class<T> type, T client, Metering metering, Calls calls) {
    if (isMetered(client)) {
      throw new IllegalArgumentException(
          "this client is metered already: " + client + "; wrap the client of the SDK, once");
    }
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            new ClientProxy(type, client, metering, calls)));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return objectMethod(proxy, method, args);
    }
    if (args == null || args.length == 0) {
      return Delegates.forward(delegate, method, args);
    }
    if (args[0] instanceof Consumer && method.isDefault()) {
      return InvocationHandler.invokeDefault(proxy, method, args);
    }
    if (args[0] instanceof BedrockRuntimeRequest request) {
      return operation(method, args, request);
    }
    return Delegates.forward(delegate, method, args);
  }

  private @Nullable Object operation(
      Method method, @Nullable Object[] args, BedrockRuntimeRequest request) throws Throwable {
    if (isUnderAnother(request)) {
      return Delegates.forward(delegate, method, args);
    }
    Operation operation = Operation.ofMethod(method.getName());
    if (operation == null) {
      notMetered(method.getName());
      return Delegates.forward(delegate, method, args);
    }
    boolean isMetered = operation.kind() == Operation.Kind.METERED;
    String requestedModel = RequestFacts.modelId(operation, request);
    String model = requestedModel == null ? "" : requestedModel;
    if (model.isEmpty() && !isMetered) {
      return Delegates.forward(delegate, method, args);
    }
    Asked asked = metering.asked(operation, request, model, region);
    if (model.isEmpty() && metering.bypass().until() == null) {
      // An interceptor may fill the model in later, and the call would be made without any budget.
      return calls.refuse(metering.deniedWithoutModel(asked), args);
    }
    return isMetered
        ? calls.call(asked, method, args)
        : Delegates.forward(delegate, method, args, asked.request());
  }

  /** Whether a client of the same meter, over this one, hands the request down. */
  @SuppressWarnings("ReferenceEquality") // this very request, not one that is like it
  private boolean isUnderAnother(BedrockRuntimeRequest request) {
    return request == metering.handedOver();
  }

  /** Logs once that an operation is not metered. */
  static void notMetered(String operation) {
    if (NOT_METERED.isFirst(operation)) {
      log.warn("{} is not metered: no budget limits it and no event reports it", operation);
    }
  }

  private Object objectMethod(Object proxy, Method method, @Nullable Object @Nullable [] args) {
    return switch (method.getName()) {
      case "equals" -> args != null && proxy == args[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> "metered " + type.getSimpleName() + " over " + delegate;
    };
  }
}
