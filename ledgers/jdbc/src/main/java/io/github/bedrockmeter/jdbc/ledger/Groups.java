// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests about the same accounts together, those that queued while earlier ones were with
 * the database. Nothing waits for company: a request that finds no queue is sent at once.
 * Thread-safe.
 *
 * @param <Q> a request
 * @param <A> its answer
 */
final class Groups<Q, A> {
  /*
   * The first request of a queue submits a carrier, which waits for its turn at the accounts and for a
   * thread as every operation does, and takes with it what has queued by then. Where the database
   * fails it, or leaves a request undecided, each of its requests is submitted again, alone: repeating
   * is safe, and one that cannot succeed does not concern the others.
   */
  private static final int LARGEST = 64;

  private final Operations operations;
  private final Duration within;
  private final Together<Q, A> together;
  private final Alone<Q, A> alone;
  private final Map<Set<Account>, Queue<Member>> queues = new HashMap<>();

  /** Sends several requests as one. */
  @FunctionalInterface
  interface Together<Q, A> {
    /** The answers, in the order of the requests; null for one that has to be sent alone. */
    List<@Nullable A> send(List<Q> requests) throws SQLException;
  }

  /** Sends one request. */
  @FunctionalInterface
  interface Alone<Q, A> {
    /** The answer. */
    A send(Q request) throws SQLException;
  }

  /**
   * No request waits yet.
   *
   * @param within how long each request is tried, or waits to be
   */
  Groups(Operations operations, Duration within, Together<Q, A> together, Alone<Q, A> alone) {
    this.operations = operations;
    this.within = within;
    this.together = together;
    this.alone = alone;
  }

  /** One request and its answer. */
  private final class Member {
    private final Q request;
    private final long beginNanos = System.nanoTime();
    private final CompletableFuture<A> answer = new CompletableFuture<>();

    Member(Q request) {
      this.request = request;
    }

    Duration timeLeft() {
      return within.minusNanos(System.nanoTime() - beginNanos);
    }
  }

  /** Sends a request, with others or alone. */
  CompletableFuture<A> submit(Set<Account> accounts, Q request) {
    Member member = new Member(request);
    if (!operations.admit(member.answer)) {
      return member.answer;
    }
    boolean first;
    synchronized (this) {
      Queue<Member> queue = queues.computeIfAbsent(accounts, unused -> new ArrayDeque<>());
      if (queue.size() >= Operations.MAX_WAITING) {
        member.answer.completeExceptionally(Operations.tooManyWait());
        return member.answer;
      }
      queue.add(member);
      first = queue.size() == 1;
    }
    if (first) {
      new Carrier(accounts).start();
    }
    return member.answer;
  }

  /** Takes what waits; another carrier comes for what is left. */
  private List<Member> take(Set<Account> accounts, int most) {
    List<Member> taken = new ArrayList<>();
    boolean more;
    synchronized (this) {
      Queue<Member> queue = queues.getOrDefault(accounts, new ArrayDeque<>());
      while (taken.size() < most && !queue.isEmpty()) {
        taken.add(queue.remove());
      }
      more = !queue.isEmpty();
      if (!more) {
        queues.remove(accounts);
      }
    }
    if (more) {
      new Carrier(accounts).start();
    }
    return taken;
  }

  /** One trip to the database. */
  private final class Carrier {
    private final Set<Account> accounts;
    private List<Member> members = List.of();

    Carrier(Set<Account> accounts) {
      this.accounts = accounts;
    }

    void start() {
      operations
          .once(accounts, this::carry)
          .whenComplete(
              (answers, failure) -> {
                if (failure == null) {
                  answered(answers);
                } else if (members.isEmpty()) {
                  take(accounts, Integer.MAX_VALUE)
                      .forEach(member -> member.answer.completeExceptionally(failure));
                } else {
                  members.forEach(member -> failed(member, failure));
                }
              });
    }

    private List<@Nullable A> carry() throws SQLException {
      members = take(accounts, LARGEST);
      members.removeIf(member -> member.answer.isDone() || isLate(member));
      if (members.isEmpty()) {
        return List.of();
      }
      return members.size() == 1
          ? List.of(alone.send(members.get(0).request))
          : together.send(members.stream().map(member -> member.request).toList());
    }

    private boolean isLate(Member member) {
      return member.timeLeft().isNegative()
          && member.answer.completeExceptionally(Operations.late(within, null));
    }

    private void answered(List<@Nullable A> answers) {
      for (int i = 0; i < answers.size(); i++) {
        A answer = answers.get(i);
        if (answer != null) {
          members.get(i).answer.complete(answer);
        } else {
          sendAlone(members.get(i));
        }
      }
    }

    private void failed(Member member, Throwable failure) {
      boolean mayHelp =
          failure instanceof LedgerUnavailableException
              && failure.getCause() instanceof SQLException cause
              && (members.size() > 1 || Database.isTransient(cause));
      if (mayHelp && !member.timeLeft().isNegative()) {
        sendAlone(member);
      } else {
        member.answer.completeExceptionally(failure);
      }
    }

    private void sendAlone(Member member) {
      operations
          .submit(accounts, () -> alone.send(member.request), member.timeLeft(), true)
          .whenComplete(
              (answer, failure) -> {
                if (failure == null) {
                  member.answer.complete(answer);
                } else {
                  member.answer.completeExceptionally(failure);
                }
              });
    }
  }
}
