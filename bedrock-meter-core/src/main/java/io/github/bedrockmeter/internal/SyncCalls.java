// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.reading.Reading;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;

/** Metered calls on a synchronous client. Thread-safe. */
final class SyncCalls implements ClientProxy.Calls {
  private static final Logger log = LoggerFactory.getLogger(SyncCalls.class);

  private final BedrockRuntimeClient delegate;
  private final Metering metering;
  private final @Nullable String region;

  SyncCalls(BedrockRuntimeClient delegate, Metering metering, @Nullable String region) {
    this.delegate = delegate;
    this.metering = metering;
    this.region = region;
  }

  @Override
  public Object call(
      Operation operation, BedrockRuntimeRequest request, String modelId, @Nullable Object[] args) {
    OpenCall call = metering.reserve(metering.describe(operation, request, modelId, region));
    BedrockRuntimeResponse response;
    try {
      response = send(metering.stamped(request, call.call()));
    } catch (Throwable failure) {
      call.failed(failure);
      throw failure;
    }
    call.completed(read(request, response), requestId(response));
    return response;
  }

  private BedrockRuntimeResponse send(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return delegate.converse(converse);
    }
    return delegate.invokeModel((InvokeModelRequest) request);
  }

  /** What a response says; nothing, if it cannot be read. Never throws. */
  static Reading read(BedrockRuntimeRequest request, @Nullable Object response) {
    try {
      if (request instanceof ConverseRequest asked && response instanceof ConverseResponse answer) {
        return Readers.converse(asked, answer);
      }
      if (request instanceof InvokeModelRequest asked
          && response instanceof InvokeModelResponse answer) {
        return Readers.invokeModel(asked, answer);
      }
    } catch (Throwable mishap) {
      log.warn("The usage of a {} could not be read", request.getClass().getSimpleName(), mishap);
    }
    return Reading.NOTHING;
  }

  /** Bedrock's request id; null where the response has none. Never throws. */
  static @Nullable String requestId(@Nullable Object response) {
    try {
      return response instanceof BedrockRuntimeResponse answer && answer.responseMetadata() != null
          ? answer.responseMetadata().requestId()
          : null;
    } catch (RuntimeException untold) {
      return null;
    }
  }
}
