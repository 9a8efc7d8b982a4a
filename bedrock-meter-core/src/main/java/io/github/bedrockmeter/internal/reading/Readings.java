// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Completes readings that lack something, and adds them up. Stateless. */
public final class Readings {
  private Readings() {}

  /** Reported counts, and the estimate's for those that are missing. */
  public static Usage filled(Usage reported, Set<Meter> missing, Usage estimate) {
    Usage.Builder builder = Usage.builder(Source.BODY);
    reported.forEach((meter, count) -> builder.count(meter, count, reported.sources().of(meter)));
    for (Meter meter : missing) {
      builder.count(meter, estimate.count(meter), Source.ESTIMATED);
    }
    return builder.build().assuming(reported.assumptions());
  }

  /** A reading with the estimate's counts for those it lacks, and an anomaly that says why. */
  public static Reading filled(Reading reading, Usage estimate, String why) {
    Usage reported = reading.usage();
    return new Reading(
        reported == null ? estimate : filled(reported, reading.missing(), estimate),
        Set.of(),
        reading.tier(),
        reading.answeredBy(),
        Missing.with(reading.anomalies(), why));
  }

  /** Two readings with usage as one; the later one names tier and model. */
  public static Reading sum(Reading earlier, Reading later) {
    if (earlier.usage() == null || later.usage() == null) {
      throw new IllegalStateException("only readings with usage are charged");
    }
    List<Anomaly> anomalies = new ArrayList<>(earlier.anomalies());
    anomalies.addAll(later.anomalies());
    return new Reading(
        earlier.usage().plus(later.usage()), Set.of(), later.tier(), later.answeredBy(), anomalies);
  }
}
