// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Duration;

/**
 * The settings that every ledger in a shared store has. For authors of ledgers, whose builder
 * extends this one; users get a builder from {@code builder(...)} of a ledger, and a ledger with
 * the default settings from {@code over(...)}. Mutable, confined to one thread.
 *
 * @param <B> the builder itself
 */
public abstract class LedgerBuilder<B extends LedgerBuilder<B>> {
  private Duration abandonAfter = Duration.ofHours(1);
  private Duration grace = Duration.ofHours(1);

  /** A builder with the default settings. */
  protected LedgerBuilder() {}

  /** This builder, for chains of calls. */
  protected abstract B self();

  /**
   * The age at which an open hold counts as abandoned, since its process must be gone; one hour by
   * default, at least a millisecond. Choose more than any call takes. Processes that share a store
   * use the same.
   */
  public final B abandonAfter(Duration age) {
    this.abandonAfter = LedgerArguments.checkTime("abandonAfter", age);
    return self();
  }

  /**
   * How long an account is kept after its window's end, so that calls in flight at that moment are
   * still settled in it; one hour by default, at least a millisecond. A call that ends later is not
   * charged. Processes that share a store use the same.
   */
  public final B grace(Duration time) {
    this.grace = LedgerArguments.checkTime("grace", time);
    return self();
  }

  /** What {@link #abandonAfter(Duration)} was given. */
  protected final Duration abandonAfter() {
    return abandonAfter;
  }

  /** What {@link #grace(Duration)} was given. */
  protected final Duration grace() {
    return grace;
  }

  /** The ledger. */
  public abstract Ledger build();
}
