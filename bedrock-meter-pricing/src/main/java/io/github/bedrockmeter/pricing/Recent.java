// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what was worked out for some texts lately, at most one for each of its places; a text
 * that falls on a taken place replaces what was there. Threads may overwrite each other's entries,
 * which are immutable. Thread-safe.
 */
final class Recent<V> {
  private record Entry<V>(String key, V value) {}

  private final @Nullable Entry<V>[] entries;

  /**
   * @param places a power of two
   */
  @SuppressWarnings("unchecked")
  Recent(int places) {
    this.entries = (Entry<V>[]) new Entry<?>[places];
  }

  @Nullable V get(String key) {
    Entry<V> entry = entries[place(key)];
    return entry != null && entry.key.equals(key) ? entry.value : null;
  }

  void put(String key, V value) {
    entries[place(key)] = new Entry<>(key, value);
  }

  private int place(String key) {
    int hash = key.hashCode();
    return (hash ^ (hash >>> 16)) & (entries.length - 1);
  }

  /** How many are remembered, for tests of the bound. */
  long size() {
    return Arrays.stream(entries).filter(Objects::nonNull).count();
  }
}
