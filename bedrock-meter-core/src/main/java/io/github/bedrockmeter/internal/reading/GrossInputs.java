// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Usage.Anomaly;

/**
 * Inputs that include what the cache served and stored, as OpenAI's {@code prompt_tokens} does, and
 * {@code input_tokens} where {@code input_tokens_details} stand beneath it. Our counts are
 * disjoint. Stateless.
 */
final class GrossInputs {
  private GrossInputs() {}

  static void net(Facts facts) {
    boolean isPrompt = facts.has(Field.PROMPT) && !facts.has(Field.INPUT);
    Field gross = isPrompt ? Field.PROMPT : Field.INPUT;
    if (!facts.has(gross) || (!isPrompt && !facts.has(Field.CACHE_DETAILS))) {
      return;
    }
    long all = facts.number(gross);
    long read = facts.orZero(Field.CACHE_READ);
    long written = facts.orZero(Field.CACHE_WRITE);
    if (read + written > all) {
      facts.note(
          Anomaly.Kind.TOTAL_MISMATCH,
          "prompt %d, of it cached %d and written %d".formatted(all, read, written));
    }
    long served = Math.min(read, all);
    if (served > 0 || facts.has(Field.CACHE_READ)) {
      facts.state(Field.CACHE_READ, served);
    }
    long net = Math.max(0, all - served - written);
    facts.state(Field.INPUT, net);
    repeated(facts, Field.HEADER_INPUT, all, net);
    repeated(facts, Field.METRICS_INPUT, all, net);
  }

  /** A place that states the same gross input agrees. */
  private static void repeated(Facts facts, Field place, long all, long net) {
    if (facts.number(place) == all) {
      facts.state(place, net);
    }
  }
}
