// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.call.Sending;
import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailResponse;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;

/** What the answer to a call says, whichever client it came through. Never throws. */
public final class Answers {
  private static final Log log = Log.to(LoggerFactory.getLogger(Answers.class));
  private static final OutageLog UNREAD =
      new OutageLog(log, "The usage of an answer could not be read, and the estimate is charged");

  private Answers() {}

  /** What a response says; nothing, if it cannot be read. Never throws. */
  static Reading read(OpenCall call, @Nullable Object response) {
    Asked asked = call.asked();
    try {
      if (response == null) {
        return Reading.NOTHING;
      }
      BedrockRuntimeRequest request = asked.request();
      return switch (asked.operation()) {
        case CONVERSE -> Readers.converse((ConverseRequest) request, (ConverseResponse) response);
        case INVOKE_MODEL ->
            Readers.invokeModel((InvokeModelRequest) request, (InvokeModelResponse) response);
        case START_ASYNC_INVOKE -> asked.units();
        case APPLY_GUARDRAIL -> Readers.applyGuardrail((ApplyGuardrailResponse) response);
        case INVOKE_GUARDRAIL_CHECKS -> Readers.invokeGuardrailChecks((SdkPojo) response);
        default -> Reading.NOTHING;
      };
    } catch (Throwable failure) {
      UNREAD.failed("call " + call.call().id() + ", a " + asked.operation().awsName(), failure);
      return Reading.NOTHING;
    }
  }

  /** Bedrock's request id; null where the response has none. Never throws. */
  static @Nullable String requestId(@Nullable Object response) {
    try {
      return response instanceof BedrockRuntimeResponse answer && answer.responseMetadata() != null
          ? answer.responseMetadata().requestId()
          : null;
    } catch (RuntimeException unknown) {
      return null;
    }
  }

  /** Ends a call that failed; an answer on which only the caller's side failed is charged. */
  static void failed(OpenCall call, @Nullable Sending sending, Throwable failure) {
    BedrockRuntimeResponse answer = sending == null ? null : sending.answer();
    if (answer == null) {
      call.failed(failure, null);
    } else {
      call.close(Failures.outcome(failure), read(call, answer), requestId(answer), null);
    }
  }
}
