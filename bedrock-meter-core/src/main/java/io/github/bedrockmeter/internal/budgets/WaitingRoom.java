// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.ledger.Account;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for room in a balance, in arrival order: whoever is first in line tries, the
 * others, and later calls, wait behind. Thread-safe.
 */
public final class WaitingRoom {
  /*
   * Waiting is rare, so one lock guards all lines, and a volatile count lets calls pass that meet
   * no line. No foreign code runs under the lock: a turn is a future, completed after it. All of
   * them run on other threads that wait for one.
   */
  private final Map<Line, TreeMap<Long, Place>> lines = new HashMap<>();
  private volatile int waiting;
  private long arrivals;

  /** A line: the balance of a scope, whichever its window, so that a new window keeps the order. */
  private record Line(String budget, String scope) {
    static Line of(Account account) {
      return new Line(account.budget(), account.scope());
    }
  }

  /** Whether another call is first in line for an account. */
  boolean isTaken(Account account, String callId) {
    if (waiting == 0) {
      return false;
    }
    synchronized (this) {
      TreeMap<Long, Place> line = lines.get(Line.of(account));
      return line != null && !line.firstEntry().getValue().callId.equals(callId);
    }
  }

  /** Says that an account may have room: the first in line tries. */
  void mayFit(Account account) {
    if (waiting != 0) {
      callFirst(Line.of(account));
    }
  }

  private void callFirst(Line line) {
    CompletableFuture<Void> turn;
    synchronized (this) {
      TreeMap<Long, Place> places = lines.get(line);
      if (places == null) {
        return;
      }
      turn = places.firstEntry().getValue().called();
    }
    complete(turn);
  }

  /** Outside the lock: who waits for a turn goes on from here. */
  private static void complete(@Nullable CompletableFuture<Void> turn) {
    if (turn != null) {
      turn.complete(null);
    }
  }

  /** Says that everything may have changed. */
  void mayFitAnywhere() {
    if (waiting == 0) {
      return;
    }
    Line[] all;
    synchronized (this) {
      all = lines.keySet().toArray(Line[]::new);
    }
    for (Line line : all) {
      callFirst(line);
    }
  }

  /** A place for a call that arrives now, in no line yet. */
  public synchronized Place arrive() {
    return new Place(arrivals++);
  }

  /** One call's place in a line. */
  public final class Place {
    private final long arrival;
    private @Nullable Line line;
    private String callId = "";
    private boolean isCalled;
    private @Nullable CompletableFuture<Void> turn;

    private Place(long arrival) {
      this.arrival = arrival;
    }

    /** Stands in line for an account: where it arrived, if it stood in another line before. */
    public void standFor(Account account, String callId) {
      Line wanted = Line.of(account);
      if (!wanted.equals(line)) {
        leave();
        synchronized (WaitingRoom.this) {
          line = wanted;
          isCalled = false;
          lines.computeIfAbsent(wanted, none -> new TreeMap<>()).put(arrival, this);
          waiting++;
        }
      }
      synchronized (WaitingRoom.this) {
        this.callId = callId;
      }
    }

    /** Whether this is the first in line, which tries. */
    public boolean isFirst() {
      synchronized (WaitingRoom.this) {
        TreeMap<Long, Place> places = line == null ? null : lines.get(line);
        return places != null && places.firstEntry().getValue() == this;
      }
    }

    /** Begins a try as this call; what makes room from now on is worth another. */
    public void tryAs(String callId) {
      synchronized (WaitingRoom.this) {
        this.callId = callId;
        isCalled = false;
      }
    }

    /** Remembers that another try may be worth it; the future to complete, if there is one. */
    private @Nullable CompletableFuture<Void> called() {
      isCalled = true;
      CompletableFuture<Void> awaited = turn;
      turn = null;
      return awaited;
    }

    /**
     * Completed when it may be worth another try, or when it has left. A new one each time, so that
     * nothing of an earlier wait is kept.
     */
    public CompletableFuture<Void> turn() {
      synchronized (WaitingRoom.this) {
        CompletableFuture<Void> next = new CompletableFuture<>();
        if (isCalled || line == null) {
          isCalled = false;
          next.complete(null);
        } else {
          turn = next;
        }
        return next;
      }
    }

    /** Leaves the line; the next one tries. From any thread. */
    public void leave() {
      Line left;
      CompletableFuture<Void> own;
      synchronized (WaitingRoom.this) {
        left = line;
        if (left == null) {
          return;
        }
        own = called();
        line = null;
        waiting--;
        TreeMap<Long, Place> places = lines.get(left);
        if (places != null) {
          places.remove(arrival);
          if (places.isEmpty()) {
            lines.remove(left);
          }
        }
      }
      complete(own);
      callFirst(left);
    }
  }
}
