// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static io.github.bedrockmeter.ledger.SliceRequests.EXACT;

import io.github.bedrockmeter.ledger.Lease.Slice;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerSupport.Retries;
import io.github.bedrockmeter.ledger.SliceRequest.Part;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A ledger that holds slices on a remote ledger and serves calls from them in memory; see {@link
 * Ledger#leased(Ledger, Duration)}. Thread-safe; it never blocks a caller, except one who closes
 * it.
 *
 * <ul>
 *   <li>{@link #hold} is answered at once from a slice, or when the remote ledger has answered for
 *       a new one. Only the remote ledger refuses.
 *   <li>{@link #settle} is mostly answered at once, with before and after the same: what was
 *       settled by the latest answer of the remote ledger, or zero. As many settlements as there
 *       are slices with something spent wait instead until their slice is settled, an interval at
 *       most, and return its step: so one caller in the fleet sees a threshold passed.
 *   <li>All other questions go to the remote ledger.
 * </ul>
 */
final class LeasedLedger extends ForwardingLedger {
  /*
   * One lock for all accounts: it is held for less than a microsecond, and calls to Bedrock are
   * thousands a second at most. It makes several accounts one atomic step, and keeps the order of
   * those who wait. Calls to the remote ledger and to waiting callers are put into the outbox and
   * made when the lock is free.
   *
   * All slices that a call lacks are requested at once, so that all or none stays the promise of the
   * remote ledger. Callers who lack a slice that is already requested wait for the same answer, and
   * then try again in their order.
   *
   * There is no clock. Every interval the ledger turns: slices that were spent from are replaced and
   * settled, unused slices are given back, and so are those of a window that has ended, since no
   * caller uses them. A settlement that failed is repeated.
   */
  private static final Duration ANSWER_TIME = Duration.ofSeconds(10);
  private static final Duration CLOSING_TIME = Duration.ofSeconds(10);

  /** How often a caller is refused who would fit into what is said to be left. */
  private static final int MOST_ROUNDS = 8;

  private static final CompletableFuture<HoldResult> CLEAN =
      CompletableFuture.completedFuture(HoldResult.CLEAN);

  private final Outbox outbox = new Outbox();
  private final Intervals intervals;
  private final SliceSettlements settlements;
  private final SliceRequests requests;
  private final Leases leases = new Leases();
  private final RecentSettlements recent = new RecentSettlements();
  private final CompletableFuture<@Nullable Void> returned = new CompletableFuture<>();
  private boolean closed;

  LeasedLedger(Ledger remote, Duration interval) {
    this(
        remote,
        CompletableFuture.delayedExecutor(
            LedgerSupport.checkInterval(interval).toNanos(),
            TimeUnit.NANOSECONDS,
            Retries.COMMON_POOL),
        ANSWER_TIME);
  }

  /**
   * A ledger for tests.
   *
   * @param afterInterval runs what it is given when an interval has passed
   * @param answerTime how long the remote ledger may take before its answer counts as lost
   */
  LeasedLedger(Ledger remote, Executor afterInterval, Duration answerTime) {
    super(remote);
    this.intervals = new Intervals(afterInterval, outbox, this::turnAll);
    Remote calls = new Remote(remote, answerTime);
    this.settlements = new SliceSettlements(calls, outbox, this::finishIfReturned);
    this.requests = new SliceRequests(calls, outbox, settlements, this::answered);
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    LedgerSupport.checkHolds(holds);
    outbox.lock();
    try {
      Lease[] touched = leasesOf(holds);
      for (int i = 0; i < touched.length; i++) {
        touched[i].demand(holds.get(i).amount());
      }
      if (!closed && Leases.firstLacking(holds, touched) < 0) {
        Leases.take(holds, touched);
        return CLEAN;
      }
      WaitingHold waiting = new WaitingHold(holds);
      serve(waiting);
      return waiting.answer;
    } finally {
      outbox.unlock();
    }
  }

  private Lease[] leasesOf(List<Hold> holds) {
    Lease[] found = leases.of(holds);
    if (found.length > 0) {
      intervals.await();
    }
    return found;
  }

  /** Takes the holds of a caller, or lets the caller wait for the slices that are lacking. */
  private void serve(WaitingHold waiting) {
    if (closed) {
      fail(waiting, new IllegalStateException("the leased ledger is closed"));
      return;
    }
    List<Hold> holds = waiting.holds;
    Lease[] touched = leasesOf(holds);
    int lacking = Leases.firstLacking(holds, touched);
    if (lacking < 0) {
      Leases.take(holds, touched);
      HoldResult held = waiting.overruns.isEmpty() ? HoldResult.CLEAN : new Held(waiting.overruns);
      outbox.add(() -> waiting.answer.complete(held));
      return;
    }
    for (int i = lacking; i < touched.length; i++) {
      Lease.Request underWay = touched[i].request;
      if (underWay != null && !touched[i].covers(holds.get(i))) {
        underWay.await(waiting);
        return;
      }
    }
    SliceRequest request = new SliceRequest(waiting, waiting.round);
    for (int i = lacking; i < touched.length; i++) {
      Lease lease = touched[i];
      Hold hold = holds.get(i);
      if (!lease.covers(hold)) {
        long needed = Math.max(0, Sums.minus(hold.amount(), lease.free()));
        request.add(new Part(lease, hold, needed, hold.enforced()));
      }
    }
    requests.send(request);
  }

  private void fail(WaitingHold waiting, Throwable failure) {
    outbox.add(() -> waiting.answer.completeExceptionally(failure));
  }

  /** A request for slices was answered, or its answer is lost. */
  private void answered(
      SliceRequest request, @Nullable HoldResult result, @Nullable Throwable failure) {
    outbox.lock();
    try {
      for (Part part : request.parts) {
        part.lease.request = null;
      }
      try {
        act(request, result, failure);
      } catch (RuntimeException | Error unexpected) {
        lost(request, unexpected); // no caller waits for ever, whatever went wrong
      }
      for (Part part : request.parts) {
        tend(part.lease, result instanceof Held);
        if (!(result instanceof Held) && request.first == null) {
          dismiss(part.lease);
        }
      }
      finishIfReturned();
    } finally {
      outbox.unlock();
    }
  }

  private void act(SliceRequest request, @Nullable HoldResult result, @Nullable Throwable failure) {
    if (result instanceof Held held) {
      granted(request, held);
    } else if (result instanceof Refused refused) {
      refused(request, refused);
    } else if (result instanceof HoldResult.Full full) {
      full(request, full);
    } else {
      lost(request, LedgerSupport.reason(failure));
    }
  }

  private void granted(SliceRequest request, Held held) {
    request.grant(held);
    if (request.first != null) {
      serve(request.first);
    }
    request.others.forEach(this::serve);
  }

  private void refused(SliceRequest request, Refused refused) {
    request.refuse(refused);
    if (request.first != null) {
      request.first.round++;
      serveOrRefuse(request, request.first);
    } else if (request.round < EXACT) {
      replaceByLess(request);
    }
    for (WaitingHold other : request.others) {
      serveOrRefuse(request, other);
    }
  }

  /** Tries again for less, unless what is left is too little. */
  private void serveOrRefuse(SliceRequest request, WaitingHold waiting) {
    List<Shortfall> shortfalls = request.shortfalls(waiting);
    if (!shortfalls.isEmpty()) {
      outbox.add(() -> waiting.answer.complete(new Refused(shortfalls)));
    } else if (waiting.round < MOST_ROUNDS) {
      serve(waiting);
    } else {
      String message = "the shared ledger refuses what it says is left; try again";
      fail(waiting, new LedgerUnavailableException(message, null));
    }
  }

  private void replaceByLess(SliceRequest request) {
    Part part = request.parts.get(0);
    if (part.needed > 0 && part.available != null && part.needed <= part.available) {
      request(new Part(part.lease, null, part.needed, true), EXACT);
    }
  }

  /** Requests a slice that is for no new call. */
  private void request(Part part, int round) {
    SliceRequest request = new SliceRequest(null, round);
    request.add(part);
    requests.send(request);
  }

  private void full(SliceRequest request, HoldResult.Full full) {
    WaitingHold first = request.first;
    if (first != null) {
      outbox.add(() -> first.answer.complete(full));
    }
    request.others.forEach(this::serve);
  }

  /** It is not known whether the slices are held. */
  private void lost(SliceRequest request, Throwable failure) {
    request.lose();
    if (request.first != null) {
      fail(request.first, failure);
    }
    request.others.forEach(other -> fail(other, failure));
  }

  /**
   * Settles the slices that can be, and sets aside what calls cost beyond their estimates, which no
   * limit refuses.
   */
  private void tend(Lease lease, boolean mayRequest) {
    for (Slice slice : lease.settleable()) {
      settlements.settle(lease, slice);
    }
    if (mayRequest && lease.request == null && lease.free() < 0) {
      request(new Part(lease, null, -lease.free(), false), EXACT);
    }
  }

  /** Slices that were to be settled cannot be yet, so no caller waits for them any longer. */
  private void dismiss(Lease lease) {
    if (lease.request == null) {
      for (Tally tally : lease.dismissed()) {
        outbox.add(tally::complete);
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A hold that was not taken here is settled on the remote ledger. One whose slice cannot be
   * settled yet counts as settled: its charge is kept, and the slice settled when it can be.
   */
  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    LedgerSupport.checkSettlement(holds, actuals);
    Tally tally = new Tally(holds);
    outbox.lock();
    try {
      for (int i = 0; i < actuals.length; i++) {
        Hold hold = holds.get(i);
        Lease lease = leases.find(hold);
        if (lease != null && lease.settle(hold.id(), actuals[i])) {
          recent.add(hold);
          tend(lease, true);
          lease.answer(tally, i);
        } else if (!recent.contains(hold)) {
          settlements.settleRemotely(tally, i, hold, actuals[i]);
        }
      }
      return tally.answer();
    } finally {
      outbox.unlock();
    }
  }

  /** An interval has passed. The caller holds the lock. */
  private void turnAll() {
    try {
      for (Lease lease : leases.all()) {
        turn(lease);
      }
    } finally {
      leases.removeOver();
      if (!leases.isEmpty()) {
        intervals.await();
      }
      finishIfReturned();
    }
  }

  private void turn(Lease lease) {
    lease.turn(closed);
    for (Slice slice : lease.unsettled()) {
      settlements.settle(lease, slice);
    }
    if (lease.isIdle()) {
      if (lease.request == null) {
        Slice dropped = lease.dropUnsure();
        if (dropped != null) {
          settlements.settle(lease, dropped);
        }
      }
      tend(lease, true);
    }
    if (lease.request == null && lease.hasStuckSlices()) {
      replace(lease);
    }
    if (lease.request == null) {
      tend(lease, true);
      dismiss(lease);
    }
  }

  /** Requests a slice in the place of those that are due, so that no caller has to wait for it. */
  private void replace(Lease lease) {
    long needed = lease.replacement();
    if (lease.wanted(needed) > 0) {
      request(new Part(lease, null, needed, true), 0);
    }
  }

  /**
   * Gives back all slices, waiting up to ten seconds for the remote ledger. New holds fail from now
   * on. What open holds need stays held, and is settled when they are; settlements are repeated
   * while the JVM lives.
   */
  @Override
  public void close() {
    outbox.lock();
    try {
      closed = true;
      turnAll();
    } finally {
      outbox.unlock();
    }
    try {
      returned.get(CLOSING_TIME.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException stillTrying) {
      // The remote ledger shows the rest as held, and as abandoned in the end.
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the wait of {@link #close} once all is given back. The caller holds the lock. */
  private void finishIfReturned() {
    if (closed && leases.areReturned()) {
      outbox.add(() -> returned.complete(null));
    }
  }
}
