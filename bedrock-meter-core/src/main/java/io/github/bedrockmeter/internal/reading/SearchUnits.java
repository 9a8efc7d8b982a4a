// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

/**
 * The search units of a rerank request: one for each 100 chunks of its documents. A chunk is up to
 * 512 tokens with those of the query. Without a tokenizer, a token is at least one byte.
 *
 * @param least as if a token were four bytes, and a document never longer than that
 * @param most at most so many
 */
record SearchUnits(long least, long most) {
  private static final long CHUNKS_PER_UNIT = 100;
  private static final long TOKENS_PER_CHUNK = 512;

  /** A longer query is cut, so that a chunk has room for a part of a document. */
  private static final long MOST_OF_THE_QUERY = 256;

  private static final long USUAL_BYTES = 4;

  static SearchUnits of(Facts request) {
    long query = Math.min(MOST_OF_THE_QUERY, request.orZero(Field.QUERY));
    long[] documents = request.documents();
    long surely = Math.max(0, request.number(Field.DOCUMENTS) - documents.length);
    long likely = surely;
    for (long bytes : documents) {
      surely += chunks(bytes, TOKENS_PER_CHUNK - query);
      likely += chunks(bytes, USUAL_BYTES * TOKENS_PER_CHUNK - query);
    }
    return new SearchUnits(units(likely), units(surely));
  }

  private static long chunks(long bytes, long room) {
    return Math.max(1, (bytes + room - 1) / room);
  }

  private static long units(long chunks) {
    return Math.max(1, (chunks + CHUNKS_PER_UNIT - 1) / CHUNKS_PER_UNIT);
  }

  boolean isExact() {
    return least == most;
  }

  String why() {
    return "documents of more than 512 tokens count more than once: "
        + least
        + " to "
        + most
        + " search units";
  }
}
