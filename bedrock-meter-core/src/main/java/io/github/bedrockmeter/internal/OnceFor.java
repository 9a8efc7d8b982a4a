// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers what has been said, so that the log says it once. Thread-safe and bounded. */
final class OnceFor<T> {
  private final Set<T> said = ConcurrentHashMap.newKeySet();
  private final int most;

  OnceFor(int most) {
    this.most = most;
  }

  /** Whether this is the first time for {@code subject}; false for all beyond the bound. */
  boolean isFirst(T subject) {
    return !said.contains(subject) && said.size() < most && said.add(subject);
  }
}
