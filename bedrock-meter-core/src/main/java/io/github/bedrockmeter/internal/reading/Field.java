// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import java.util.List;

/**
 * What a response or a request may state. The places a count can come from are kept apart, because
 * they are compared before one of them is chosen.
 */
enum Field {
  // A body, or a provider's own stream events.
  INPUT,
  OUTPUT,
  CACHE_READ,
  /** Cache writes of every lifetime. */
  CACHE_WRITE,
  CACHE_WRITE_5M,
  CACHE_WRITE_30M,
  CACHE_WRITE_1H,
  TOTAL,
  /** OpenAI's {@code prompt_tokens}, which includes what the cache served. */
  PROMPT,

  HEADER_INPUT,
  HEADER_OUTPUT,
  HEADER_CACHE_READ,
  HEADER_CACHE_WRITE,

  METRICS_INPUT,
  METRICS_OUTPUT,
  METRICS_CACHE_READ,
  METRICS_CACHE_WRITE,

  /** Nova Sonic's split; its text tokens are {@link #INPUT} and {@link #OUTPUT}. */
  SPEECH_INPUT,
  SPEECH_OUTPUT,
  /** Nova Sonic's sums of text and speech. */
  SESSION_INPUT,
  SESSION_OUTPUT,

  SEARCH_UNITS,
  IMAGES,
  /** The response says why there is no image. */
  IMAGE_ERROR,
  EMBEDDINGS,
  RANKS,
  /** The last chunk of a stream was seen. */
  ENDED,
  DELIVERED_CHARACTERS,
  MODEL,
  TIER,
  GUARDRAIL_ACTION,

  TOPIC_UNITS,
  CONTENT_UNITS,
  WORD_UNITS,
  SENSITIVE_UNITS,
  SENSITIVE_FREE_UNITS,
  GROUNDING_UNITS,
  CONTENT_IMAGE_UNITS,
  REASONING_UNITS,

  // A request.
  WIDTH,
  HEIGHT,
  STEPS,
  QUALITY,
  WANTED_IMAGES,
  DOCUMENTS,
  INPUT_IMAGES,
  INPUT_VIDEOS,
  INPUT_AUDIOS,
  DETAIL,
  INPUT_TYPE,
  SECONDS,
  FIRST_SECOND,
  LAST_SECOND,
  SHOTS,
  DURATION,
  RESOLUTION;

  static final int COUNT = values().length;

  /** A guardrail policy's units: where they are kept, what the wire calls them, their meter. */
  record Policy(Field field, String wireName, Meter meter) {}

  /** The policies a guardrail reports units for, in the order of the API's {@code usage}. */
  static final List<Policy> POLICIES =
      List.of(
          policy(TOPIC_UNITS, "topicPolicy"),
          policy(CONTENT_UNITS, "contentPolicy"),
          policy(WORD_UNITS, "wordPolicy"),
          policy(SENSITIVE_UNITS, "sensitiveInformationPolicy"),
          policy(SENSITIVE_FREE_UNITS, "sensitiveInformationPolicyFree"),
          policy(GROUNDING_UNITS, "contextualGroundingPolicy"),
          policy(CONTENT_IMAGE_UNITS, "contentPolicyImage"),
          policy(REASONING_UNITS, "automatedReasoningPolicy"));

  /** This field's place in an array: counts are kept unboxed. */
  @SuppressWarnings("EnumOrdinal")
  int index() {
    return ordinal();
  }

  private static Policy policy(Field field, String name) {
    return new Policy(field, name + "Units", Meter.guardrailUnits(name));
  }
}
