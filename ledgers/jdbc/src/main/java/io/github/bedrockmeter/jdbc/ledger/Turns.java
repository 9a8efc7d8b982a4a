// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.ledger.Account;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
   * An operation takes a place at each of its accounts, those with a scope first, and keeps what it
   * has while it waits for the next. So of one tenant no more than two wait at a balance that all
   * share, and the order is the same for all, which lets no two wait for each other in a circle.
   *
   * An account whose last operation ended because a row's lock was not given is slow, until one on it
   * succeeds. Slow ones have one place each and three together, and take none of the other accounts of
   * their call: rows with a scope are locked before those without, so what waits for a tenant's row
   * does not have the row that all tenants share. For the same reason it is the accounts with a scope
   * that become slow, if a call has any.
   */
  private static final int PER_ACCOUNT = 2;
  private static final int PER_SLOW_ACCOUNT = 1;
  private static final int SLOW_TOGETHER = 3;

  /** Accounts that were slow and are not used any more are forgotten beyond so many. */
  private static final int MOST_SLOW = 1_000;

  private static final Comparator<Account> ORDER =
      Comparator.comparing((Account account) -> account.scope().isEmpty())
          .thenComparing(Account::budget)
          .thenComparing(Account::scope)
          .thenComparing(Account::unit)
          .thenComparing(Account::start);

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

  /** Those who have, and those who wait for, a place at one account. */
  private static final class Line {
    private final @Nullable Account account;
    private final Queue<Turn> waiting = new ArrayDeque<>();
    private int taken;

    /** The line of an account; that of all slow ones together where it is null. */
    Line(@Nullable Account account) {
      this.account = account;
    }
  }

  /** One attempt of an operation. */
  final class Turn {
    private final List<Account> accounts;
    private final Consumer<Turn> start;
    private final List<Line> places = new ArrayList<>(2);

    private Turn(List<Account> accounts, Consumer<Turn> start) {
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
    Turn turn = new Turn(accounts.stream().sorted(ORDER).toList(), start);
    synchronized (this) {
      for (Account account : accounts) {
        Line line = lines.get(account);
        if (line != null && line.waiting.size() >= mostWaiting) {
          return false;
        }
      }
      advance(turn);
    }
    startReady();
    return true;
  }

  /** Takes places until one is not free, or all are taken. */
  private void advance(Turn turn) {
    for (Line next = next(turn); next != null; next = next(turn)) {
      if (isFull(next)) {
        next.waiting.add(turn);
        return;
      }
      take(turn, next);
    }
    ready.add(turn);
  }

  private @Nullable Line next(Turn turn) {
    boolean anySlow = !slow.isEmpty() && turn.accounts.stream().anyMatch(slow::contains);
    for (Account account : turn.accounts) {
      if (!anySlow || slow.contains(account)) {
        Line line = lines.computeIfAbsent(account, Line::new);
        if (!turn.places.contains(line)) {
          return line;
        }
      }
    }
    return anySlow && !turn.places.contains(slowOnes) ? slowOnes : null;
  }

  private boolean isFull(Line line) {
    if (line.account == null) {
      return line.taken >= SLOW_TOGETHER;
    }
    return line.taken >= (slow.contains(line.account) ? PER_SLOW_ACCOUNT : PER_ACCOUNT);
  }

  private static void take(Turn turn, Line line) {
    line.taken++;
    turn.places.add(line);
  }

  private synchronized void release(Turn turn, @Nullable Boolean lockMissing) {
    if (Boolean.TRUE.equals(lockMissing)) {
      slow.addAll(blamed(turn.accounts));
      if (slow.size() > MOST_SLOW) {
        slow.clear();
      }
    } else if (lockMissing != null) {
      turn.accounts.forEach(slow::remove);
    }
    for (Line line : turn.places) {
      line.taken--;
    }
    // The last place first: who waits there has waited at the others before.
    for (int i = turn.places.size() - 1; i >= 0; i--) {
      Line line = turn.places.get(i);
      while (!isFull(line) && !line.waiting.isEmpty()) {
        Turn next = line.waiting.remove();
        take(next, line);
        advance(next);
      }
      if (line.account != null && line.taken == 0 && line.waiting.isEmpty()) {
        lines.remove(line.account, line);
      }
    }
  }

  private static List<Account> blamed(List<Account> accounts) {
    List<Account> scoped = accounts.stream().filter(account -> !account.scope().isEmpty()).toList();
    return scoped.isEmpty() ? accounts : scoped;
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
