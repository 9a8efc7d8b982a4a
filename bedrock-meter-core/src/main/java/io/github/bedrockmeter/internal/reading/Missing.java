// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What was due in an answer and not reported. Stateless. */
public final class Missing {
  private Missing() {}

  /** The anomalies, with one that says what was not reported, unless there is such a one. */
  public static List<Anomaly> with(List<Anomaly> anomalies, String detail) {
    for (Anomaly anomaly : anomalies) {
      if (anomaly.kind() == Anomaly.Kind.USAGE_MISSING) {
        return anomalies;
      }
    }
    List<Anomaly> all = new ArrayList<>(anomalies);
    all.add(new Anomaly(Anomaly.Kind.USAGE_MISSING, detail));
    return all;
  }

  /** The meters that are due and of which a usage has nothing: it is unknown how much it was. */
  public static Set<Meter> unbounded(Set<Meter> due, Usage usage) {
    if (due.isEmpty()) {
      return due;
    }
    Set<Meter> unknown = new LinkedHashSet<>();
    for (Meter meter : due) {
      if (!Meter.TOKENS.contains(meter) && usage.count(meter) == 0) {
        unknown.add(meter);
      }
    }
    return unknown;
  }
}
