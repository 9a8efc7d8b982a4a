// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Lease.Slice;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request to the remote ledger for slices, and the callers who wait for its answer. Guarded by
 * the lock of its ledger.
 */
final class SliceRequest implements Lease.Request {
  /** The caller who made the request; null if it is for no new call. */
  final @Nullable WaitingHold first;

  final List<Part> parts = new ArrayList<>(1);
  final List<WaitingHold> others = new ArrayList<>(0);

  /** How often slices were refused before. */
  final int round;

  SliceRequest(@Nullable WaitingHold first, int round) {
    this.first = first;
    this.round = round;
  }

  /** One slice of a request. */
  static final class Part {
    final Lease lease;
    final @Nullable Hold hold;
    final long needed;
    final boolean enforced;
    @Nullable Slice slice;
    @Nullable Long available;

    /**
     * A slice to request.
     *
     * @param hold what it is for; null if it is for no new call
     * @param needed the least that helps
     */
    Part(Lease lease, @Nullable Hold hold, long needed, boolean enforced) {
      this.lease = lease;
      this.hold = hold;
      this.needed = needed;
      this.enforced = enforced;
    }
  }

  void add(Part part) {
    parts.add(part);
    part.lease.request = this;
  }

  @Override
  public boolean isUnawaited() {
    return first == null && others.isEmpty();
  }

  @Override
  public void await(WaitingHold other) {
    others.add(other);
  }

  /** What a part needs for all who wait for it by now, but for those who never fit. */
  long neededWithOthers(Part part) {
    long sum = part.needed;
    for (WaitingHold other : others) {
      for (Hold hold : other.holds) {
        if (part.lease.isFor(hold) && hold.amount() <= hold.limit()) {
          sum = Sums.plus(sum, hold.amount());
        }
      }
    }
    return Math.max(part.needed, Math.min(sum, part.lease.key().limit()));
  }

  /** Adds the slices, which are held; what went over its limit is noted for the first caller. */
  void grant(Held held) {
    for (Shortfall overrun : held.overruns()) {
      Part part = part(overrun.hold());
      if (part != null && part.hold != null && first != null) {
        first.overruns.add(
            new Shortfall(part.hold, Sums.plus(overrun.available(), part.lease.free())));
      }
    }
    for (Part part : parts) {
      if (part.slice != null) {
        part.lease.grant(part.slice);
      }
    }
  }

  private @Nullable Part part(Hold sliceHold) {
    for (Part part : parts) {
      if (part.slice != null && part.slice.hold.id().equals(sliceHold.id())) {
        return part;
      }
    }
    return null;
  }

  /** Notes what is left, as a refusal said. */
  void refuse(Refused refused) {
    for (Shortfall shortfall : refused.shortfalls()) {
      Part part = part(shortfall.hold());
      if (part != null) {
        part.available = shortfall.available();
        part.lease.left(shortfall.available());
      }
    }
  }

  /** Which holds of a caller cannot be taken, by what a refusal said is left. */
  List<Shortfall> shortfalls(WaitingHold waiting) {
    List<Shortfall> shortfalls = new ArrayList<>(1);
    for (Hold hold : waiting.holds) {
      for (Part part : parts) {
        if (part.available != null
            && hold.enforced()
            && part.lease.isFor(hold)
            && !part.lease.isOpen(hold.id())) {
          long available = Sums.plus(part.available, part.lease.free());
          if (hold.amount() > available) {
            shortfalls.add(new Shortfall(hold, available));
          }
        }
      }
    }
    return shortfalls;
  }

  /** Notes that the answer was lost: the remote ledger may hold the slices or not. */
  void lose() {
    for (Part part : parts) {
      if (part.slice != null && !part.lease.uses(part.slice)) {
        part.lease.unsure = part.slice;
      }
    }
  }
}
