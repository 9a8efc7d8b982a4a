// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.price.*;
import io.github.bedrockmeter.usage.Meter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** A count that nobody knows makes the cost unknown, not zero. */
class UntoldSecondsTest {
  @Test
  void secondsOfVideoThatNobodyTellsAreNotFree() {
    RecordingListener listener = new RecordingListener();
    BedrockRuntimeClient sdk =
        new BedrockRuntimeClient() {
          @Override
          public InvokeModelResponse invokeModel(InvokeModelRequest request) {
            return (InvokeModelResponse)
                InvokeModelResponse.builder()
                    .body(SdkBytes.fromUtf8String("{\"message\":\"a film\"}"))
                    .sdkHttpResponse(
                        SdkHttpResponse.builder()
                            .statusCode(200)
                            .putHeader("X-Amzn-Bedrock-Output-Token-Count", "100")
                            .build())
                    .build();
          }

          @Override
          public String serviceName() {
            return "stub";
          }

          @Override
          public void close() {}
        };
    BedrockMeter.builder()
        .listener(listener)
        .prices(
            PriceBook.of(
                Map.of(
                    "twelvelabs.pegasus-1-2-v1:0",
                    Rates.builder("t")
                        .perMillion(Meter.OUTPUT, "7.5")
                        .perUnit(new Meter("inputVideoSeconds"), "0.00049")
                        .build())))
        .build()
        .wrap(sdk)
        .invokeModel(
            r ->
                r.modelId("twelvelabs.pegasus-1-2-v1:0")
                    .body(
                        SdkBytes.fromUtf8String(
                            "{\"inputPrompt\":\"what\",\"mediaSource\":{\"s3Location\":{\"uri\":\"s3://b/k\"}}}")));
    assertThat(listener.usage().call().estimatedCost()).isInstanceOf(Cost.Unknown.class);
    assertThat(listener.usage().cost()).isInstanceOf(Cost.Unknown.class);
  }
}
