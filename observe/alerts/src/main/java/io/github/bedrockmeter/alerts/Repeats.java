// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.AlertMessage.Count;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what happened again after its alert, by kind and budget. Bounded and thread-safe. */
final class Repeats {
  /** Beyond so many budgets and kinds, a kind is counted without its budget. */
  private static final int MOST = 100;

  private final ConcurrentHashMap<Key, LongAdder> counts = new ConcurrentHashMap<>();
  private volatile boolean any;

  private record Key(Kind kind, @Nullable String budget) {}

  /** Counts one. Returns whether nothing was counted before it. */
  boolean add(Kind kind, @Nullable String budget) {
    Key key = new Key(kind, budget);
    LongAdder known = counts.get(key);
    if (known == null) {
      Key counted = counts.size() < MOST ? key : new Key(kind, null);
      known = counts.computeIfAbsent(counted, none -> new LongAdder());
    }
    known.increment();
    if (any) {
      return false;
    }
    any = true;
    return true;
  }

  /** Whether something was counted that has not been returned yet. */
  boolean any() {
    return any;
  }

  /** What was counted since the last time, and has not been returned yet. */
  List<Count> drain() {
    any = false;
    List<Count> drained = new ArrayList<>();
    for (Map.Entry<Key, LongAdder> entry : counts.entrySet()) {
      // The entry stays, so that a count that is added at the same time is not lost.
      long count = entry.getValue().sumThenReset();
      if (count > 0) {
        drained.add(new Count(entry.getKey().kind(), entry.getKey().budget(), count));
      }
    }
    return drained;
  }
}
