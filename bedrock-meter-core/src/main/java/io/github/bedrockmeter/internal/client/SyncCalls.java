// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.Operation;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/** Metered calls on a synchronous client. Thread-safe. */
public final class SyncCalls implements Calls {
  private final BedrockRuntimeClient delegate;
  private final Metering metering;
  private final @Nullable ClientOverrideConfiguration settings;

  SyncCalls(BedrockRuntimeClient delegate, Metering metering) {
    this.delegate = delegate;
    this.metering = metering;
    this.settings = Delegates.settings(delegate);
  }

  @Override
  public @Nullable Object call(Asked asked, Method method, @Nullable Object[] args)
      throws Throwable {
    OpenCall call = metering.admit(asked);
    Object response;
    try {
      response = send(asked.operation(), metering.toSend(call, settings), method, args);
    } catch (Throwable failure) {
      call.failed(failure, null);
      throw failure;
    }
    call.completed(Answers.read(call.asked(), response), Answers.requestId(response));
    return response;
  }

  /** The two operations that matter for speed are called directly, the rest by reflection. */
  private @Nullable Object send(
      Operation operation, BedrockRuntimeRequest request, Method method, @Nullable Object[] args)
      throws Throwable {
    return switch (operation) {
      case CONVERSE -> delegate.converse((ConverseRequest) request);
      case INVOKE_MODEL -> delegate.invokeModel((InvokeModelRequest) request);
      default -> Delegates.forward(delegate, method, args, request);
    };
  }
}
