// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.Meter;
import org.jspecify.annotations.Nullable;

/** The meters of cache writes, by lifetime and by price. Stateless. */
final class CacheMeters {
  private CacheMeters() {}

  /** The higher-priced of two cache meters. */
  static Meter higher(@Nullable Meter known, Meter other) {
    return known != null && Meter.TOKENS.indexOf(known) > Meter.TOKENS.indexOf(other)
        ? known
        : other;
  }

  /** The meter of a lifetime; of the highest-priced one, where it is not known. */
  static Meter of(@Nullable String lifetime) {
    if (lifetime == null || lifetime.equals("5m")) {
      return Meter.CACHE_WRITE_5M;
    }
    return lifetime.equals("30m") ? Meter.CACHE_WRITE_30M : Meter.CACHE_WRITE_1H;
  }
}
