// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.ModelId;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;

/** Reads an InvokeModel response: the body, and the headers for what the body leaves out. */
final class InvokeModelReader {
  /** Any of these above zero shows that the model was called. */
  private static final List<Field> SIGNS_OF_WORK =
      List.of(
          Field.INPUT,
          Field.PROMPT,
          Field.OUTPUT,
          Field.CACHE_READ,
          Field.CACHE_WRITE,
          Field.HEADER_INPUT,
          Field.METRICS_INPUT);

  private InvokeModelReader() {}

  static Reading read(InvokeModelRequest request, InvokeModelResponse response) {
    Family.Kind kind = Family.kindOf(request.modelId());
    Facts facts = new Facts();
    Headers.read(response.sdkHttpResponse(), facts);
    if (!headersSuffice(kind, request, facts)) {
      JsonFacts.read(response.body(), Shapes.BODY, facts);
    }
    Verdict verdict = new Verdict(facts, blocked(facts));
    count(
        kind == Family.Kind.OPAQUE ? kindOf(facts) : kind,
        () -> requestFacts(request),
        facts,
        verdict);
    return verdict
        .guardrail()
        .reading(
            Tier.of(
                response.serviceTierAsString(), response.performanceConfigLatencyAsString(), facts),
            answeredBy(request.modelId(), facts));
  }

  /**
   * Counts what a model of a kind reports.
   *
   * @param request what the request states, asked for only where that counts
   */
  static void count(Family.Kind kind, Supplier<Facts> request, Facts facts, Verdict verdict) {
    if (kind.countsOnlyTokens()) {
      verdict.tokens(true, kind != Family.Kind.EMBEDDING);
      return;
    }
    Units units = new Units(facts, request.get(), verdict);
    // An image alone has no text tokens that could be missing.
    boolean textDue = kind == Family.Kind.MEDIA_EMBEDDING && !units.hasMedia();
    verdict.tokens(textDue, kind == Family.Kind.PEGASUS);
    units(kind, units);
  }

  static void units(Family.Kind kind, Units units) {
    switch (kind) {
      case CANVAS, TITAN_IMAGE, SDXL, IMAGES -> units.images(kind);
      case RERANK -> units.searchUnits();
      case MEDIA_EMBEDDING -> units.media();
      case MARENGO -> units.marengo();
      case PEGASUS -> units.watchedVideo();
      default -> {} // tokens only
    }
  }

  private static Facts requestFacts(InvokeModelRequest request) {
    Facts facts = new Facts();
    JsonFacts.read(request.body(), Shapes.REQUEST, facts);
    return facts;
  }

  /**
   * Whether the body need not be read. It must be if it may state more than the headers: who
   * answered and for how long the cache was written (Anthropic), a guardrail's units, and the
   * counts to compare of every family whose body counts tokens too.
   */
  private static boolean headersSuffice(Family.Kind kind, InvokeModelRequest request, Facts facts) {
    return kind.headersSuffice()
        && request.guardrailIdentifier() == null
        && facts.has(Field.HEADER_INPUT)
        && (kind != Family.Kind.TEXT_BY_HEADERS || facts.has(Field.HEADER_OUTPUT));
  }

  /** A prompt that a guardrail blocked never reached the model; a masked answer did, and counts. */
  static boolean blocked(Facts facts) {
    if (!"INTERVENED".equals(facts.word(Field.GUARDRAIL_ACTION))) {
      return false;
    }
    for (Field field : SIGNS_OF_WORK) {
      if (facts.number(field) > 0) {
        return false;
      }
    }
    return true;
  }

  /** What kind of model answers like this. Images of an unknown model are priced as Canvas's. */
  static Family.Kind kindOf(Facts facts) {
    if (facts.has(Field.EMBEDDINGS)) {
      return Family.Kind.MEDIA_EMBEDDING;
    }
    if (facts.has(Field.IMAGES)) {
      return Family.Kind.CANVAS;
    }
    return facts.has(Field.RANKS) ? Family.Kind.RERANK : Family.Kind.OPAQUE;
  }

  /**
   * The body's {@code model}, where the id the caller used hides it. Anthropic writes it without
   * the provider, as {@code claude-haiku-4-5-20251001}, and it is passed on as it is written. A
   * name of another form belongs to some server and is not a model id.
   */
  static @Nullable String answeredBy(@Nullable String modelId, Facts facts) {
    String model = facts.word(Field.MODEL);
    if (model == null || Family.kindOf(modelId) != Family.Kind.OPAQUE) {
      return null;
    }
    boolean known = Family.kindOf(ModelId.ofResponse(model).text()) != Family.Kind.OPAQUE;
    return known ? model : null;
  }
}
