// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Room that a policy set aside for one call. The meter closes it exactly once, with {@link #commit}
 * or {@link #release}, on the thread that finished the call.
 *
 * <p>Both start the work and return at once; the stage tells when it is done. The meter does not
 * wait for it before the caller has its answer. A stage that fails, or an exception, is reported to
 * {@code MeterListener.onSettlementFailed}.
 */
public interface Reservation {

  /** Charges what the call consumed, which may be more or less than was set aside. */
  CompletionStage<?> commit(Usage usage, Cost cost);

  /** Gives the room back: the call was not billed. */
  CompletionStage<?> release();

  /** Nothing set aside; for policies that only say yes or no. */
  static Reservation none() {
    return NoReservation.INSTANCE;
  }
}

enum NoReservation implements Reservation {
  INSTANCE;

  private static final CompletableFuture<@Nullable Void> DONE =
      CompletableFuture.completedFuture(null);

  @Override
  public CompletionStage<?> commit(Usage usage, Cost cost) {
    return DONE;
  }

  @Override
  public CompletionStage<?> release() {
    return DONE;
  }
}
