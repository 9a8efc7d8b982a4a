// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import software.amazon.awssdk.awscore.eventstream.EventStreamTaggedUnionPojoSupplier;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.SdkPojoBuilder;
import software.amazon.awssdk.core.client.config.SdkClientConfiguration;
import software.amazon.awssdk.core.http.HttpResponseHandler;
import software.amazon.awssdk.protocols.json.AwsJsonProtocol;
import software.amazon.awssdk.protocols.json.AwsJsonProtocolFactory;
import software.amazon.awssdk.protocols.json.JsonOperationMetadata;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/**
 * How the events of one operation are read from their frames: by the SDK's protocol, into the SDK's
 * types. Immutable and thread-safe.
 *
 * @param <E> the SDK's event type
 */
record EventForms<E>(HttpResponseHandler<? extends E> handler) {
  static final EventForms<ConverseStreamOutput> CONVERSE =
      of(
          ConverseStreamOutput.UNKNOWN,
          EventStreamTaggedUnionPojoSupplier.builder()
              .putSdkPojoSupplier("messageStart", ConverseStreamOutput::messageStartBuilder)
              .putSdkPojoSupplier(
                  "contentBlockStart", ConverseStreamOutput::contentBlockStartBuilder)
              .putSdkPojoSupplier(
                  "contentBlockDelta", ConverseStreamOutput::contentBlockDeltaBuilder)
              .putSdkPojoSupplier("contentBlockStop", ConverseStreamOutput::contentBlockStopBuilder)
              .putSdkPojoSupplier("messageStop", ConverseStreamOutput::messageStopBuilder)
              .putSdkPojoSupplier("metadata", ConverseStreamOutput::metadataBuilder));

  static final EventForms<ResponseStream> INVOKE_MODEL =
      of(
          ResponseStream.UNKNOWN,
          EventStreamTaggedUnionPojoSupplier.builder()
              .putSdkPojoSupplier("chunk", ResponseStream::chunkBuilder));

  static final EventForms<InvokeModelWithBidirectionalStreamOutput> SESSION =
      of(
          InvokeModelWithBidirectionalStreamOutput.UNKNOWN,
          EventStreamTaggedUnionPojoSupplier.builder()
              .putSdkPojoSupplier("chunk", InvokeModelWithBidirectionalStreamOutput::chunkBuilder));

  private static <E extends SdkPojo> EventForms<E> of(
      E unknown, EventStreamTaggedUnionPojoSupplier.Builder events) {
    return new EventForms<>(
        Protocol.FACTORY.createResponseHandler(
            Protocol.EVENT,
            events.defaultSdkPojoSupplier(() -> new SdkPojoBuilder<>(unknown)).build()));
  }

  /** What an event is read by: a part of the SDK that its own clients are made of. */
  private static final class Protocol {
    static final JsonOperationMetadata EVENT =
        JsonOperationMetadata.builder()
            .isPayloadJson(true)
            .hasStreamingSuccessResponse(false)
            .build();
    static final AwsJsonProtocolFactory FACTORY =
        AwsJsonProtocolFactory.builder()
            .clientConfiguration(SdkClientConfiguration.builder().build())
            .protocol(AwsJsonProtocol.REST_JSON)
            .protocolVersion("1.1")
            .build();
  }
}
