// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.model.StartAsyncInvokeRequest;

/**
 * Images, documents and seconds. Bodies here are synthetic, written after the documented shapes.
 */
class UnitsReadingTest {

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          amazon.nova-canvas-v1:0           | {}                                                                              | outputImages[1024,standard]
          amazon.nova-canvas-v1:0           | {"imageGenerationConfig":{"width":512,"height":512,"quality":"premium"}}        | outputImages[1024,premium]
          us.amazon.nova-canvas-v1:0        | {"imageGenerationConfig":{"width":1280,"height":720}}                           | outputImages[2048,standard]
          amazon.titan-image-generator-v1   | {"imageGenerationConfig":{"width":512,"height":512,"quality":"standard"}}       | outputImages[512,standard]
          amazon.titan-image-generator-v2:0 | {"imageGenerationConfig":{"width":1024,"height":1024,"quality":"premium"}}      | outputImages[1024,premium]
          stability.stable-diffusion-xl-v1  | {"width":1024,"height":1024,"steps":50}                                         | outputImages[1024,standard]
          stability.stable-diffusion-xl-v1  | {"steps":51}                                                                    | outputImages[1024,premium]
          stability.sd3-5-large-v1:0        | {"prompt":"x"}                                                                  | outputImages
          us.stability.stable-image-inpaint-v1:0 | {"image":"x"}                                                              | outputImages
          """)
  void imagesAreCountedInTheResponseAndClassedByTheRequest(
      String modelId, String request, String meter) {
    String body = modelId.contains("xl") ? "{\"artifacts\":[{},{}]}" : "{\"images\":[\"a\",\"b\"]}";

    Reading reading = Invoked.model(modelId).request(request).body(body).read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of(meter, 2L));
    assertThat(Invoked.usage(reading).sources().of(new Meter(meter))).isEqualTo(Source.BODY);
    assertThat(reading.missing()).isEmpty();
  }

  @Test
  void refusedImagesAreNotBilled() {
    Invoked call = Invoked.model("amazon.nova-canvas-v1:0");

    assertThat(Invoked.counts(call.body("{\"images\":[],\"error\":\"no\"}").read())).isEmpty();
    assertThat(Invoked.counts(call.body("{\"images\":null,\"error\":\"no\"}").read())).isEmpty();
    assertThat(call.read().missing()).isEmpty();
  }

  @Test
  void unreadableImagesAreThoseThatWereAskedFor() {
    Reading reading =
        Invoked.model("amazon.nova-canvas-v1:0")
            .request("{\"imageGenerationConfig\":{\"numberOfImages\":3}}")
            .body("{\"images\":[\"abc")
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("outputImages[1024,standard]", 3L));
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.REQUEST);
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.UNREADABLE);
  }

  @Test
  void requestAloneTellsImagesBeforeTheCall() {
    Reading reading =
        RequestedUnits.of(
            Invoked.model("amazon.titan-image-generator-v1")
                .request("{\"imageGenerationConfig\":{\"numberOfImages\":4,\"width\":256}}")
                .asRequest());

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("outputImages[512,standard]", 4L));
    assertThat(
            RequestedUnits.of(
                    Invoked.model("meta.llama3-8b-instruct-v1:0").request("{}").asRequest())
                .usage())
        .isNull();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "100,1", "101,2", "350,4"})
  void rerankCostsOneSearchUnitForEachHundredDocuments(int documents, long units) {
    String list = "\"d\",".repeat(documents).replaceAll(",$", "");

    Reading reading =
        Invoked.model("cohere.rerank-v3-5:0")
            .request("{\"query\":\"q\",\"documents\":[" + list + "]}")
            .body("{\"results\":[{\"index\":0,\"relevance_score\":0.5}]}")
            .read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of("searchUnits", units));
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.REQUEST);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          amazon.titan-embed-image-v1                 | {"inputImage":"x"}                                                       | inputImages
          cohere.embed-english-v3                     | {"images":["x"]}                                                         | inputImages
          cohere.embed-v4:0                           | {"inputs":[{"content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"x"}}]}]} | inputImages
          amazon.nova-2-multimodal-embeddings-v1:0    | {"singleEmbeddingParams":{"image":{"detailLevel":"STANDARD_IMAGE"}}}     | inputImages
          amazon.nova-2-multimodal-embeddings-v1:0    | {"singleEmbeddingParams":{"image":{"detailLevel":"DOCUMENT_IMAGE"}}}     | inputImages[document]
          twelvelabs.marengo-embed-3-0-v1:0           | {"inputType":"image","image":{"mediaSource":{}}}                         | inputImages
          twelvelabs.marengo-embed-3-0-v1:0           | {"inputType":"text","text":{"inputText":"x"}}                            | requests
          """)
  void embeddedMediaIsCountedInTheRequest(String modelId, String request, String meter) {
    Reading reading =
        Invoked.model(modelId).request(request).body("{\"embedding\":[0.1,0.2]}").read();

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of(meter, 1L));
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.REQUEST);
    assertThat(reading.missing()).isEmpty();
  }

  @Test
  void secondsThatNoPlaceTellsAreMissing() {
    Reading nova =
        Invoked.model("amazon.nova-2-multimodal-embeddings-v1:0")
            .request("{\"singleEmbeddingParams\":{\"video\":{\"source\":{}}}}")
            .read();
    Reading pegasus =
        Invoked.model("us.twelvelabs.pegasus-1-2-v1:0").header("Output-Token-Count", 9).read();

    assertThat(nova.missing()).containsExactly(new Meter("inputVideoSeconds"));
    assertThat(pegasus.missing()).containsExactly(new Meter("inputVideoSeconds"));
    assertThat(Invoked.counts(pegasus)).isEqualTo(Map.of("output", 9L));
  }

  @Test
  void opaqueModelIsReadByTheShapeOfItsAnswer() {
    String profile =
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl";

    assertThat(Invoked.counts(Invoked.model(profile).body("{\"images\":[\"a\"]}").read()))
        .isEqualTo(Map.of("outputImages[1024,standard]", 1L));
    assertThat(
            Invoked.counts(
                Invoked.model(profile)
                    .request("{\"documents\":[\"a\"]}")
                    .body("{\"results\":[{\"relevance_score\":0.1}]}")
                    .read()))
        .isEqualTo(Map.of("searchUnits", 1L));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "amazon.nova-reel-v1:0, duration, outputVideoSeconds, 12",
    "amazon.nova-reel-v1:1, shots, outputVideoSeconds, 18",
    "amazon.nova-reel-v1:0, nothing, outputVideoSeconds, 6",
    "luma.ray-v2:0, nothing, outputVideoSeconds[720p], 5",
    "luma.ray-v2:0, luma, outputVideoSeconds[540p], 9",
    "twelvelabs.marengo-embed-2-7-v1:0, length, inputVideoSeconds, 13",
    "twelvelabs.marengo-embed-3-0-v1:0, stretch, inputVideoSeconds, 30",
  })
  void asynchronousWorkIsMeasuredByItsRequest(
      String modelId, String input, String meter, long count) {
    Document document =
        switch (input) {
          case "duration" ->
              map("videoGenerationConfig", map("durationSeconds", Document.fromNumber(12)));
          case "shots" ->
              map(
                  "multiShotManualParams",
                  map(
                      "shots",
                      Document.listBuilder()
                          .addDocument(map("text", Document.fromString("a")))
                          .addDocument(map("text", Document.fromString("b")))
                          .addDocument(map("text", Document.fromString("c")))
                          .build()));
          case "luma" ->
              Document.mapBuilder()
                  .putString("duration", "9s")
                  .putString("resolution", "540p")
                  .build();
          case "length" ->
              Document.mapBuilder()
                  .putString("inputType", "video")
                  .putNumber("lengthSec", 12.5)
                  .build();
          case "stretch" ->
              Document.mapBuilder()
                  .putString("inputType", "video")
                  .putDocument(
                      "video",
                      Document.mapBuilder()
                          .putNumber("startSec", 10)
                          .putNumber("endSec", 40)
                          .build())
                  .build();
          default -> Document.fromNull();
        };

    Reading reading =
        Readers.startAsyncInvoke(
            StartAsyncInvokeRequest.builder().modelId(modelId).modelInput(document).build());

    assertThat(Invoked.counts(reading)).isEqualTo(Map.of(meter, count));
    assertThat(Invoked.usage(reading).source()).isEqualTo(Source.REQUEST);
  }

  private static Document map(String key, Document value) {
    return Document.mapBuilder().putDocument(key, value).build();
  }
}
