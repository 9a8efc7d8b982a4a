// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.call.MeteredCall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** The calls of a meter that were granted and have not ended. Thread-safe. */
final class OpenCalls {
  /*
   * Every call enters and leaves, and the list is seldom read. So a call is itself the node of a list:
   * to enter allocates nothing. There are several lists, each with a lock of its own, so that
   * threads seldom wait for one another.
   */
  private static final int LISTS = 16;

  private final InFlight[] heads = new InFlight[LISTS];

  /** The beginning of a list; no call. */
  private static final class Head extends InFlight {}

  OpenCalls() {
    for (int i = 0; i < LISTS; i++) {
      heads[i] = new Head();
    }
  }

  /** A call was granted. */
  void enter(InFlight call) {
    InFlight head = headOf(call);
    synchronized (head) {
      InFlight next = head.after;
      call.before = head;
      call.after = next;
      head.after = call;
      if (next != null) {
        next.before = call;
      }
    }
  }

  /** A call has ended; nothing happens if it is not in the list. */
  void leave(InFlight call) {
    synchronized (headOf(call)) {
      InFlight before = call.before;
      InFlight after = call.after;
      if (before != null) {
        before.after = after;
        call.before = null;
        call.after = null;
      }
      if (after != null) {
        after.before = before;
      }
    }
  }

  private InFlight headOf(InFlight call) {
    return heads[call.call().id().hashCode() & (LISTS - 1)];
  }

  /** The calls that are open now, the oldest first. */
  List<MeteredCall> now() {
    List<MeteredCall> calls = new ArrayList<>();
    for (InFlight head : heads) {
      synchronized (head) {
        for (InFlight node = head.after; node != null; node = node.after) {
          calls.add(node.call());
        }
      }
    }
    calls.sort(Comparator.comparing(MeteredCall::startedAt));
    return Collections.unmodifiableList(calls);
  }
}
