// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;
import software.amazon.awssdk.services.bedrockruntime.model.StartAsyncInvokeRequest;

/**
 * One reader for each operation: where to start in this package. Thread-safe; readers of streams
 * are not.
 */
public final class Readers {
  private Readers() {}

  /** Reads a Converse response. */
  public static Reading converse(ConverseRequest request, ConverseResponse response) {
    return ConverseReader.read(response, request.modelId());
  }

  /** Reads an InvokeModel response: body, then headers for what the body leaves out. */
  public static Reading invokeModel(InvokeModelRequest request, InvokeModelResponse response) {
    return InvokeModelReader.read(request, response);
  }

  /** Reads an ApplyGuardrail response, which reports text units and no tokens. */
  public static Reading applyGuardrail(ApplyGuardrailResponse response) {
    Facts facts = new Facts();
    if (response.usage() != null) {
      Guardrails.read(response.usage(), facts); // the sum of what the assessments repeat
    } else {
      Guardrails.read(response.assessments(), facts);
    }
    return new Verdict(facts, false).guardrail().reading(null, null);
  }

  /**
   * Reads an InvokeGuardrailChecks response, which reports text units by check.
   *
   * @param response an {@code InvokeGuardrailChecksResponse}, which older SDKs do not have
   */
  public static Reading invokeGuardrailChecks(SdkPojo response) {
    return GuardrailChecks.read(response);
  }

  /** Reads what a StartAsyncInvoke will be billed for, from the request; no response states it. */
  public static Reading startAsyncInvoke(StartAsyncInvokeRequest request) {
    return AsyncInvokeReader.read(request);
  }

  /** Whether InvokeModel calls of a model count input tokens; images and searches do not. */
  public static boolean countsInputTokens(String modelId) {
    return Family.kindOf(modelId).countsInput();
  }

  /** Whether InvokeModel calls of a model count output tokens; embeddings do not. */
  public static boolean countsOutputTokens(String modelId) {
    return Family.kindOf(modelId).countsOutput();
  }

  /**
   * Whether two models' InvokeModel bodies are of one kind, so that one's can be sent to the other.
   */
  public static boolean shareTheirBodies(String modelId, String otherModelId) {
    return Family.shareTheirBodies(modelId, otherModelId);
  }

  /** A reader for one session of an InvokeModelWithBidirectionalStream. */
  public static StreamReader<InvokeModelWithBidirectionalStreamOutput> bidirectionalStream() {
    return new SessionReader();
  }

  /** A reader for one attempt of a ConverseStream to a model; null if that is not known. */
  public static StreamReader<ConverseStreamOutput> converseStream(@Nullable String modelId) {
    return new ConverseStreamReader(modelId);
  }

  /** A reader for one attempt of an InvokeModelWithResponseStream. */
  public static StreamReader<ResponseStream> invokeModelStream(
      InvokeModelWithResponseStreamRequest request) {
    return new InvokeModelStreamReader(request.modelId());
  }
}
