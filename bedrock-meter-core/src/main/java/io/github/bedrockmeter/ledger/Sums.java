// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

/**
 * Sums that end at the largest and smallest {@code long} instead of failing: for what is compared
 * and never charged. Holds no state, thread-safe.
 */
final class Sums {
  private Sums() {}

  static long plus(long a, long b) {
    long sum = a + b;
    boolean overflows = ((a ^ sum) & (b ^ sum)) < 0;
    return overflows ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }

  static long minus(long a, long b) {
    long difference = a - b;
    boolean overflows = ((a ^ b) & (a ^ difference)) < 0;
    return overflows ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : difference;
  }
}
