// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gauges of one name, by their tags. A gauge that stays is not taken out of the registry for a new
 * value, so that whoever reads the registry at that moment finds it. For one thread.
 */
final class Values {
  private static final class Value {
    private volatile double number;

    double number() {
      return number;
    }
  }

  private final MultiGauge gauge;
  private Map<Tags, Value> known = Map.of();

  Values(MultiGauge gauge) {
    this.gauge = gauge;
  }

  /** Sets these values, and removes the gauges that are not among them. */
  void show(Map<Tags, Double> numbers) {
    Map<Tags, Value> now = new HashMap<>();
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    numbers.forEach(
        (tags, number) -> {
          Value value = known.getOrDefault(tags, new Value());
          value.number = number;
          now.put(tags, value);
          rows.add(MultiGauge.Row.of(tags, value, Value::number));
        });
    known = now;
    gauge.register(rows);
  }
}
