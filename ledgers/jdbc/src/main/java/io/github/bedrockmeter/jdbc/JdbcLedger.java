// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ledger in a database: PostgreSQL for many JVMs, an H2 file that survives a restart for one.
 *
 * <p>Thread-safe. No method blocks the calling thread, except {@link #close} and those that open a
 * ledger: the work is done by threads of its own, or by an executor that you give it, and answers
 * complete on these threads. What fails for a passing reason (a lost connection, a deadlock, a
 * server that starts) is tried again where that is safe: a hold or a query until its {@linkplain
 * Builder#timeout timeout}, a settlement or a release for thirty seconds. A stage that fails, with
 * an {@link IllegalStateException} whose cause tells why, means that the ledger could not decide.
 *
 * <pre>{@code
 * try (JdbcLedger ledger = JdbcLedger.over(dataSource)) {
 *   BedrockMeter meter = BedrockMeter.builder().ledger(ledger).budget(budget).build();
 * }
 * }</pre>
 */
public final class JdbcLedger implements Ledger, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JdbcLedger.class);

  /** Enough to ride out a restart of the server; then the estimate stays held. */
  private static final Duration SETTLE_WITHIN = Duration.ofSeconds(30);

  /** More than this many operations at once are refused, so that an outage costs no memory. */
  private static final int MOST_PENDING = 10_000;

  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);
  private static final long CLEAN_UP_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Of all ledgers here, since two may be over the same database. */
  private static final ReentrantLock TURN = new ReentrantLock(true);

  private final Database database;
  private final boolean takesTurns;
  private final LedgerTables tables;
  private final Executor executor;
  private final @Nullable ExecutorService owned;
  private final @Nullable H2File file;
  private final long answerWithinNanos;
  private final AtomicInteger pending = new AtomicInteger();
  private final Set<Operation<?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;
  private volatile boolean closed;
  private final AtomicLong nextCleanUp = new AtomicLong(System.nanoTime() + CLEAN_UP_NANOS);

  private JdbcLedger(Builder builder) throws SQLException {
    this.database = new Database(builder.dataSource, builder.timeout);
    Schema schema = Schema.ledger(builder.tablePrefix);
    Dialect dialect = schema.migrate(database);
    this.takesTurns = dialect.takesTurns();
    this.tables = new LedgerTables(schema, dialect, builder.abandonAfter, builder.grace);
    this.answerWithinNanos = builder.timeout.toNanos();
    this.file = builder.file;
    this.owned = builder.executor == null ? ownThreads(builder.threads) : null;
    this.executor = builder.executor == null ? Objects.requireNonNull(owned) : builder.executor;
  }

  private static ExecutorService ownThreads(int count) {
    AtomicInteger number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        count,
        work -> {
          Thread thread = new Thread(work, "bedrock-meter-ledger-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * A ledger in a database that other processes may share, with the defaults of {@link Builder}.
   * Creates its tables if they do not exist.
   *
   * @throws IllegalStateException if the database cannot be reached, or its tables are newer
   */
  public static JdbcLedger over(DataSource dataSource) {
    return builder(dataSource).open();
  }

  /**
   * A ledger in an H2 file, for one process at a time.
   *
   * @param file without H2's suffix {@code .mv.db}; created if it does not exist
   * @throws IllegalStateException if H2 is not on the class path, or another process has the file
   */
  public static JdbcLedger file(Path file) {
    return builder(file).open();
  }

  /** A builder of a ledger in a database, whose connections should come from a pool. */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource, null);
  }

  /** A builder of a ledger in an H2 file, as {@link #file} opens it. */
  public static Builder builder(Path file) {
    H2File opened = H2File.open(file);
    return new Builder(opened.dataSource(), opened);
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    if (holds.isEmpty()) {
      return CompletableFuture.completedFuture(HoldResult.CLEAN);
    }
    List<Hold> asked = List.copyOf(holds);
    cleanUpNowAndThen();
    return submit(connection -> tables.hold(connection, asked), answerWithinNanos, true);
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    for (int i = 0; i < actuals.length; i++) {
      if (actuals[i] < 0) {
        throw new IllegalArgumentException(
            "negative settlement of " + holds.get(i) + ": " + actuals[i]);
      }
    }
    if (holds.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    List<Hold> ended = List.copyOf(holds);
    long[] charged = actuals.clone();
    return submit(
        connection -> tables.settle(connection, ended, charged), SETTLE_WITHIN.toNanos(), true);
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    List<Account> asked = List.copyOf(accounts);
    return submit(connection -> tables.balances(connection, asked), answerWithinNanos, true);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return submit(connection -> tables.find(connection, query), answerWithinNanos, true);
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return submit(connection -> tables.openHolds(connection, account), answerWithinNanos, true);
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return submit(connection -> tables.release(connection, hold), SETTLE_WITHIN.toNanos(), true);
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return submit(
        connection -> tables.adjust(connection, account, delta), answerWithinNanos, false);
  }

  private <T> CompletionStage<T> submit(
      Database.Work<T> work, long withinNanos, boolean repeatable) {
    Operation<T> operation =
        new Operation<>(
            work, System.nanoTime(), withinNanos, repeatable, new CompletableFuture<>());
    if (pending.incrementAndGet() > MOST_PENDING) {
      pending.decrementAndGet();
      return CompletableFuture.failedFuture(
          new IllegalStateException(
              "the ledger already waits for " + MOST_PENDING + " answers of its database"));
    }
    CompletableFuture<T> answer = operation.answer();
    open.add(operation);
    answer.whenComplete(
        (result, failure) -> {
          open.remove(operation);
          pending.decrementAndGet();
        });
    // Asked after it was added: either close() sees the operation or this sees that it came first.
    if (closing) {
      answer.completeExceptionally(isClosed());
    } else {
      execute(operation, 1);
    }
    return answer;
  }

  private static IllegalStateException isClosed() {
    return new IllegalStateException("the ledger is closed");
  }

  /**
   * What a caller waits for.
   *
   * @param since when it was asked for, in the nanoseconds of {@link System#nanoTime}
   * @param withinNanos for how long it is tried, or waits to be
   * @param repeatable whether it may be tried again although it may have been done
   */
  private record Operation<T>(
      Database.Work<T> work,
      long since,
      long withinNanos,
      boolean repeatable,
      CompletableFuture<T> answer) {

    boolean isLate(long extraMillis) {
      return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(extraMillis) - since > withinNanos;
    }

    void fail(@Nullable Throwable cause) {
      String message =
          "the ledger's database did not answer within " + Duration.ofNanos(withinNanos);
      answer.completeExceptionally(
          cause == null
              ? new IllegalStateException(message)
              : new IllegalStateException("the ledger's database: " + cause.getMessage(), cause));
    }
  }

  private <T> void execute(Operation<T> operation, int attempt) {
    try {
      executor.execute(() -> attempt(operation, attempt));
    } catch (RejectedExecutionException rejected) {
      if (closing) {
        operation.answer().completeExceptionally(isClosed());
      } else {
        operation.fail(rejected);
      }
    }
  }

  private <T> void attempt(Operation<T> operation, int attempt) {
    if (closed) {
      return; // It has failed, and its data source may be closed by now.
    }
    if (operation.isLate(0)) {
      operation.fail(null);
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
            .execute(() -> execute(operation, attempt + 1));
      } else {
        operation.fail(failure);
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

  /** Deletes what is past its time, at most once a minute, behind the backs of calls. */
  private void cleanUpNowAndThen() {
    long due = nextCleanUp.get();
    long now = System.nanoTime();
    if (now - due >= 0 && nextCleanUp.compareAndSet(due, now + CLEAN_UP_NANOS)) {
      cleanUp()
          .whenComplete(
              (deleted, failure) -> {
                if (failure != null) {
                  log.warn("Accounts past their time could not be deleted", failure);
                }
              });
    }
  }

  /** Deletes accounts past their time; answers how many. */
  CompletionStage<Integer> cleanUp() {
    return submit(tables::cleanUp, answerWithinNanos, true);
  }

  /**
   * Waits, for ten seconds at most, for the answers that are open, what is tried again included,
   * and ends the ledger's own threads. What is not answered by then, and what is asked afterwards,
   * fails with an {@link IllegalStateException}; whether the database did it is not known. The data
   * source and an executor that were given stay open.
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
    if (file != null) {
      file.close();
    }
  }

  private void awaitAnswers(long deadline) throws InterruptedException {
    try {
      CompletableFuture.allOf(
              open.stream().map(Operation::answer).toArray(CompletableFuture<?>[]::new))
          .get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException answered) {
      // Failed answers are answers too; what has none is dealt with by the caller.
    }
  }

  /** Opens a ledger. Mutable, confined to one thread. */
  public static final class Builder {
    private final DataSource dataSource;
    private String tablePrefix = Schema.defaultPrefix();
    private @Nullable Executor executor;
    private final @Nullable H2File file;
    private int threads = 8;
    private Duration timeout = Duration.ofSeconds(2);
    private Duration abandonAfter = Duration.ofHours(1);
    private Duration grace = Duration.ofHours(1);

    private Builder(DataSource dataSource, @Nullable H2File file) {
      this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
      this.file = file;
    }

    /** What the tables' names begin with; {@code bedrock_meter_} by default. */
    public Builder tablePrefix(String prefix) {
      this.tablePrefix = Schema.checkedPrefix(prefix);
      return this;
    }

    /**
     * Who does the blocking work, instead of threads of the ledger's own. One that runs work on the
     * calling thread makes the ledger block its callers.
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /** How many threads of its own the ledger has, and so connections it uses; 8 by default. */
    public Builder threads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("a ledger needs a thread: " + threads);
      }
      this.threads = threads;
      return this;
    }

    /**
     * How long one answer of the database may take before its connection is given up, and how long
     * a hold is tried; 2 seconds by default. A caller waits no longer than the meter's {@code
     * ledgerTimeout}, which is shorter; this one frees the thread that works for it.
     */
    public Builder timeout(Duration timeout) {
      this.timeout = positive(timeout, "timeout");
      return this;
    }

    /**
     * The age, by the database's clock, from which a hold is shown as abandoned; an hour by
     * default. Longer than any call lasts.
     */
    public Builder abandonAfter(Duration age) {
      this.abandonAfter = positive(age, "abandonAfter");
      return this;
    }

    /**
     * How long after its window's end an account is kept, by the database's clock, so that calls in
     * flight at the end are still settled in it; an hour by default.
     */
    public Builder grace(Duration grace) {
      this.grace = positive(grace, "grace");
      return this;
    }

    private static Duration positive(Duration duration, String name) {
      if (duration.toMillis() < 1) {
        throw new IllegalArgumentException(name + " must be a millisecond at least: " + duration);
      }
      return duration;
    }

    /**
     * Opens the ledger, and creates or updates its tables. Blocks until the database has answered.
     *
     * @throws IllegalStateException if the database cannot be reached, or its tables are newer than
     *     this library knows
     */
    public JdbcLedger open() {
      try {
        return new JdbcLedger(this);
      } catch (SQLException | RuntimeException failure) {
        if (file != null) {
          file.close();
        }
        if (failure instanceof RuntimeException said) {
          throw said;
        }
        throw new IllegalStateException(
            "the ledger's database cannot be used: " + failure.getMessage(), failure);
      }
    }
  }
}
