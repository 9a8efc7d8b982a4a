// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

/** What an InvokeModel or StartAsyncInvoke request says about the meters that are no tokens. */
final class RequestShapes {
  private RequestShapes() {}

  static Shape request() {
    Shape request = new Shape();
    // Nova Canvas, Titan image
    request
        .last("imageGenerationConfig.width", Field.WIDTH)
        .last("imageGenerationConfig.height", Field.HEIGHT)
        .word("imageGenerationConfig.quality", Field.QUALITY)
        .last("imageGenerationConfig.numberOfImages", Field.WANTED_IMAGES);
    // Stable Diffusion XL
    request
        .last("width", Field.WIDTH)
        .last("height", Field.HEIGHT)
        .last("steps", Field.STEPS)
        .last("samples", Field.WANTED_IMAGES);
    // Rerank
    request
        .texts("documents[]", Field.DOCUMENTS, Field.DOCUMENT_TEXT)
        .texts("query", Field.QUERY, Field.QUERY);
    // Embeddings: Titan multimodal, Cohere v3 and v4, Nova
    request
        .each("inputImage", Field.INPUT_IMAGES)
        .each("images[]", Field.INPUT_IMAGES)
        .each("inputs[].content[].image_url", Field.INPUT_IMAGES);
    for (String nova : new String[] {"singleEmbeddingParams.", "segmentedEmbeddingParams."}) {
      request
          .each(nova + "image", Field.INPUT_IMAGES)
          .word(nova + "image.detailLevel", Field.DETAIL)
          .each(nova + "video", Field.INPUT_VIDEOS)
          .each(nova + "audio", Field.INPUT_AUDIOS);
    }
    // TwelveLabs Marengo
    request
        .word("inputType", Field.INPUT_TYPE)
        .ceiling("lengthSec", Field.SECONDS)
        .last("startSec", Field.FIRST_SECOND);
    for (String medium : new String[] {"video.", "audio."}) {
      request
          .last(medium + "startSec", Field.FIRST_SECOND)
          .ceiling(medium + "endSec", Field.LAST_SECOND);
    }
    // Nova Reel
    request
        .ceiling("videoGenerationConfig.durationSeconds", Field.SECONDS)
        .each("multiShotManualParams.shots[]", Field.SHOTS);
    // Luma Ray
    return request.word("duration", Field.DURATION).word("resolution", Field.RESOLUTION);
  }
}
