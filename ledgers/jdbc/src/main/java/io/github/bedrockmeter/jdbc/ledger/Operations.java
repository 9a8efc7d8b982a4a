// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a ledger's transactions on an executor: a limited number at once, repeated where that is
 * safe, each answered within a bound. Thread-safe.
 */
final class Operations implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Operations.class);

  /** More than this many operations at once are refused, so that an outage costs no memory. */
  private static final int MAX_PENDING = 10_000;

  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  /** One for all ledgers of this process, since two may share a database. */
  private static final ReentrantLock TURN = new ReentrantLock(true);

  private final Database database;
  private final boolean takesTurns;
  private final Executor executor;
  private final @Nullable ExecutorService owned;
  private final AtomicInteger pending = new AtomicInteger();
  private final Set<Operation<?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;
  private volatile boolean closed;

  /**
   * Operations on a database.
   *
   * @param takesTurns whether the process runs one transaction at a time
   * @param owned the executor itself, if it is to be shut down at the end
   */
  Operations(
      Database database, boolean takesTurns, Executor executor, @Nullable ExecutorService owned) {
    this.database = database;
    this.takesTurns = takesTurns;
    this.executor = executor;
    this.owned = owned;
  }

  /**
   * Runs a transaction.
   *
   * @param within how long it is tried, or waits to be
   * @param repeatable whether it may be tried again although it may have been done
   */
  <T> CompletionStage<T> submit(Database.Work<T> work, Duration within, boolean repeatable) {
    Operation<T> operation =
        new Operation<>(work, System.nanoTime(), within, repeatable, new CompletableFuture<>());
    if (pending.incrementAndGet() > MAX_PENDING) {
      pending.decrementAndGet();
      return CompletableFuture.failedFuture(
          new LedgerUnavailableException(
              "the ledger already waits for "
                  + MAX_PENDING
                  + " answers of its database; this operation was not tried",
              null));
    }
    CompletableFuture<T> answer = operation.answer();
    open.add(operation);
    answer.whenComplete(
        (result, failure) -> {
          open.remove(operation);
          pending.decrementAndGet();
        });
    // Read after the operation was added: either close() finds the operation or this finds closing.
    if (closing) {
      answer.completeExceptionally(isClosed());
    } else {
      execute(operation, 1, null);
    }
    return answer;
  }

  private static IllegalStateException isClosed() {
    return new IllegalStateException("the ledger is closed");
  }

  /**
   * What a caller waits for.
   *
   * @param since when it was submitted, in the nanoseconds of {@link System#nanoTime}
   * @param within how long it is tried, or waits to be
   * @param repeatable whether it may be tried again although it may have been done
   */
  private record Operation<T>(
      Database.Work<T> work,
      long since,
      Duration within,
      boolean repeatable,
      CompletableFuture<T> answer) {

    boolean isLate(long extraMillis) {
      long elapsed = System.nanoTime() - since;
      return elapsed + TimeUnit.MILLISECONDS.toNanos(extraMillis) > within.toNanos();
    }

    void fail(String what, @Nullable Throwable cause) {
      answer.completeExceptionally(new LedgerUnavailableException(what, cause));
    }
  }

  private <T> void execute(
      Operation<T> operation, int attempt, @Nullable SQLException lastFailure) {
    try {
      executor.execute(() -> attempt(operation, attempt, lastFailure));
    } catch (RejectedExecutionException rejected) {
      if (closing) {
        operation.answer().completeExceptionally(isClosed());
      } else {
        operation.fail("the ledger's executor refused the operation", rejected);
      }
    }
  }

  private <T> void attempt(
      Operation<T> operation, int attempt, @Nullable SQLException lastFailure) {
    if (closed) {
      return; // It has failed, and its data source may be closed by now.
    }
    if (operation.isLate(0)) {
      operation.fail(
          "the ledger's database did not answer within "
              + operation.within()
              + (lastFailure == null ? "" : state(lastFailure)),
          lastFailure);
      return;
    }
    try {
      operation.answer().complete(transact(operation.work()));
    } catch (SQLException failure) {
      long pause = Math.min(FIRST_PAUSE_MILLIS << Math.min(attempt, 10), LONGEST_PAUSE_MILLIS);
      boolean again =
          Database.isTransient(failure)
              && (operation.repeatable() || !(failure instanceof Database.InDoubtException))
              && !operation.isLate(pause);
      if (again) {
        log.debug("Attempt {} failed and is repeated", attempt, failure);
        // The timer's thread only hands the work over.
        CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS, Runnable::run)
            .execute(() -> execute(operation, attempt + 1, failure));
      } else {
        operation.fail(withoutSql(failure), failure);
      }
    } catch (Throwable failure) {
      operation.answer().completeExceptionally(failure);
    }
  }

  private <T> T transact(Database.Work<T> work) throws SQLException {
    if (!takesTurns) {
      return database.transact(work);
    }
    TURN.lock();
    try {
      return database.transact(work);
    } finally {
      TURN.unlock();
    }
  }

  /** What failed, without the driver's message, which may quote the statement and its values. */
  private static String withoutSql(SQLException failure) {
    return failure instanceof Database.InDoubtException
        ? "the commit was not confirmed"
            + state(failure)
            + "; read the balance before you repeat it"
        : "the ledger's database could not answer" + state(failure);
  }

  /** The SQLState of a failure, as the end of a message; empty if it has none. */
  static String state(SQLException failure) {
    String state = failure.getSQLState();
    return state == null ? "" : " (SQLState " + state + ")";
  }

  /**
   * Waits, for ten seconds at most, for the answers that are open, what is tried again included,
   * and ends the owned executor. What has no answer by then fails.
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
    open.forEach(operation -> operation.answer().completeExceptionally(isClosed()));
  }

  private void awaitAnswers(long deadline) throws InterruptedException {
    try {
      CompletableFuture.allOf(
              open.stream().map(Operation::answer).toArray(CompletableFuture<?>[]::new))
          .get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException answered) {
      // A failure is an answer too; close() handles the operations that have none.
    }
  }
}
