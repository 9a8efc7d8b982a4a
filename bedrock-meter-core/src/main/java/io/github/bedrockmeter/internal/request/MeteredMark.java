// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.RequestOverrideConfiguration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * The mark of a request that is metered already, for interceptors that would meter it once more. It
 * is not sent. Stateless but for whether interceptors are in use.
 */
public final class MeteredMark {
  /*
   * It stands on the request, not on the thread: a client between the wrapped one and the SDK may
   * change threads, and makes a changed request from this one. It is known by its name, so that the
   * interceptor of another copy of this library knows it too. A client without interceptors gets its
   * requests as they are, since each mark is a copy of the request.
   *
   * A client that does not show its settings, as one of the application's own over the SDK's, may be
   * a mock that compares requests: there the request stays as it is, and its instance is remembered
   * by the thread that hands it over, until the client returns.
   */
  private static final String NAME = "BedrockMeterMetered";

  private static final ExecutionAttribute<Boolean> ATTRIBUTE = OwnAttribute.named(NAME);
  private static final ThreadLocal<@Nullable BedrockRuntimeRequest> HANDED_OVER =
      new ThreadLocal<>();
  private static volatile boolean interceptorsAreUsed;

  private MeteredMark() {}

  /** An interceptor that meters is in use: from now on requests to unknown clients are kept. */
  public static void interceptorsAreUsed() {
    interceptorsAreUsed = true;
  }

  /**
   * The request, marked if an interceptor may see it.
   *
   * @param client the settings of the client; null if it does not say
   */
  public static BedrockRuntimeRequest on(
      BedrockRuntimeRequest request, @Nullable ClientOverrideConfiguration client) {
    if (client != null) {
      return isWatched(client) ? on(request) : request;
    }
    if (interceptorsAreUsed) {
      HANDED_OVER.set(request);
    }
    return request;
  }

  /** What the thread hands over to a client; null if nothing. */
  public static @Nullable BedrockRuntimeRequest handedOver() {
    return HANDED_OVER.get();
  }

  /** The client has returned, and the thread hands over what it did before. */
  public static void returned(@Nullable BedrockRuntimeRequest before) {
    HANDED_OVER.set(before);
  }

  /** The request, marked. */
  public static BedrockRuntimeRequest on(BedrockRuntimeRequest request) {
    return (BedrockRuntimeRequest)
        request.toBuilder()
            .overrideConfiguration(
                RequestFacts.settings(request).putExecutionAttribute(ATTRIBUTE, true).build())
            .build();
  }

  /** Whether the client has an interceptor that meters, of whichever copy of this library. */
  private static boolean isWatched(ClientOverrideConfiguration client) {
    for (ExecutionInterceptor interceptor : client.executionInterceptors()) {
      String name = interceptor.getClass().getName();
      if (name.startsWith("io.github.bedrockmeter.") && name.endsWith("MeteringInterceptor")) {
        return true;
      }
    }
    return false;
  }

  /** Whether a request is metered already. */
  @SuppressWarnings("ReferenceEquality") // this very request, not one that is like it
  public static boolean isOn(BedrockRuntimeRequest request) {
    return HANDED_OVER.get() == request
        || request
            .overrideConfiguration()
            .map(RequestOverrideConfiguration::executionAttributes)
            .filter(MeteredMark::isIn)
            .isPresent();
  }

  private static boolean isIn(ExecutionAttributes attributes) {
    for (ExecutionAttribute<?> attribute : attributes.getAttributes().keySet()) {
      if (attribute.toString().startsWith(NAME)) {
        return true;
      }
    }
    return false;
  }
}
