// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.LedgerSupport.Retries;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Runs a ledger's transactions on an executor: a limited number at once, repeated where that is
 * safe, each answered within a bound. Thread-safe.
 */
final class Operations implements AutoCloseable {
  private static final Log log = Log.to(LoggerFactory.getLogger(Operations.class));

  /** More than this many operations at once are refused, so that an outage costs no memory. */
  private static final int MAX_PENDING = 10_000;

  /** More than this many that wait for one account are refused, so that others are not. */
  static final int MAX_WAITING = 5_000;

  /** Of PostgreSQL: a row's lock was not given in time. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private static final Retries RETRIES =
      Retries.pausing(Duration.ofMillis(20), Duration.ofSeconds(1));

  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final Database database;
  private final Executor executor;
  private final @Nullable ExecutorService owned;
  private final Turns turns = new Turns(MAX_WAITING);
  private final AtomicInteger pending = new AtomicInteger();
  private final Map<Object, CompletableFuture<?>> open = new ConcurrentHashMap<>();
  private volatile boolean closing;
  private volatile boolean closed;

  /**
   * Operations on a database, which is closed with them.
   *
   * @param owned the executor itself, if it is to be shut down at the end
   */
  Operations(Database database, Executor executor, @Nullable ExecutorService owned) {
    this.database = database;
    this.executor = executor;
    this.owned = owned;
  }

  /**
   * What one operation does with the database.
   *
   * @param <T> what it returns
   */
  @FunctionalInterface
  interface Work<T> {
    /** Does the work, on a thread of the executor. */
    T run() throws SQLException;
  }

  /**
   * Runs transactions until they are answered.
   *
   * @param accounts whose rows they lock
   * @param within how long they are tried, or wait to be
   * @param repeatable whether they may be tried again although they may have been done
   */
  <T> CompletableFuture<T> submit(
      Set<Account> accounts, Work<T> work, Duration within, boolean repeatable) {
    Operation<T> operation = new Operation<>(accounts, work, within, repeatable);
    if (admit(operation.answer)) {
      operation.begin();
    }
    return operation.answer;
  }

  /** Runs transactions once, however long they wait for their turn. */
  <T> CompletableFuture<T> once(Set<Account> accounts, Work<T> work) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    new Operation<>(accounts, work, FOREVER, false).attempt(outcome);
    return outcome;
  }

  /**
   * Makes room for an answer, which {@link #close} waits for, and ends. Returns false, and ends it,
   * if there is no room.
   */
  boolean admit(CompletableFuture<?> answer) {
    if (pending.incrementAndGet() > MAX_PENDING) {
      pending.decrementAndGet();
      answer.completeExceptionally(
          new LedgerUnavailableException(
              "the ledger already waits for "
                  + MAX_PENDING
                  + " answers of its database; this operation was not tried",
              null));
      return false;
    }
    Object key = new Object();
    open.put(key, answer);
    answer.whenComplete(
        (result, failure) -> {
          open.remove(key);
          pending.decrementAndGet();
        });
    // Read after the answer was added: either close() finds it or this finds closing.
    if (closing) {
      answer.completeExceptionally(isClosed());
    }
    return !closing;
  }

  private static IllegalStateException isClosed() {
    return new IllegalStateException("the ledger is closed");
  }

  /** A transaction that is tried until it is answered. */
  private final class Operation<T> {
    private final Set<Account> accounts;
    private final Work<T> work;
    private final Duration within;
    private final boolean repeatable;
    private final long beginNanos = System.nanoTime();
    private final CompletableFuture<T> first = new CompletableFuture<>();
    private final CompletableFuture<T> answer;
    private volatile @Nullable SQLException lastFailure;

    Operation(Set<Account> accounts, Work<T> work, Duration within, boolean repeatable) {
      this.accounts = accounts;
      this.work = work;
      this.within = within;
      this.repeatable = repeatable;
      // Before the first attempt, so that its failure is repeated and close() can end all.
      this.answer = RETRIES.within(within).resume(first, this::attempt, this::isWorthRepeating);
    }

    void begin() {
      attempt(first);
    }

    private CompletableFuture<T> attempt() {
      CompletableFuture<T> outcome = new CompletableFuture<>();
      attempt(outcome);
      return outcome;
    }

    private void attempt(CompletableFuture<T> outcome) {
      if (!turns.enter(accounts, turn -> execute(outcome, turn))) {
        outcome.completeExceptionally(tooManyWait());
      }
    }

    private void execute(CompletableFuture<T> outcome, Turns.Turn turn) {
      try {
        executor.execute(() -> run(outcome, turn));
      } catch (RejectedExecutionException rejected) {
        turn.giveUp();
        outcome.completeExceptionally(
            closing
                ? isClosed()
                : new LedgerUnavailableException(
                    "the ledger's executor refused the operation", rejected));
      }
    }

    /** Ends the turn before the outcome is known to anyone, whose code may take its time. */
    private void run(CompletableFuture<T> outcome, Turns.Turn turn) {
      T result;
      try {
        if (closed) {
          throw isClosed(); // its data source may be closed by now
        }
        if (isLate()) {
          throw late(within, lastFailure);
        }
        result = work.run();
      } catch (SQLException failure) {
        log.debug("An attempt failed", failure);
        lastFailure = failure;
        turn.end(LOCK_NOT_AVAILABLE.equals(failure.getSQLState()) ? true : null);
        outcome.completeExceptionally(new LedgerUnavailableException(withoutSql(failure), failure));
        return;
      } catch (Throwable failure) {
        turn.end(null);
        outcome.completeExceptionally(failure);
        return;
      }
      turn.end(false);
      outcome.complete(result);
    }

    private boolean isLate() {
      return System.nanoTime() - beginNanos > within.toNanos();
    }

    private boolean isWorthRepeating(Throwable failure) {
      return failure instanceof LedgerUnavailableException
          && failure.getCause() instanceof SQLException cause
          && Database.isTransient(cause)
          && (repeatable || !(cause instanceof Database.InDoubtException))
          && !isLate();
    }
  }

  static LedgerUnavailableException tooManyWait() {
    return new LedgerUnavailableException(
        "the ledger already waits for "
            + MAX_WAITING
            + " answers about one balance; this operation was not tried",
        null);
  }

  /**
   * An operation that was not answered in time.
   *
   * @param last why its last attempt failed; null if it did not, or had none
   */
  static LedgerUnavailableException late(Duration within, @Nullable SQLException last) {
    return new LedgerUnavailableException(
        "the ledger's database did not answer within "
            + within
            + (last == null ? "" : Advice.about(last)),
        last);
  }

  /** What failed, without the driver's message, which may quote the statement and its values. */
  private static String withoutSql(SQLException failure) {
    return failure instanceof Database.InDoubtException
        ? "the commit was not confirmed"
            + Advice.about(failure)
            + "; read the balance before you repeat it"
        : "the ledger's database could not answer" + Advice.about(failure);
  }

  /**
   * Waits, for ten seconds at most, for the answers that are open, what is tried again included,
   * and ends the owned executor and the database. What has no answer by then fails.
   */
  @Override
  public void close() {
    closing = true;
    long deadline = System.nanoTime() + CLOSE_WITHIN.toNanos();
    try {
      awaitAnswers(deadline);
      if (owned != null) {
        owned.shutdown();
        owned.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    closed = true;
    if (owned != null) {
      owned.shutdownNow();
    }
    open.values()
        .forEach(answer -> answer.completeExceptionally(isClosed())); // ends repetitions too
    database.close();
  }

  private void awaitAnswers(long deadline) throws InterruptedException {
    try {
      CompletableFuture.allOf(open.values().toArray(CompletableFuture<?>[]::new))
          .get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException answered) {
      // A failure is an answer too; close() handles the operations that have none.
    }
  }
}
