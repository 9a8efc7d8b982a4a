// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.ModelId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group of models whose InvokeModel bodies are read alike, known by the start of the model id.
 *
 * @param prefix what {@link ModelId#baseId} starts with
 * @param kind what such a model reports
 */
record Family(String prefix, Kind kind) {

  /** What a model's responses report, and where. */
  enum Kind {
    /** Input and output tokens, in the body or in headers. */
    TEXT,
    /** Input and output tokens, never in the body. */
    TEXT_BY_HEADERS,
    /** Input tokens, which a header states; the body is large. */
    EMBEDDING,
    /** As {@link #EMBEDDING}, and images, which only the request states. */
    MEDIA_EMBEDDING,
    /** Nothing: one search unit for each hundred documents of the request. */
    RERANK,
    /** Images; priced by size up to 2,048 pixels and by quality, which the request states. */
    CANVAS,
    /** Images; priced by size up to 1,024 pixels and by quality, which the request states. */
    TITAN_IMAGE,
    /** Images; priced by size and by steps, which the request states. */
    SDXL,
    /** Images, each at one price. */
    IMAGES,
    /** Output tokens, if a header states them; no field states the video's seconds. */
    PEGASUS,
    /** Nothing: the request states images or seconds, or counts as one. */
    MARENGO,
    /** StartAsyncInvoke only: seconds of video that the request asks for. */
    REEL,
    /** StartAsyncInvoke only: seconds of video of a resolution, which the request asks for. */
    LUMA,
    /** The id does not show the model; the body's shape decides. */
    OPAQUE;

    /** Whether the request has nothing to add. */
    boolean countsOnlyTokens() {
      return this == TEXT || this == TEXT_BY_HEADERS || this == EMBEDDING || this == OPAQUE;
    }

    boolean countsInput() {
      return countsOnlyTokens() || this == MEDIA_EMBEDDING;
    }

    boolean countsOutput() {
      return (countsOnlyTokens() && this != EMBEDDING) || this == PEGASUS;
    }

    /** Whether complete headers leave nothing to learn from the body. */
    boolean headersSuffice() {
      return this == TEXT_BY_HEADERS || this == EMBEDDING || this == MEDIA_EMBEDDING;
    }
  }

  /** The first match counts. */
  private static final List<Family> TABLE =
      List.of(
          new Family("anthropic.", Kind.TEXT),
          new Family("amazon.nova-canvas", Kind.CANVAS),
          new Family("amazon.nova-reel", Kind.REEL),
          new Family("amazon.nova-2-multimodal-embeddings", Kind.MEDIA_EMBEDDING),
          new Family("amazon.nova-", Kind.TEXT),
          new Family("amazon.titan-embed-image", Kind.MEDIA_EMBEDDING),
          new Family("amazon.titan-embed", Kind.EMBEDDING),
          new Family("amazon.titan-image", Kind.TITAN_IMAGE),
          new Family("amazon.titan-", Kind.TEXT),
          new Family("amazon.rerank", Kind.RERANK),
          new Family("cohere.rerank", Kind.RERANK),
          new Family("cohere.embed", Kind.MEDIA_EMBEDDING),
          new Family("cohere.command", Kind.TEXT_BY_HEADERS),
          new Family("mistral.mistral-7b", Kind.TEXT_BY_HEADERS),
          new Family("mistral.mixtral", Kind.TEXT_BY_HEADERS),
          new Family("mistral.mistral-small-2402", Kind.TEXT_BY_HEADERS),
          new Family("mistral.mistral-large-2402", Kind.TEXT_BY_HEADERS),
          new Family("deepseek.r1", Kind.TEXT_BY_HEADERS),
          new Family("stability.stable-diffusion-xl", Kind.SDXL),
          new Family("stability.", Kind.IMAGES),
          new Family("twelvelabs.pegasus", Kind.PEGASUS),
          new Family("twelvelabs.marengo", Kind.MARENGO),
          new Family("luma.", Kind.LUMA),
          new Family("ai21.", Kind.TEXT),
          new Family("cohere.", Kind.TEXT),
          new Family("deepseek.", Kind.TEXT),
          new Family("google.", Kind.TEXT),
          new Family("meta.", Kind.TEXT),
          new Family("minimax.", Kind.TEXT),
          new Family("mistral.", Kind.TEXT),
          new Family("moonshot.", Kind.TEXT),
          new Family("moonshotai.", Kind.TEXT),
          new Family("nvidia.", Kind.TEXT),
          new Family("openai.", Kind.TEXT),
          new Family("qwen.", Kind.TEXT),
          new Family("writer.", Kind.TEXT),
          new Family("xai.", Kind.TEXT),
          new Family("zai.", Kind.TEXT));

  /** What the models of an id report, as far as the id shows it. */
  static Kind kindOf(@Nullable String modelId) {
    Family family = modelId == null ? null : of(ModelId.of(modelId));
    return family == null ? Kind.OPAQUE : family.kind;
  }

  /** Whether both ids are of the same family of chat models. */
  static boolean shareTheirBodies(String modelId, String otherModelId) {
    Family one = of(ModelId.of(modelId));
    return one != null && one.kind == Kind.TEXT && one.equals(of(ModelId.of(otherModelId)));
  }

  private static @Nullable Family of(ModelId id) {
    for (Family family : TABLE) {
      if (id.baseId().startsWith(family.prefix)) {
        return family;
      }
    }
    return null;
  }
}
