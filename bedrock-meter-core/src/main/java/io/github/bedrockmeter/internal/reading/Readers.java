// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/**
 * One reader for each operation: the door to this package. Thread-safe; readers of streams are not.
 */
public final class Readers {
  private Readers() {}

  /** Reads a Converse response. */
  public static Reading converse(ConverseRequest request, ConverseResponse response) {
    return Reading.NOTHING;
  }

  /** Reads an InvokeModel response: body, then headers for what the body leaves out. */
  public static Reading invokeModel(InvokeModelRequest request, InvokeModelResponse response) {
    return Reading.NOTHING;
  }

  /** A reader for one attempt of a ConverseStream. */
  @SuppressWarnings("DoNotCallSuggester")
  public static StreamReader<ConverseStreamOutput> converseStream() {
    throw new UnsupportedOperationException();
  }

  /** A reader for one attempt of an InvokeModelWithResponseStream. */
  @SuppressWarnings("DoNotCallSuggester")
  public static StreamReader<ResponseStream> invokeModelStream(
      InvokeModelWithResponseStreamRequest request) {
    throw new UnsupportedOperationException();
  }
}
