// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.ledger.Account;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets operations wait for the accounts they lock before they take a thread, so that one account
 * whose row is locked, or is in great demand, cannot use up the threads of all. Thread-safe.
 */
final class Turns {
  /*
   * A row is locked by one transaction at a time, so more than two operations on an account, one that
   * works and one that comes next, would only wait in the database, each on a thread and a connection.
   *
   * An account whose last operation ended because a row's lock was not given is slow, until one on it
   * succeeds. Slow ones have one turn each and three together, and take no turn of the other accounts
   * of their call: rows with a scope are locked before those without, so what waits for a tenant's
   * row does not have the row that all tenants share. For the same reason it is the accounts with a
   * scope that become slow, if a call has any.
   */
  private static final int PER_ACCOUNT = 2;
  private static final int PER_SLOW_ACCOUNT = 1;
  private static final int SLOW_TOGETHER = 3;

  /** Accounts that were slow and are not used any more are forgotten beyond so many. */
  private static final int MOST_SLOW = 1_000;

  private final int mostWaiting;
  private final Map<Account, Line> lines = new HashMap<>();
  private final Set<Account> slow = new HashSet<>();
  private final Line slowOnes = new Line(null);
  private final Queue<Turn> ready = new ArrayDeque<>();

  /**
   * No one waits yet.
   *
   * @param mostWaiting how many operations may wait for one account
   */
  Turns(int mostWaiting) {
    this.mostWaiting = mostWaiting;
  }

  /** Those who use, and those who wait for, one account. */
  private static final class Line {
    private final @Nullable Account account;
    private final Queue<Turn> waiting = new ArrayDeque<>();
    private int running;

    /** The line of an account; that of all slow ones together where it is null. */
    Line(@Nullable Account account) {
      this.account = account;
    }
  }

  private boolean isFull(Line line) {
    if (line.account == null) {
      return line.running >= SLOW_TOGETHER;
    }
    return line.running >= (slow.contains(line.account) ? PER_SLOW_ACCOUNT : PER_ACCOUNT);
  }

  /** One attempt of an operation. */
  final class Turn {
    private final Set<Account> accounts;
    private final Consumer<Turn> start;
    private Set<Account> taken = Set.of();
    private boolean isSlow;

    private Turn(Set<Account> accounts, Consumer<Turn> start) {
      this.accounts = accounts;
      this.start = start;
    }

    /**
     * Ends the turn, so that the next one begins, perhaps on this thread.
     *
     * @param lockMissing whether a row's lock was not given; null if the attempt says nothing of it
     */
    void end(@Nullable Boolean lockMissing) {
      release(this, lockMissing);
      startReady();
    }

    /** Ends the turn from within its start, which could not begin it. */
    void giveUp() {
      release(this, null);
    }
  }

  /**
   * Starts an attempt when it is its turn, at once if it can be. Returns false, and does nothing,
   * where too many wait already.
   *
   * @param accounts whose rows it locks
   * @param start begins the attempt, which ends its turn; must not throw
   */
  boolean enter(Set<Account> accounts, Consumer<Turn> start) {
    Turn turn = new Turn(accounts, start);
    synchronized (this) {
      Line full = full(turn);
      if (full != null && full.waiting.size() >= mostWaiting) {
        return false;
      }
      place(turn, full);
    }
    startReady();
    return true;
  }

  private @Nullable Line full(Turn turn) {
    Set<Account> slowHere = slowOf(turn);
    for (Account account : slowHere.isEmpty() ? turn.accounts : slowHere) {
      Line line = lines.get(account);
      if (line != null && isFull(line)) {
        return line;
      }
    }
    return !slowHere.isEmpty() && isFull(slowOnes) ? slowOnes : null;
  }

  private Set<Account> slowOf(Turn turn) {
    if (slow.isEmpty()) {
      return Set.of();
    }
    Set<Account> found = new HashSet<>(turn.accounts);
    found.retainAll(slow);
    return found;
  }

  private void place(Turn turn, @Nullable Line full) {
    if (full != null) {
      full.waiting.add(turn);
      return;
    }
    Set<Account> slowHere = slowOf(turn);
    turn.isSlow = !slowHere.isEmpty();
    turn.taken = turn.isSlow ? slowHere : turn.accounts;
    if (turn.isSlow) {
      slowOnes.running++;
    }
    for (Account account : turn.taken) {
      lines.computeIfAbsent(account, Line::new).running++;
    }
    ready.add(turn);
  }

  private synchronized void release(Turn turn, @Nullable Boolean lockMissing) {
    if (Boolean.TRUE.equals(lockMissing)) {
      slow.addAll(blamed(turn.accounts));
      if (slow.size() > MOST_SLOW) {
        slow.clear();
      }
    } else if (lockMissing != null) {
      slow.removeAll(turn.accounts);
    }
    if (turn.isSlow) {
      slowOnes.running--;
    }
    for (Account account : turn.taken) {
      Line line = lines.get(account);
      if (line != null) {
        line.running--;
        advance(line);
        if (line.running == 0 && line.waiting.isEmpty()) {
          lines.remove(account);
        }
      }
    }
    advance(slowOnes);
  }

  private static Set<Account> blamed(Set<Account> accounts) {
    Set<Account> scoped = new HashSet<>(accounts);
    scoped.removeIf(account -> account.scope().isEmpty());
    return scoped.isEmpty() ? accounts : scoped;
  }

  private void advance(Line line) {
    while (!isFull(line) && !line.waiting.isEmpty()) {
      Turn next = line.waiting.remove();
      place(next, full(next));
    }
  }

  /** Not under the lock: an executor may run what it is given on this thread. */
  private void startReady() {
    for (Turn next = nextReady(); next != null; next = nextReady()) {
      next.start.accept(next);
    }
  }

  private synchronized @Nullable Turn nextReady() {
    return ready.poll();
  }
}
