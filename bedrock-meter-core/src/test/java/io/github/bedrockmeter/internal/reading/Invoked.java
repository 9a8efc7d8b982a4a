// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/** An InvokeModel call written by hand: what was asked, what came back, and how it is read. */
final class Invoked {
  private final String modelId;
  private String request = "{}";
  private SdkBytes body = SdkBytes.fromUtf8String("{}");
  private final SdkHttpResponse.Builder http = SdkHttpResponse.builder().statusCode(200);

  private Invoked(String modelId) {
    this.modelId = modelId;
  }

  static Invoked model(String modelId) {
    return new Invoked(modelId);
  }

  Invoked request(String json) {
    request = json;
    return this;
  }

  Invoked body(String json) {
    return body(SdkBytes.fromUtf8String(json));
  }

  Invoked body(SdkBytes bytes) {
    body = bytes;
    return this;
  }

  Invoked header(String name, Object value) {
    http.putHeader("X-Amzn-Bedrock-" + name, value.toString());
    return this;
  }

  Invoked headers(int input, int output) {
    return header("Input-Token-Count", input).header("Output-Token-Count", output);
  }

  InvokeModelRequest asRequest() {
    return InvokeModelRequest.builder()
        .modelId(modelId)
        .body(SdkBytes.fromUtf8String(request))
        .build();
  }

  InvokeModelResponse asResponse() {
    InvokeModelResponse.Builder response = InvokeModelResponse.builder().body(body);
    response.sdkHttpResponse(http.build());
    return response.build();
  }

  Reading read() {
    return Readers.invokeModel(asRequest(), asResponse());
  }

  /** The reader of a stream of this model, after these chunks. */
  static StreamReader<ResponseStream> stream(String modelId, String... chunks) {
    StreamReader<ResponseStream> reader =
        Readers.invokeModelStream(
            InvokeModelWithResponseStreamRequest.builder().modelId(modelId).build());
    for (String chunk : chunks) {
      reader.read(ResponseStream.chunkBuilder().bytes(SdkBytes.fromUtf8String(chunk)).build());
    }
    return reader;
  }

  /** The counts above zero by the names of their meters, as {@code {input=3, output=4}}. */
  static Map<String, Long> counts(Reading reading) {
    Map<String, Long> counts = new LinkedHashMap<>();
    usage(reading).forEach((Meter meter, long count) -> counts.put(meter.name(), count));
    return counts;
  }

  static Usage usage(Reading reading) {
    return reading.usage() == null ? Usage.NONE : reading.usage();
  }

  static List<Anomaly.Kind> anomalies(Reading reading) {
    return reading.anomalies().stream().map(Anomaly::kind).toList();
  }
}
