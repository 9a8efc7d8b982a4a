// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.ledger.Lease.Slice;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Settles slices on the remote ledger, and holds that were not taken from slices. Thread-safe. */
final class SliceSettlements {
  private static final Log log = Log.to(LoggerFactory.getLogger(SliceSettlements.class));

  private final Remote remote;
  private final Outbox outbox;
  private final Runnable afterSettling;

  /**
   * Settlements on a remote ledger.
   *
   * @param afterSettling is run, under the lock, when a slice has been settled or could not be
   */
  SliceSettlements(Remote remote, Outbox outbox, Runnable afterSettling) {
    this.remote = remote;
    this.outbox = outbox;
    this.afterSettling = afterSettling;
  }

  /** Settles a slice at its charge once the lock is free. The caller holds the lock. */
  void settle(Lease lease, Slice slice) {
    slice.underWay = true;
    outbox.add(
        () ->
            remote
                .inTime(remote.settle(slice.hold, slice.charge))
                .whenComplete((steps, failure) -> settled(lease, slice, steps)));
  }

  private void settled(Lease lease, Slice slice, @Nullable List<Settled> steps) {
    outbox.lock();
    try {
      slice.underWay = false;
      if (steps != null && !steps.isEmpty()) {
        Settled step = steps.get(0);
        if (step.withoutHold()) {
          outbox.add(() -> log.warn("A slice had been lost, and was charged again: {}", step));
        }
        Tally complete = lease.settled(slice, step);
        if (complete != null) {
          outbox.add(complete::complete);
        }
      } else {
        Tally complete = lease.failed(slice); // what it was charged is kept, and settled later
        if (complete != null) {
          outbox.add(complete::complete);
        }
      }
      afterSettling.run();
    } finally {
      outbox.unlock();
    }
  }

  /**
   * Settles a hold that was not taken from slices, once the lock is free. The caller holds the
   * lock.
   *
   * @param at the number of the hold in the tally
   */
  void settleRemotely(Tally tally, int at, Hold hold, long actual) {
    tally.await();
    outbox.add(
        () ->
            remote
                .settle(hold, actual)
                .whenComplete(
                    (steps, failure) -> {
                      if (steps != null && !steps.isEmpty()) {
                        settledRemotely(tally, at, steps.get(0));
                      } else {
                        tally.fail(LedgerSupport.reason(failure));
                      }
                    }));
  }

  private void settledRemotely(Tally tally, int at, Settled step) {
    outbox.lock();
    try {
      tally.report(at, step);
      if (tally.arrived()) {
        outbox.add(tally::complete);
      }
    } finally {
      outbox.unlock();
    }
  }
}
