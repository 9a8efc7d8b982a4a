// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.jdbc.internal.H2File;
import io.github.bedrockmeter.jdbc.internal.Schema;
import io.github.bedrockmeter.jdbc.ledger.OneStatement.Settlement;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A ledger in a database: PostgreSQL for many JVMs, an H2 file that survives a restart for one.
 *
 * <p>Thread-safe. No method blocks the calling thread, except {@link #close} and those that make a
 * ledger: the work is done by threads of its own, or by an executor that you give it, and stages
 * complete on these threads. What fails for a temporary reason (a lost connection, a deadlock, a
 * server that starts) is tried again where that is safe: a hold or a query until its {@linkplain
 * Builder#timeout timeout}, a settlement or a release for thirty seconds. A stage that fails with a
 * {@link LedgerUnavailableException}, whose cause is the database's own exception where there is
 * one, means that the ledger could not decide.
 *
 * <p>Ages of holds and the ends of windows are by the database's clock.
 *
 * <pre>{@code
 * try (JdbcLedger ledger = JdbcLedger.over(dataSource)) {
 *   BedrockMeter meter = BedrockMeter.builder().ledger(ledger).budget(budget).build();
 * }
 * }</pre>
 */
public final class JdbcLedger implements Ledger {
  private static final Log log = Log.to(LoggerFactory.getLogger(JdbcLedger.class));

  /** Long enough for a restart of the server; after it the estimate stays held. */
  private static final Duration SETTLE_WITHIN = Duration.ofSeconds(30);

  /** What a first call needs on a busy machine, with a margin. */
  private static final Duration USUAL_ANSWER = Duration.ofSeconds(1);

  /**
   * So many parts of the timeout go by before a row that another transaction locked is given up.
   */
  private static final int LOCK_PARTS = 8;

  private static final int LONGEST_SCOPE = 4_096;

  private static final long CLEAN_UP_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Database database;
  private final LedgerTables tables;
  private final LedgerStore store;
  private final ClockCheck clocks;
  private final Operations operations;
  private final Groups<HoldRequest, HoldResult> heldTogether;
  private final Groups<Settlement, List<Settled>> settledTogether;
  private final Duration answerWithin;
  private final AtomicLong nextCleanUp = new AtomicLong(System.nanoTime() + CLEAN_UP_NANOS);

  private JdbcLedger(
      Database database,
      LedgerTables tables,
      LedgerStore store,
      ClockCheck clocks,
      Operations operations,
      Duration answerWithin) {
    this.database = database;
    this.tables = tables;
    this.store = store;
    this.clocks = clocks;
    this.operations = operations;
    this.answerWithin = answerWithin;
    this.heldTogether = new Groups<>(operations, answerWithin, store::takeTogether, store::hold);
    this.settledTogether =
        new Groups<>(operations, SETTLE_WITHIN, store::settleTogether, store::settle);
  }

  /**
   * A ledger in a database that other processes may share, with the default settings. Creates its
   * tables if they do not exist.
   *
   * @throws LedgerUnavailableException if the database cannot be used
   * @throws IllegalStateException if its tables are newer than this library
   */
  public static JdbcLedger over(DataSource dataSource) {
    return builder(dataSource).build();
  }

  /**
   * A ledger in an H2 file, for one process at a time, with the default settings.
   *
   * @param file without H2's suffix {@code .mv.db}; created if it does not exist
   * @throws LedgerUnavailableException if another process has the file, or it cannot be written
   * @throws IllegalStateException if H2 is not on the class path, or its tables are newer than this
   *     library
   */
  public static JdbcLedger file(Path file) {
    return builder(file).build();
  }

  /**
   * Prepares an H2 file for a data source of your own, or for H2's own tools: if the process that
   * had it open was killed, H2 2.5 may otherwise open it as it was some commits earlier, and then
   * these are lost. Does nothing to a file that was closed or does not exist. {@link #file} and
   * {@link #builder(Path)} do it themselves.
   *
   * @param file without H2's suffix {@code .mv.db}; not open in this process
   */
  public static void mendFile(Path file) {
    H2File.mend(file);
  }

  /** A builder of a ledger in a database, whose connections should come from a pool. */
  public static Builder builder(DataSource dataSource) {
    Objects.requireNonNull(dataSource, "dataSource");
    return new Builder(timeout -> new Database(dataSource, timeout));
  }

  /** A builder of a ledger in an H2 file, as {@link #file} makes it. */
  public static Builder builder(Path file) {
    Objects.requireNonNull(file, "file");
    return new Builder(timeout -> H2File.open(file, timeout));
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    List<Hold> requested = List.copyOf(holds);
    LedgerSupport.checkHolds(requested);
    LedgerSupport.checkScopes(requested, LONGEST_SCOPE);
    if (requested.isEmpty()) {
      return CompletableFuture.completedFuture(HoldResult.CLEAN);
    }
    clocks.check(requested);
    cleanUpOccasionally();
    HoldRequest request = new HoldRequest(requested);
    return store.canCombine()
        ? heldTogether.submit(accounts(requested), request)
        : operations.submit(accounts(requested), () -> store.hold(request), answerWithin, true);
  }

  private static Set<Account> accounts(List<Hold> holds) {
    Set<Account> accounts = new HashSet<>();
    holds.forEach(hold -> accounts.add(hold.account()));
    return accounts;
  }

  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    List<Hold> ended = List.copyOf(holds);
    long[] charged = actuals.clone();
    LedgerSupport.checkSettlement(ended, charged);
    if (ended.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    Settlement settlement = new Settlement(ended, Arrays.stream(charged).boxed().toList());
    return store.canCombine()
        ? settledTogether.submit(accounts(ended), settlement)
        : operations.submit(accounts(ended), () -> store.settle(settlement), SETTLE_WITHIN, true);
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    List<Account> requested = List.copyOf(accounts);
    return operations.submit(
        Set.of(),
        transaction(connection -> tables.balances(connection, requested)),
        answerWithin,
        true);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return operations.submit(
        Set.of(), transaction(connection -> tables.find(connection, query)), answerWithin, true);
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return operations.submit(
        Set.of(),
        transaction(connection -> tables.openHolds(connection, account)),
        answerWithin,
        true);
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return release(hold, null);
  }

  /** Keeps who released the hold, and why, in the table of corrections. */
  @Override
  public CompletionStage<Balance> release(OpenHold hold, @Nullable Correction correction) {
    return operations.submit(
        Set.of(hold.account()),
        transaction(connection -> tables.release(connection, hold, correction)),
        SETTLE_WITHIN,
        true);
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return adjust(account, delta, null);
  }

  /** Keeps who adjusted the balance, and why, in the table of corrections. */
  @Override
  public CompletionStage<Settled> adjust(
      Account account, long delta, @Nullable Correction correction) {
    return operations.submit(
        Set.of(account),
        transaction(connection -> tables.adjust(connection, account, delta, correction)),
        answerWithin,
        false);
  }

  private <T> Operations.Work<T> transaction(Database.Work<T> work) {
    return () -> database.transact(work);
  }

  /** A second, or the ledger's {@code timeout} if that is shorter. */
  @Override
  public Duration answerTime() {
    return answerWithin.compareTo(USUAL_ANSWER) < 0 ? answerWithin : USUAL_ANSWER;
  }

  /** Deletes accounts past their time, at most once a minute, without delaying a call. */
  private void cleanUpOccasionally() {
    long due = nextCleanUp.get();
    long now = System.nanoTime();
    if (now - due >= 0 && nextCleanUp.compareAndSet(due, now + CLEAN_UP_NANOS)) {
      cleanUp()
          .thenCompose(deleted -> forgetSettlements())
          .thenCompose(deleted -> compareClocks())
          .whenComplete(
              (done, failure) -> {
                if (failure != null) {
                  log.warn(
                      "What is past its time could not be deleted, or the clocks not compared; it is tried"
                          + " again in a minute",
                      failure);
                }
              });
    }
  }

  /** A clock may be set wrong, or right, while a process runs. */
  private CompletionStage<Boolean> compareClocks() {
    return operations.submit(
        Set.of(),
        () -> database.run(connection -> tables.compare(connection, clocks)),
        answerWithin,
        true);
  }

  /** Deletes records of settlements that are past their time, some at a time, until none is. */
  CompletionStage<Integer> forgetSettlements() {
    return operations
        .submit(Set.of(), transaction(tables::forgetSettlements), answerWithin, true)
        .thenCompose(
            deleted ->
                deleted < SettledRows.DELETED_TOGETHER
                    ? CompletableFuture.completedFuture(deleted)
                    : forgetSettlements());
  }

  /** Deletes accounts past their time; returns how many. */
  CompletionStage<Integer> cleanUp() {
    return operations.submit(Set.of(), transaction(tables::cleanUp), answerWithin, true);
  }

  /**
   * Waits, for ten seconds at most, for the answers that are open, what is tried again included,
   * and ends the ledger's own threads. What is not answered by then, and what is submitted
   * afterwards, fails with an {@link IllegalStateException}; whether the database did it is not
   * known. The data source and an executor that were given stay open.
   */
  @Override
  public void close() {
    operations.close();
  }

  /** Makes a ledger. Mutable, confined to one thread. */
  public static final class Builder extends LedgerSupport.Builder<Builder> {
    private final Function<Duration, Database> database;
    private String tablePrefix = Schema.defaultPrefix();
    private @Nullable Executor executor;
    private int threads = 8;
    private Duration timeout = Duration.ofSeconds(2);

    /**
     * A builder with the default settings.
     *
     * @param database opens the database with a timeout
     */
    private Builder(Function<Duration, Database> database) {
      this.database = database;
    }

    @Override
    protected Builder self() {
      return this;
    }

    /** What the tables' names begin with; {@code bedrock_meter_} by default. */
    public Builder tablePrefix(String prefix) {
      this.tablePrefix = Schema.checkedPrefix(prefix);
      return this;
    }

    /**
     * What runs the blocking work, instead of threads of the ledger's own. An executor that runs
     * work on the calling thread makes the ledger block its callers.
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /** How many threads of its own the ledger has, and so connections it uses; 8 by default. */
    public Builder threads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("threads must be positive, for example 8: " + threads);
      }
      this.threads = threads;
      return this;
    }

    /**
     * How long one answer of the database may take before its connection is closed, and how long a
     * hold is tried; 2 seconds by default. A caller waits no longer than the meter's {@code
     * ledgerTimeout}, which is shorter; this timeout frees the thread that works for the caller.
     */
    public Builder timeout(Duration timeout) {
      this.timeout = LedgerSupport.checkTime("timeout", timeout);
      return this;
    }

    /**
     * The ledger, once its tables are created or up to date. Blocks until the database has
     * answered.
     *
     * @throws LedgerUnavailableException if the database cannot be used; the cause is its own
     *     exception
     * @throws IllegalStateException if its tables are newer than this library, or H2 is needed and
     *     not on the class path
     */
    @Override
    public JdbcLedger build() {
      Database opened = database.apply(timeout);
      boolean built = false;
      try {
        JdbcLedger ledger = in(opened);
        built = true;
        return ledger;
      } catch (SQLException failure) {
        throw new LedgerUnavailableException(
            "the ledger's database cannot be used" + Advice.about(failure), failure);
      } finally {
        if (!built) {
          opened.close();
        }
      }
    }

    private JdbcLedger in(Database opened) throws SQLException {
      Schema schema = Schema.ledger(tablePrefix);
      Dialect dialect = schema.migrate(opened);
      if (!dialect.takesTurns() && opened.readCommitted()) {
        log.info(
            "The ledger sets READ COMMITTED on each connection, which costs two round trips a call;"
                + " give its pool that isolation level to save them");
      }
      LedgerTables tables =
          new LedgerTables(schema, dialect, abandonAfter(), grace(), timeout.dividedBy(LOCK_PARTS));
      ClockCheck clocks = new ClockCheck(InstantSource.system());
      opened.run(connection -> tables.compare(connection, clocks));
      warmUp(opened, tables);
      ExecutorService owned = executor == null ? ownThreads() : null;
      Executor runner = owned == null ? Objects.requireNonNull(executor) : owned;
      return new JdbcLedger(
          opened,
          tables,
          new LedgerStore(opened, tables, tables.statements()),
          clocks,
          new Operations(opened, runner, owned),
          timeout);
    }

    /** A role that may only read still has its ledger. */
    private static void warmUp(Database opened, LedgerTables tables) {
      try {
        opened.transact(
            connection -> {
              tables.warmUp(connection);
              return true;
            });
      } catch (SQLException failure) {
        log.debug("The first use of the ledger will take longer", failure);
      }
    }

    private ExecutorService ownThreads() {
      AtomicInteger number = new AtomicInteger();
      return Executors.newFixedThreadPool(
          threads,
          work -> {
            Thread thread = new Thread(work, "bedrock-meter-ledger-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
          });
    }
  }
}
