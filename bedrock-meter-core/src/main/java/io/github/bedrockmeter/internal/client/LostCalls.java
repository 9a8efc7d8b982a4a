// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the calls that the SDK dropped without a word to its interceptors, and ends them.
 * Thread-safe.
 */
final class LostCalls {
  /*
   * The SDK keeps a ticket for as long as it, or a stream of its, can still go on with a call. When
   * the ticket has been collected as garbage, the call is over for sure, however it ended. There is
   * no timer that could be wrong about that; the price is that it is found late, with the first call
   * after the collection.
   */
  private final Map<HookedCall, Reference> watched = new ConcurrentHashMap<>();
  private final ReferenceQueue<Ticket> dropped = new ReferenceQueue<>();

  /** What the SDK holds of a call. */
  record Ticket(HookedCall call) {}

  private static final class Reference extends WeakReference<Ticket> {
    private final HookedCall call;

    Reference(Ticket ticket, ReferenceQueue<Ticket> dropped) {
      super(ticket, dropped);
      this.call = ticket.call();
    }
  }

  /** Watches a call for as long as the ticket is in use. */
  Ticket watch(HookedCall call) {
    Ticket ticket = new Ticket(call);
    watched.put(call, new Reference(ticket, dropped));
    return ticket;
  }

  /** The call's end was reported. */
  void forget(HookedCall call) {
    watched.remove(call);
  }

  /** Ends the calls that were dropped. */
  void sweep() {
    for (Object found = dropped.poll(); found != null; found = dropped.poll()) {
      HookedCall call = ((Reference) found).call;
      if (watched.remove(call) != null) {
        call.lost();
      }
    }
  }
}
