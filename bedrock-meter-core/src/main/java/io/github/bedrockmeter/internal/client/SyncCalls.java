// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.call.Sending;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.MeteredMark;
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
  private final Seeing seeing;

  SyncCalls(BedrockRuntimeClient delegate, Metering metering, boolean isBuilt) {
    this.delegate = delegate;
    this.metering = metering;
    this.settings = Delegates.settings(delegate);
    this.seeing = new Seeing(metering, isBuilt);
  }

  @Override
  public @Nullable Object call(Asked asked, Method method, @Nullable Object[] args)
      throws Throwable {
    OpenCall call = metering.admit(asked, settings);
    Sending sending = seeing.of(call);
    Object response;
    BedrockRuntimeRequest before = MeteredMark.handedOver();
    BedrockRuntimeRequest outer = metering.handedOver();
    try {
      BedrockRuntimeRequest request = metering.toSend(call, settings, sending != null);
      metering.handsOver(request);
      response =
          sending == null
              ? send(asked.operation(), request, method, args)
              : sendSeen(sending, asked.operation(), request, method, args);
    } catch (Throwable failure) {
      Answers.failed(call, sending, failure);
      throw failure;
    } finally {
      metering.handsOver(outer);
      MeteredMark.returned(before);
    }
    call.completed(Answers.read(call, response), Answers.requestId(response));
    return response;
  }

  private @Nullable Object sendSeen(
      Sending sending,
      Operation operation,
      BedrockRuntimeRequest request,
      Method method,
      @Nullable Object[] args)
      throws Throwable {
    sending.expects(request);
    Sending before = sending.enter();
    try {
      return send(operation, request, method, args);
    } finally {
      Sending.leave(before);
      seeing.ended(sending);
    }
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
