// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Lease.Slice;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.SliceRequest.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Requests slices from the remote ledger. Thread-safe. */
final class SliceRequests {
  /*
   * An answer can be lost. A slice whose answer was lost is released before another is requested,
   * and again should its answer come after all. No id is used twice: whatever is still under way
   * about the first slice would be about the second one too.
   */

  /** From this round on, exactly what is needed is requested. */
  static final int EXACT = 2;

  private final Remote remote;
  private final Outbox outbox;
  private final SliceSettlements settlements;
  private final Receiver receiver;
  private final String idPrefix = "lease-" + UUID.randomUUID() + "-";
  private long slices;

  /**
   * Is called, not under the lock, with the answer to a request or the reason why there is none.
   */
  @FunctionalInterface
  interface Receiver {
    void receive(SliceRequest request, @Nullable HoldResult result, @Nullable Throwable failure);
  }

  SliceRequests(Remote remote, Outbox outbox, SliceSettlements settlements, Receiver receiver) {
    this.remote = remote;
    this.outbox = outbox;
    this.settlements = settlements;
    this.receiver = receiver;
  }

  /**
   * Sends a request, once the lock is free and all who wait are known. Slices of its leases whose
   * answer was lost are given back first. The caller holds the lock.
   */
  void send(SliceRequest request) {
    outbox.add(
        () -> {
          List<Hold> unsure = unsure(request);
          if (unsure.isEmpty()) {
            request(request);
            return;
          }
          remote
              .inTime(remote.giveBack(unsure))
              .whenComplete(
                  (released, failure) -> {
                    if (released != null) {
                      forgetUnsure(request);
                      request(request);
                    } else {
                      receiver.receive(request, null, failure);
                    }
                  });
        });
  }

  private List<Hold> unsure(SliceRequest request) {
    outbox.lock();
    try {
      List<Hold> unsure = new ArrayList<>(0);
      for (Part part : request.parts) {
        if (part.lease.unsure != null) {
          unsure.add(part.lease.unsure.hold);
        }
      }
      return unsure;
    } finally {
      outbox.unlock();
    }
  }

  private void forgetUnsure(SliceRequest request) {
    outbox.lock();
    try {
      for (Part part : request.parts) {
        part.lease.unsure = null;
      }
    } finally {
      outbox.unlock();
    }
  }

  private void request(SliceRequest request) {
    List<Hold> holds = new ArrayList<>(request.parts.size());
    outbox.lock();
    try {
      for (Part part : request.parts) {
        Slice slice = sliceFor(request, part);
        part.slice = slice;
        holds.add(slice.hold);
      }
    } catch (RuntimeException | Error failure) {
      outbox.add(() -> receiver.receive(request, null, failure)); // whatever it is, callers wait
      return;
    } finally {
      outbox.unlock();
    }
    CompletableFuture<HoldResult> answer = remote.hold(holds);
    remote
        .inTime(answer)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                answer.thenAccept(late -> giveBackLate(request, late));
              }
              receiver.receive(request, result, failure);
            });
  }

  private Slice sliceFor(SliceRequest request, Part part) {
    Lease lease = part.lease;
    long amount = part.needed;
    if (request.round == 0) {
      amount = lease.wanted(request.neededWithOthers(part));
    } else if (request.round < EXACT) {
      amount = lease.atMostLeft(amount, request.neededWithOthers(part));
    }
    boolean enforced = part.enforced || amount > part.needed;
    Lease.Key key = lease.key();
    return new Slice(new Hold(idPrefix + ++slices, key.account(), amount, key.limit(), enforced));
  }

  /** Gives back slices that are held after they were given up, whatever was done before. */
  private void giveBackLate(SliceRequest request, @Nullable HoldResult late) {
    if (!(late instanceof Held)) {
      return;
    }
    outbox.lock();
    try {
      for (Part part : request.parts) {
        if (part.slice != null) {
          part.lease.giveBack(part.slice);
          settlements.settle(part.lease, part.slice);
        }
      }
    } finally {
      outbox.unlock();
    }
  }
}
