// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Unit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A charge or a credit, as {@code +1.50usd} or {@code -1000tokens}. Immutable and thread-safe.
 *
 * @param isCredit whether it lowers what was charged
 */
record SignedAmount(boolean isCredit, Amount amount) {
  private static final int LONGEST = 40;
  private static final Pattern FORM =
      Pattern.compile("([+-])([0-9.]+)(usd|tokens?|requests?)", Pattern.CASE_INSENSITIVE);

  /**
   * Reads an amount.
   *
   * @throws IllegalArgumentException if it lacks its sign or unit, or is not a number that the unit
   *     allows
   */
  static SignedAmount parse(String text) {
    Matcher form = FORM.matcher(text.length() > LONGEST ? "" : text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "an amount must have a sign and a unit, as +1.50usd, -1000tokens or +3requests: '"
              + Escaped.text(text, LONGEST)
              + "'");
    }
    String number = form.group(2);
    String unit = form.group(3).toLowerCase(Locale.ROOT);
    if (unit.equals("usd")) {
      return new SignedAmount(form.group(1).equals("-"), Amount.usd(number));
    }
    Unit counted = unit.startsWith("token") ? Unit.TOKENS : Unit.REQUESTS;
    try {
      Amount amount = new Amount(Long.parseLong(number), counted);
      return new SignedAmount(form.group(1).equals("-"), amount);
    } catch (NumberFormatException notWhole) {
      throw new IllegalArgumentException(
          "tokens and requests must be whole numbers, as -1000tokens: '"
              + Escaped.text(text, LONGEST)
              + "'");
    }
  }

  /** In the account's unit, negative for a credit. */
  long delta() {
    return isCredit ? -amount.units() : amount.units();
  }

  @Override
  public String toString() {
    return (isCredit ? "-" : "+") + amount;
  }
}
