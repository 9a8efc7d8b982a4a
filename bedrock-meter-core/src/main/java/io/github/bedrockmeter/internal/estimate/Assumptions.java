// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Meter.Assumption;
import io.github.bedrockmeter.usage.Usage;
import java.util.List;
import java.util.function.Predicate;

/** Keeps what an estimate takes for granted when its counts are written anew. Stateless. */
final class Assumptions {
  private Assumptions() {}

  /** An estimate of which every count rests on the same reason. */
  static Usage ofAll(Usage estimate, String why) {
    Usage[] result = {estimate};
    estimate.forEach(
        (meter, count) -> result[0] = result[0].assuming(Assumption.notShown(meter, why)));
    return result[0];
  }

  /** The counts of {@code to}, with what {@code from} assumes of those that {@code to} has too. */
  static Usage copied(Usage from, Usage to) {
    return to.assuming(from(from, assumption -> to.count(assumption.meter()) > 0));
  }

  /**
   * An estimator's answer, with what the bound assumes of the counts it left as they are: for the
   * others it has reasons of its own.
   */
  static Usage kept(Usage bound, Usage estimate) {
    return estimate.assuming(
        from(
            bound,
            assumption -> bound.count(assumption.meter()) == estimate.count(assumption.meter())));
  }

  /** The counts of {@code to}, with what {@code from} assumes of all meters but one. */
  static Usage except(Meter counted, Usage from, Usage to) {
    return to.assuming(from(from, assumption -> !assumption.meter().equals(counted)));
  }

  private static List<Assumption> from(Usage usage, Predicate<Assumption> chosen) {
    return usage.assumptions().stream().filter(chosen).toList();
  }
}
