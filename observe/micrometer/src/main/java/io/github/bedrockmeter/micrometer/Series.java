// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The series of one metric, by their tags, at most so many: beyond that, tags whose values come
 * from outside are folded into one value, and beyond twice as many all tags are. Thread-safe.
 *
 * @param <M> what is registered for each series
 */
final class Series<M> {
  /** The value of a tag that was folded. */
  static final String OTHER = "(other)";

  private final Map<Tags, M> known = new ConcurrentHashMap<>();
  private final int most;
  private final Set<String> fixed;
  private final Function<Tags, M> register;
  private final Counter folded;

  /**
   * The series of one metric.
   *
   * @param most how many there may be, before the folded ones
   * @param fixed names of tags that have few values, and are folded only beyond twice as many
   * @param register makes the metric with these tags
   * @param folded counts what was folded
   */
  Series(int most, Set<String> fixed, Function<Tags, M> register, Counter folded) {
    this.most = most;
    this.fixed = fixed;
    this.register = register;
    this.folded = folded;
  }

  /** The series with these tags, or the one that they are folded into. */
  M of(Tags tags) {
    M existing = known.get(tags);
    return existing != null ? existing : add(tags);
  }

  private synchronized M add(Tags tags) {
    Tags kept = tags;
    if (known.size() >= most && !known.containsKey(tags)) {
      folded.increment();
      kept = folded(tags, fixed);
      if (known.size() / 2 >= most && !known.containsKey(kept)) {
        kept = folded(tags, Set.of()); // what was thought to have few values has many
      }
    }
    return known.computeIfAbsent(kept, register);
  }

  private static Tags folded(Tags tags, Set<String> unfolded) {
    List<Tag> all = new ArrayList<>();
    for (Tag tag : tags) {
      all.add(unfolded.contains(tag.getKey()) ? tag : Tag.of(tag.getKey(), OTHER));
    }
    return Tags.of(all);
  }
}
