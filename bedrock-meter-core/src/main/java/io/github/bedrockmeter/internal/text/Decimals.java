// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import java.math.BigDecimal;

/** Decimal numbers as people write them. Stateless. */
public final class Decimals {
  /** No amount of money or tokens has more digits; to read far longer ones takes seconds. */
  private static final int LONGEST = 40;

  private Decimals() {}

  /**
   * Reads a number of 40 characters at most.
   *
   * @param what what it is, with an example, as the beginning of a message: {@code an amount must
   *     be a decimal such as "25.00"}
   * @throws IllegalArgumentException if it is none
   */
  public static BigDecimal read(String text, String what) {
    if (text.length() <= LONGEST) {
      try {
        BigDecimal number = new BigDecimal(text);
        if (Math.abs((long) number.scale()) <= LONGEST) {
          return number;
        }
      } catch (NumberFormatException notADecimal) {
        // Refused below.
      }
    }
    throw new IllegalArgumentException(
        what + ", of at most " + LONGEST + " digits: '" + Escaped.text(text, LONGEST) + "'");
  }
}
