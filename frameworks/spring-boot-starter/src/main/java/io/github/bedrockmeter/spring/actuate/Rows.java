// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was spent or denied by name, so many names at most; those beyond are counted together, so
 * that the rows add up to the whole. Confined to one thread, or guarded by its owner.
 */
final class Rows {
  private final int most;
  private final Map<String, Spending> named = new HashMap<>();
  private Spending others = Spending.NONE;

  Rows(int most) {
    this.most = most;
  }

  /** A name's sum. */
  record Row(String name, Spending sum) {}

  void add(String name, Spending more) {
    if (named.size() < most || named.containsKey(name)) {
      named.merge(name, more, Spending::plus);
    } else {
      others = others.plus(more);
    }
  }

  void add(Rows more) {
    more.named.forEach(this::add);
    others = others.plus(more.others);
  }

  /** The sum of all rows. */
  Spending sum() {
    return named.values().stream().reduce(others, Spending::plus);
  }

  /** The rows that cost or count most; the rest is in {@link #beyond}. */
  List<Row> first(int count) {
    return named.entrySet().stream()
        .map(entry -> new Row(entry.getKey(), entry.getValue()))
        .sorted(
            Comparator.comparing((Row row) -> row.sum().usd())
                .thenComparing(row -> row.sum().calls())
                .reversed()
                .thenComparing(Row::name))
        .limit(count)
        .toList();
  }

  /** What is in none of the first rows. */
  Spending beyond(int count) {
    Spending shown = first(count).stream().map(Row::sum).reduce(Spending.NONE, Spending::plus);
    Spending all = sum();
    return new Spending(
        all.calls() - shown.calls(),
        all.usd().subtract(shown.usd()),
        all.unpriced() - shown.unpriced());
  }
}
