// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is told of a step, in lines that both sides write alike. */
final class Told {
  private Told() {}

  static String sent(int number, String model, @Nullable Integer maxTokens) {
    return "sent " + number + " to " + model + " with " + maxTokens;
  }

  static String reserved(int number, long input, long output, String amendments) {
    return "reserved " + number + ": " + input + "+" + output + amendments;
  }

  static String waited() {
    return ", waited";
  }

  static String lowered(String budget, long from, long to) {
    return ", lowered by " + budget + " from " + from + " to " + to;
  }

  static String otherModel(String budget, String from, String to) {
    return ", sent by " + budget + " from " + from + " to " + to;
  }

  static String denial(
      int number,
      boolean enforced,
      String budget,
      String scope,
      @Nullable Long requested,
      @Nullable Long available,
      @Nullable Duration retryAfter,
      String reason) {
    return (enforced ? "denied " : "would deny ")
        + number
        + " by "
        + budget
        + "("
        + scope
        + "): "
        + requested
        + " of "
        + available
        + ", again in "
        + retryAfter
        + reason;
  }

  static String ended(int number, String outcome, String charge, long input, long output) {
    return "ended " + number + " " + outcome + " " + charge + " " + input + "+" + output;
  }

  static String reached(String budget, String scope, String share, long settled, long limit) {
    return "reached " + share + " of " + budget + "(" + scope + "): " + settled + " of " + limit;
  }

  static String changed(String change, String budget, String scope, String what) {
    return "changed " + change + " " + budget + "(" + scope + ")" + what;
  }

  static String returned(int number) {
    return "returned " + number;
  }

  static String refused(int number) {
    return "refused " + number;
  }

  static String thrown(int number) {
    return "thrown " + number;
  }
}
