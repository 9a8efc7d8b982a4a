// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.util.ArrayList;
import java.util.List;

/** Estimators that learn from events. Stateless. */
public final class Learners {
  private Learners() {}

  /** The listeners, and the estimator if it is one: it learns from the same events. */
  public static List<MeterListener> with(List<MeterListener> listeners, UsageEstimator used) {
    List<MeterListener> all = new ArrayList<>(listeners);
    UsageEstimator learner = used;
    while (learner instanceof CountTokensEstimator counting) {
      learner = counting.otherwise();
    }
    if (learner instanceof MeterListener listener && !all.contains(listener)) {
      all.add(listener);
    }
    return all;
  }
}
