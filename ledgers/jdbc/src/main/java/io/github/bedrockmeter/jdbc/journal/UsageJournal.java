// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.event.MeterListener.ChargedWithoutHoldEvent;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.jdbc.internal.H2File;
import io.github.bedrockmeter.jdbc.internal.Schema;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.LoggerFactory;

/**
 * Writes every call into a database, exactly once: counts, money, outcome, tags and ids, never text
 * of a prompt or a completion. Also what budgets reported: denials, thresholds, failed settlements.
 *
 * <p>An event goes to a local file first and from there, in batches, to the database; while the
 * database is unavailable, the files wait. What was in a file survives the end of the JVM, {@code
 * kill -9} included, and is written by the next journal that is opened on the directory; ids keep
 * it from being written twice. An event is in a file within the {@linkplain Builder#flushInterval
 * flush interval}.
 *
 * <p>Thread-safe. A journal has two daemon threads of its own, and its listener's methods return at
 * once: they put the event into a bounded queue or, with an interval of zero, write it to the file.
 * They never throw. Close the journal after the meter.
 *
 * <pre>{@code
 * UsageJournal journal = UsageJournal.over(dataSource, Path.of("/var/lib/my-app/journal"));
 * BedrockMeter meter = BedrockMeter.builder().listener(journal).build();
 * }</pre>
 */
public final class UsageJournal implements MeterListener, AutoCloseable {
  private static final Log log = Log.to(LoggerFactory.getLogger(UsageJournal.class));
  private static final long SEGMENT_BYTES = 8 << 20;

  /** How long the database may take for one batch, before its connection is closed. */
  private static final Duration BATCH_TIMEOUT = Duration.ofSeconds(30);

  /** What happens to an event that finds the queue full. */
  public enum Overflow {
    /**
     * Its caller waits for room, no longer than {@link Builder#waitAtMost}; then it is dropped and
     * counted. Room is made as soon as the directory or the database takes an event.
     */
    WAIT,
    /** It is dropped and counted. */
    DROP
  }

  private final JournalCounters counters = new JournalCounters();
  private final EventQueue queue;
  private final Spill spill;
  private final boolean straightToFile;
  private final Duration closeWithin;
  private final InstantSource clock;
  private final Thread flusher;
  private final Thread mover;

  private UsageJournal(Builder builder, Database database) throws IOException {
    Schema schema = Schema.journal(builder.tablePrefix);
    JournalStore store =
        new JournalStore(
            database, schema, builder.directory, builder.tagColumns, builder.forceToDisk);
    Duration wait = builder.overflow == Overflow.DROP ? Duration.ZERO : builder.waitAtMost;
    this.spill = Spill.open(builder.directory, builder.forceToDisk, SEGMENT_BYTES);
    this.queue = new EventQueue(builder.queueCapacity, wait, builder.closeWithin, counters);
    this.straightToFile = builder.flushInterval.isZero();
    this.closeWithin = builder.closeWithin;
    this.clock = builder.clock;
    long interval = builder.flushInterval.toNanos();
    this.flusher = thread("flush", new QueueFlusher(queue, spill, store, counters, interval));
    this.mover = thread("move", new FileMover(queue, spill, store, counters, database::close));
  }

  private static Thread thread(String work, Runnable loop) {
    Thread thread = new Thread(loop, "bedrock-meter-journal-" + work);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * A journal in a database, with the default settings. The database need not be available yet.
   *
   * @param directory where events wait for the database; created if it does not exist. Several
   *     processes may share one.
   * @throws UncheckedIOException if the directory cannot be used
   */
  public static UsageJournal over(DataSource dataSource, Path directory) {
    return builder(dataSource, directory).build();
  }

  /**
   * A journal in an H2 file, for one process at a time, with the default settings; events wait in
   * the directory {@code <file>.journal}.
   *
   * @param file without H2's suffix {@code .mv.db}; may be that of a {@code JdbcLedger}
   * @throws IllegalStateException if H2 is not on the class path
   */
  public static UsageJournal file(Path file) {
    return builder(file).build();
  }

  /** A builder of a journal in a database, whose connections should come from a pool. */
  public static Builder builder(DataSource dataSource, Path directory) {
    Objects.requireNonNull(dataSource, "dataSource");
    return new Builder(timeout -> new Database(dataSource, timeout), directory);
  }

  /** A builder of a journal in an H2 file, as {@link #file} makes it. */
  public static Builder builder(Path file) {
    Path directory = file.resolveSibling(file.getFileName() + ".journal");
    return new Builder(timeout -> H2File.open(file, timeout), directory);
  }

  @Override
  public void onUsage(UsageEvent event) {
    accept(() -> JournalEntry.of(UsageRows.of(event)));
  }

  @Override
  public void onDenied(DenialEvent event) {
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(BudgetRows.of(event, now)));
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(BudgetRows.of(event, id, now)));
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(BudgetRows.of(change, id, now)));
  }

  @Override
  public void onSettlementFailed(SettlementFailedEvent event) {
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(BudgetRows.of(event, now)));
  }

  @Override
  public void onChargedWithoutHold(ChargedWithoutHoldEvent event) {
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(BudgetRows.of(event, now)));
  }

  @Override
  public void onBypass(BypassEvent event) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(BudgetRows.of(event, id, now)));
  }

  /**
   * Keeps who corrected a balance and why, for a correction made at the ledger itself. One made
   * through {@code BedrockMeter} comes by {@link #onBudgetChanged}.
   *
   * @param step what {@code Ledger.adjust} returned
   * @param correction who and why
   */
  public void recordAdjustment(Settled step, Correction correction) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(BudgetRows.of(step, correction, id, now)));
  }

  /**
   * Keeps who gave back a hold and why.
   *
   * @param hold what was given to {@code Ledger.release}
   * @param correction who and why
   */
  public void recordRelease(OpenHold hold, Correction correction) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(BudgetRows.of(hold, correction, id, now)));
  }

  private void accept(Supplier<JournalEntry> entry) {
    PendingEvent event = new PendingEvent(entry);
    if (!straightToFile) {
      queue.add(event);
      return;
    }
    byte[] record = event.recordOrNull();
    if (record == null) {
      counters.drop();
    } else {
      queue.addToFile(record, event, spill);
    }
  }

  /** Events that were taken: each is in the queue, in a file or in the database. */
  public long accepted() {
    return counters.accepted();
  }

  /**
   * Events that are in the database, among them those left by earlier processes; also the few, if
   * any, that it refused and that are in the directory's {@code refused.jsonl}.
   */
  public long written() {
    return counters.written();
  }

  /** Events that are not in the database yet, among them those left by earlier processes. */
  public long pending() {
    return counters.pending();
  }

  /**
   * Events that are lost: the queue was full for too long or set to drop, the journal was closed,
   * or their file was deleted.
   */
  public long dropped() {
    return counters.dropped();
  }

  /**
   * Waits, for about ten seconds unless set otherwise, until all events are in the database; if it
   * is unavailable, only until they are in files. Events that come afterwards are dropped and
   * counted.
   */
  @Override
  public void close() {
    queue.close();
    try {
      // Both stop by themselves when that time is over, unless a disk or a driver blocks them.
      long patience = closeWithin.toMillis() + 1_000;
      long start = System.nanoTime();
      flusher.join(patience);
      mover.join(Math.max(1, patience - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (counters.pending() > 0) {
      log.warn("The journal closes with {} events that wait in files", counters.pending());
    }
  }

  /** Makes a journal. Mutable, confined to one thread. */
  public static final class Builder {
    private final Function<Duration, Database> database;
    private final Path directory;
    private String tablePrefix = Schema.defaultPrefix();
    private TagColumns tagColumns = TagColumns.of(List.of());
    private Duration flushInterval = Duration.ofMillis(200);
    private boolean forceToDisk;
    private int queueCapacity = 10_000;
    private Overflow overflow = Overflow.WAIT;
    private Duration waitAtMost = Duration.ofSeconds(1);
    private Duration closeWithin = Duration.ofSeconds(10);
    private InstantSource clock = InstantSource.system();

    /**
     * A builder with the default settings.
     *
     * @param database opens the database with a timeout
     */
    private Builder(Function<Duration, Database> database, Path directory) {
      this.database = database;
      this.directory = Objects.requireNonNull(directory, "directory");
    }

    /** What the tables' names begin with; {@code bedrock_meter_} by default. */
    public Builder tablePrefix(String prefix) {
      this.tablePrefix = Schema.checkedPrefix(prefix);
      return this;
    }

    /**
     * Tags that have a column of their own, {@code tag_team} for {@code team}, in the view {@code
     * bedrock_meter_call}; {@code (none)} for a call without the tag. The view is made when the
     * journal first writes, unless it has these columns; so the tags should be the same for all
     * processes. None by default, and no such view.
     *
     * @throws IllegalArgumentException if two tags differ only in characters that a column's name
     *     cannot have, or one is longer than 59 characters
     */
    public Builder tagColumns(String... tags) {
      this.tagColumns = TagColumns.of(List.of(tags));
      return this;
    }

    /**
     * How long an event may be in memory alone; 200 ms by default. Zero: it is in a file, as far as
     * the operating system is concerned, before the listener's method returns.
     */
    public Builder flushInterval(Duration interval) {
      this.flushInterval = notNegative("flushInterval", interval);
      return this;
    }

    private static Duration notNegative(String setting, Duration time) {
      if (time.isNegative()) {
        throw new IllegalArgumentException(
            setting + " must not be negative, for example PT1S: " + time);
      }
      return time;
    }

    /**
     * Whether each write to a file, and to an H2 database, waits until the disk has it, so that it
     * survives a power failure; false by default, which survives the end of the JVM. With an
     * interval of zero every call then waits for the disk.
     */
    public Builder forceToDisk(boolean force) {
      this.forceToDisk = force;
      return this;
    }

    /** How many events may be in memory; 10,000 by default. */
    public Builder queueCapacity(int events) {
      if (events < 1) {
        throw new IllegalArgumentException(
            "queueCapacity must be positive, for example 10000: " + events);
      }
      this.queueCapacity = events;
      return this;
    }

    /** What happens to an event that finds the queue full; {@link Overflow#WAIT} by default. */
    public Builder onOverflow(Overflow overflow) {
      this.overflow = Objects.requireNonNull(overflow, "overflow");
      return this;
    }

    /**
     * How long a caller waits for room in a queue that is full; one second by default. It is full
     * only while neither the directory nor the database takes events. When one caller has waited in
     * vain, the next ones do not wait, until there is room again; what is dropped is counted, and
     * the log says so once. A caller that is interrupted does not wait on. With a {@linkplain
     * #flushInterval flush interval} of zero, callers wait so long for each other; how long the
     * disk takes for the write of a caller itself, no setting can bound.
     */
    public Builder waitAtMost(Duration time) {
      this.waitAtMost = notNegative("waitAtMost", time);
      return this;
    }

    /** How long {@link UsageJournal#close} waits; 10 seconds by default. */
    public Builder closeWithin(Duration time) {
      this.closeWithin = notNegative("closeWithin", time);
      return this;
    }

    /** The clock for the times of budget events; calls bring their own times. */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * The journal, with its threads started. The database is not used before there is an event.
     *
     * @throws UncheckedIOException if the directory cannot be used
     * @throws IllegalStateException if H2 is needed and not on the class path
     */
    public UsageJournal build() {
      Database opened = database.apply(BATCH_TIMEOUT);
      try {
        UsageJournal journal = new UsageJournal(this, opened);
        journal.flusher.start();
        journal.mover.start();
        return journal;
      } catch (IOException unusable) {
        opened.close();
        throw new UncheckedIOException(
            "the journal's directory " + directory + " cannot be used", unusable);
      }
    }
  }
}
