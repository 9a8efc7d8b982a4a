// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one process holds on the remote ledger for one account under one limit, and what it did with
 * it. Only numbers, no calls. Guarded by the lock of its ledger.
 */
final class Lease {
  /*
   * granted is what the slices hold on the remote ledger; spent is what local calls were charged and
   * no slice was settled for yet; reserved is what open local holds set aside. While
   *
   *   spent + reserved <= granted
   *
   * the remote ledger never shows less than was spent and is open. A slice may be settled at some
   * charge as long as that stays true of what remains. No hold belongs to one slice: only the sums
   * count.
   */

  /** A lease taken under one limit is never spent under another. */
  record Key(Account account, long limit) {}

  /** A hold on the remote ledger. */
  static final class Slice {
    final Hold hold;

    /** Whether it is to be settled as soon as what remains covers the open calls. */
    boolean due;

    /** What it is settled at, once it is. */
    long charge;

    /** Whether its settlement was sent to the remote ledger and is not answered. */
    boolean underWay;

    Slice(Hold hold) {
      this.hold = hold;
    }

    long amount() {
      return hold.amount();
    }
  }

  /** A request for slices that is under way. */
  interface Request {
    /** Whether no caller waits for its answer. */
    boolean isUnawaited();

    /** Lets a caller wait for its answer. */
    void await(WaitingHold other);
  }

  /** A caller of settle who waits for the step of the next slice that is settled. */
  private record StepWaiter(Tally tally, int at) {}

  /** A slice is at most this part of what is left below the limit. */
  private static final long SHARE = 8;

  private final Key key;
  private final OpenHolds open = new OpenHolds();
  private final List<Slice> slices = new ArrayList<>(2);
  private final List<Slice> settling = new ArrayList<>(1);
  private final Deque<StepWaiter> stepWaiters = new ArrayDeque<>(2);
  private final Deque<Settled> unreported = new ArrayDeque<>(2);
  private long granted;
  private long spent;
  private long reserved;
  private long demand;
  private long lastDemand;
  private long room;
  private long settled;

  /** A slice that the remote ledger may hold or not, because its answer was lost. */
  @Nullable Slice unsure;

  /** The request for slices that is under way; null if there is none. */
  @Nullable Request request;

  Lease(Key key) {
    this.key = key;
    this.room = key.limit();
  }

  Key key() {
    return key;
  }

  /** Whether slices of this lease serve a hold. */
  boolean isFor(Hold hold) {
    return key.limit() == hold.limit() && key.account().equals(hold.account());
  }

  boolean isOpen(String id) {
    return open.contains(id);
  }

  /** What local holds may still take; negative if calls cost more than was estimated for them. */
  long free() {
    return granted - spent - reserved;
  }

  /** Whether a hold can be taken without the remote ledger, or is open already. */
  boolean covers(Hold hold) {
    return isOpen(hold.id())
        || (!slices.isEmpty()
            && free() >= hold.amount()
            && (request == null || request.isUnawaited()));
  }

  /** Notes that a caller wants an amount; slices grow with it. */
  void demand(long amount) {
    demand = Sums.plus(demand, amount);
  }

  void take(Hold hold) {
    if (open.add(hold)) {
      reserved = Math.addExact(reserved, hold.amount());
    }
  }

  /** Ends a local hold. Returns whether there was one. */
  boolean settle(String id, long actual) {
    long after = Math.addExact(spent, actual);
    Hold hold = open.remove(id);
    if (hold == null) {
      return false;
    }
    reserved -= hold.amount();
    spent = after;
    return true;
  }

  /**
   * The size of slice to request: what callers need now, or what they took in an interval, as long
   * as that is a small part of what is left.
   */
  long wanted(long needed) {
    return Math.max(needed, Math.min(Math.max(demand, lastDemand), room / SHARE));
  }

  /** The size of slice to request after a refusal has said what is left. */
  long atMostLeft(long needed, long wanted) {
    return Math.max(needed, Math.min(wanted, room));
  }

  void grant(Slice slice) {
    granted = Math.addExact(granted, slice.amount());
    slices.add(slice);
    room -= slice.amount();
  }

  /** Whether calls are served from a slice. */
  boolean uses(Slice slice) {
    return slices.contains(slice);
  }

  /** Notes what is left below the limit, as the remote ledger said. */
  void left(long available) {
    room = available;
  }

  /** Takes out the slices that can be settled now. */
  List<Slice> settleable() {
    List<Slice> out = List.of();
    for (Iterator<Slice> each = slices.iterator(); each.hasNext(); ) {
      Slice slice = each.next();
      boolean usedUp = spent >= slice.amount();
      if (usedUp || (slice.due && free() >= slice.amount() - spent)) {
        // What calls cost beyond their estimates is charged with the first slice that is used up.
        long most = usedUp ? slice.amount() + Math.max(0, -free()) : slice.amount();
        each.remove();
        end(slice, Math.min(spent, most));
        granted -= slice.amount();
        spent -= slice.charge;
        out = out.isEmpty() ? new ArrayList<>(1) : out;
        out.add(slice);
      }
    }
    return out;
  }

  private void end(Slice slice, long charge) {
    slice.charge = charge;
    settling.add(slice);
  }

  /** Gives up a slice whose answer was lost: it is released, should it be held. */
  @Nullable Slice dropUnsure() {
    Slice dropped = unsure;
    if (dropped != null) {
      unsure = null;
      giveBack(dropped);
    }
    return dropped;
  }

  /** Gives up a slice that no call was served from. */
  void giveBack(Slice slice) {
    end(slice, 0);
  }

  /** Slices whose settlement failed, to be tried again. */
  List<Slice> unsettled() {
    return settling.stream().filter(slice -> !slice.underWay).toList();
  }

  /** Begins another interval. Slices are due if they were spent from, or if no caller came. */
  void turn(boolean last) {
    lastDemand = last ? 0 : demand;
    demand = 0;
    if (spent > 0 || lastDemand == 0) {
      for (Slice slice : slices) {
        slice.due = true;
      }
    }
  }

  boolean isIdle() {
    return lastDemand == 0;
  }

  /** Whether slices that are due would leave something to others, or report what was spent. */
  boolean hasStuckSlices() {
    return (spent > 0 || free() > 0) && slices.stream().anyMatch(slice -> slice.due);
  }

  /** What must be set aside anew for open holds, so that the slices that are due can be settled. */
  long replacement() {
    long staying = 0;
    for (Slice slice : slices) {
      staying += slice.due ? 0 : slice.amount();
    }
    return Math.max(0, reserved - staying);
  }

  /**
   * Answers a settlement that has just been made. As many callers wait as slices will be settled
   * for what was spent; all others are answered at once.
   */
  void answer(Tally tally, int at) {
    int steps = stepsToCome();
    if (stepWaiters.size() < steps) {
      while (stepWaiters.size() < steps) {
        stepWaiters.add(new StepWaiter(tally, at));
        tally.await();
      }
    } else {
      Settled step = unreported.poll();
      tally.report(at, step != null ? step : new Settled(key.account(), settled, settled));
    }
  }

  private int stepsToCome() {
    int steps = stepsUnderWay();
    long uncovered = spent;
    for (int i = 0; i < slices.size() && uncovered > 0; i++) {
      uncovered -= slices.get(i).amount();
      steps++;
    }
    return uncovered > 0 ? steps + 1 : steps;
  }

  private int stepsUnderWay() {
    int steps = 0;
    for (Slice slice : settling) {
      steps += slice.charge > 0 ? 1 : 0;
    }
    return steps;
  }

  /** A slice was settled. Returns the answer that is complete now; null if there is none. */
  @Nullable Tally settled(Slice slice, Settled step) {
    settling.remove(slice);
    settled = step.after();
    room = key.limit() - settled - granted;
    if (slice.charge == 0) {
      return null;
    }
    StepWaiter waiter = stepWaiters.poll();
    if (waiter == null || !waiter.tally.report(waiter.at, step)) {
      unreported.add(step);
    }
    return waiter != null && waiter.tally.arrived() ? waiter.tally : null;
  }

  /**
   * A slice could not be settled yet; it stays to be settled again. Its waiter gets no step.
   * Returns the answer that is complete now; null if there is none.
   */
  @Nullable Tally failed(Slice slice) {
    StepWaiter waiter = slice.charge == 0 ? null : stepWaiters.poll();
    return waiter == null ? null : withoutStep(waiter);
  }

  private @Nullable Tally withoutStep(StepWaiter waiter) {
    waiter.tally.report(waiter.at, new Settled(key.account(), settled, settled));
    return waiter.tally.arrived() ? waiter.tally : null;
  }

  /**
   * Reports to callers who wait for slices that cannot be settled yet. Returns the answers that are
   * complete now.
   */
  List<Tally> dismissed() {
    List<Tally> dismissed = List.of();
    for (int excess = stepWaiters.size() - stepsUnderWay(); excess > 0; excess--) {
      Tally complete = withoutStep(stepWaiters.removeLast());
      if (complete != null) {
        dismissed = dismissed.isEmpty() ? new ArrayList<>(1) : dismissed;
        dismissed.add(complete);
      }
    }
    return dismissed;
  }

  /** Whether nothing is held on the remote ledger but what open local holds need. */
  boolean isReturned() {
    return request == null
        && unsure == null
        && settling.isEmpty()
        && (reserved > 0 || (slices.isEmpty() && spent == 0));
  }

  boolean isOver() {
    return isReturned() && slices.isEmpty() && open.isEmpty();
  }
}
