// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.pricing.CatalogLayer.Highest;
import io.github.bedrockmeter.usage.Meter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** Works out when which rate of each meter was the highest. Stateless. */
final class HighestRates {
  private HighestRates() {}

  /** The highest rate of each meter in each stretch of time, of some rows. */
  static List<Highest> of(Collection<RateRow> rows) {
    Map<Meter, List<Highest>> byMeter = new TreeMap<>(Comparator.comparing(Meter::name));
    for (RateRow row : rows) {
      if (row.status() == RateRow.Status.CONFIRMED) {
        Days days = new Days(row.from(), row.to());
        row.usd()
            .forEach(
                (meter, usd) ->
                    byMeter
                        .computeIfAbsent(meter, m -> new ArrayList<>())
                        .add(
                            new Highest(
                                meter,
                                usd,
                                row.unit().per,
                                days.fromMillis(),
                                days.toMillis(),
                                row.provenance())));
      }
    }
    List<Highest> all = new ArrayList<>();
    byMeter.values().forEach(candidates -> all.addAll(overTime(candidates)));
    return all;
  }

  private static List<Highest> overTime(List<Highest> candidates) {
    TreeSet<Long> turns = new TreeSet<>();
    candidates.forEach(
        candidate -> {
          turns.add(candidate.from());
          turns.add(candidate.to());
        });
    List<Highest> joined = new ArrayList<>();
    Highest last = null;
    for (Long from : turns.headSet(turns.last())) {
      long to = Objects.requireNonNull(turns.higher(from));
      Highest best = null;
      for (Highest candidate : candidates) {
        if (candidate.from() <= from
            && from < candidate.to()
            && (best == null || candidate.usdPerUnit().compareTo(best.usdPerUnit()) > 0)) {
          best = candidate;
        }
      }
      if (best != null && best.equals(last)) {
        Highest before = joined.remove(joined.size() - 1);
        joined.add(during(best, before.from(), to));
      } else if (best != null) {
        joined.add(during(best, from, to));
      }
      last = best;
    }
    return joined;
  }

  private static Highest during(Highest rate, long from, long to) {
    return new Highest(rate.meter(), rate.usd(), rate.per(), from, to, rate.provenance());
  }
}
