// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Numbers for texts that many rows have, so that these are written once. It remembers so many and
 * then begins anew: what it meets again gets a second number, which does no harm. Confined to one
 * thread.
 */
final class SharedTexts<T> {
  private static final int MOST_REMEMBERED = 10_000;

  private final Map<T, Long> numbers = new HashMap<>();
  private final LongSupplier next;

  /**
   * None yet.
   *
   * @param next a number that no other texts have
   */
  SharedTexts(LongSupplier next) {
    this.next = next;
  }

  /** Writes texts that are new, with their number. */
  @FunctionalInterface
  interface Writing<T> {
    void write(long number, T texts) throws SQLException;
  }

  /** The number of texts, which are written first where they are new. */
  long numberOf(T texts, Writing<T> writing) throws SQLException {
    Long known = numbers.get(texts);
    if (known != null) {
      return known;
    }
    if (numbers.size() == MOST_REMEMBERED) {
      numbers.clear();
    }
    long number = next.getAsLong();
    writing.write(number, texts);
    numbers.put(texts, number);
    return number;
  }
}
