// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers what has been said, so that the log says it once. Thread-safe and bounded. */
public final class OnceFor<T> {
  private final Set<T> said = ConcurrentHashMap.newKeySet();
  private final int most;

  public OnceFor(int most) {
    this.most = most;
  }

  /** Whether this is the first time for {@code subject}; false for all beyond the bound. */
  public boolean isFirst(T subject) {
    return !said.contains(subject) && said.size() < most && said.add(subject);
  }
}
