// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
  /** Cache writes of a lifetime that we do not know. */
  CACHE_WRITE_OTHER,
  TOTAL,
  /** The samplings that an answer lists, summed; what stands beside the list leaves some out. */
  PARTS,
  PARTS_INPUT,
  PARTS_OUTPUT,
  PARTS_CACHE_READ,
  PARTS_CACHE_WRITE,
  PARTS_CACHE_WRITE_5M,
  PARTS_CACHE_WRITE_1H,
  /** The usage says apart how much of its input was cached, so that the input includes it. */
  CACHE_DETAILS,
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
  WEB_SEARCHES,
  CODE_RUNS,
  /** A block in which a tool may run, its name and its type. */
  TOOL,
  TOOL_NAME,
  TOOL_TYPE,
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
  DOCUMENT_TEXT,
  QUERY,
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

  /** A count of all samplings: its sum, and the places that may state the last sampling alone. */
  record Part(Field sum, Field whole, @Nullable Field header, @Nullable Field metrics) {}

  /** The counts that a list of samplings has. */
  static final List<Part> PARTS_OF =
      List.of(
          new Part(PARTS_INPUT, INPUT, HEADER_INPUT, METRICS_INPUT),
          new Part(PARTS_OUTPUT, OUTPUT, HEADER_OUTPUT, METRICS_OUTPUT),
          new Part(PARTS_CACHE_READ, CACHE_READ, HEADER_CACHE_READ, METRICS_CACHE_READ),
          new Part(PARTS_CACHE_WRITE, CACHE_WRITE, HEADER_CACHE_WRITE, METRICS_CACHE_WRITE),
          new Part(PARTS_CACHE_WRITE_5M, CACHE_WRITE_5M, null, null),
          new Part(PARTS_CACHE_WRITE_1H, CACHE_WRITE_1H, null, null));

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
