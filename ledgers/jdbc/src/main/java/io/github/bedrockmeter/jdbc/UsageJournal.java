// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.event.DenialEvent;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.SettlementFailedEvent;
import io.github.bedrockmeter.event.ThresholdEvent;
import io.github.bedrockmeter.event.UsageEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes every call into a database, exactly once: counts, money, outcome, tags and ids, never text
 * of a prompt or a completion. Also what budgets said: denials, thresholds, failed settlements.
 *
 * <p>An event goes to a local file first and from there, in batches, to the database; while the
 * database is away, the files wait. What was in a file survives the end of the JVM, {@code kill -9}
 * included, and is written by the next journal that is opened on the directory; ids tell what is
 * there already. Between an event and its file lies at most the {@linkplain Builder#flushInterval
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
  private static final Logger log = LoggerFactory.getLogger(UsageJournal.class);
  private static final int BATCH = 500;
  private static final long SEGMENT_BYTES = 8 << 20;

  /** Events that come within so long become one batch. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How long the database may take for one batch, before its connection is given up. */
  private static final Duration BATCH_TIMEOUT = Duration.ofSeconds(30);

  /** What happens to an event that finds the queue full. */
  public enum Overflow {
    /** Its caller waits for room. Nothing is lost, and a disk that is stuck stops callers. */
    WAIT,
    /** It is dropped and counted. */
    DROP
  }

  private final Database database;
  private final Schema schema;
  private final Path directory;
  private final Spill spill;
  private final @Nullable H2File file;
  private final long intervalNanos;
  private final int queueCapacity;
  private final Overflow overflow;
  private final Duration closeWithin;
  private final InstantSource clock;
  private final Thread flusher;
  private final Thread mover;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Condition room = lock.newCondition();
  // Guarded by the lock.
  private final Deque<Supplier<JournalEntry>> queue = new ArrayDeque<>();
  private boolean spilled = true;
  private boolean closing;
  private long closingSince;
  private boolean ended;

  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong pending = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  // Of the flushing thread.
  private boolean directoryFails;
  private boolean flushFails;

  // Guarded by this.
  private @Nullable JournalTables tables;
  private @Nullable Dialect dialect;
  private volatile long pauseNanos;

  private UsageJournal(Builder builder) throws IOException {
    this.database = new Database(builder.dataSource, BATCH_TIMEOUT);
    this.schema = Schema.journal(builder.tablePrefix);
    this.directory = builder.directory;
    this.spill = Spill.open(builder.directory, builder.forceToDisk, SEGMENT_BYTES);
    this.file = builder.file;
    this.intervalNanos = builder.flushInterval.toNanos();
    this.queueCapacity = builder.queueCapacity;
    this.overflow = builder.overflow;
    this.closeWithin = builder.closeWithin;
    this.clock = builder.clock;
    this.flusher = thread("flush", this::flushUntilClosed);
    this.mover = thread("move", this::moveUntilClosed);
  }

  private static Thread thread(String work, Runnable loop) {
    Thread thread = new Thread(loop, "bedrock-meter-journal-" + work);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * A journal in a database, with the defaults of {@link Builder}. The database need not be there
   * yet.
   *
   * @param directory where events wait for the database; created if it does not exist. Several
   *     processes may share one.
   * @throws UncheckedIOException if the directory cannot be used
   */
  public static UsageJournal over(DataSource dataSource, Path directory) {
    return builder(dataSource, directory).open();
  }

  /**
   * A journal in an H2 file, for one process at a time; events wait in the directory {@code
   * <file>.journal}.
   *
   * @param file without H2's suffix {@code .mv.db}; may be that of a {@link JdbcLedger}
   * @throws IllegalStateException if H2 is not on the class path
   */
  public static UsageJournal file(Path file) {
    return builder(file).open();
  }

  /** A builder of a journal in a database, whose connections should come from a pool. */
  public static Builder builder(DataSource dataSource, Path directory) {
    return new Builder(dataSource, directory, null);
  }

  /** A builder of a journal in an H2 file, as {@link #file} opens it. */
  public static Builder builder(Path file) {
    H2File opened = H2File.open(file);
    Path directory = file.resolveSibling(file.getFileName() + ".journal");
    return new Builder(opened.dataSource(), directory, opened);
  }

  @Override
  public void onUsage(UsageEvent event) {
    accept(() -> JournalEntry.of(event));
  }

  @Override
  public void onDenied(DenialEvent event) {
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(event, now));
  }

  @Override
  public void onThreshold(ThresholdEvent event) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(event, id, now));
  }

  @Override
  public void onBudgetChanged(BudgetChange change) {
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(change, id, now));
  }

  @Override
  public void onSettlementFailed(SettlementFailedEvent event) {
    Instant now = clock.instant();
    accept(() -> JournalEntry.of(event, now));
  }

  /**
   * Takes an event.
   *
   * @param event what is kept of it; asked again when an attempt to keep it fails, and answers the
   *     same, its id above all
   */
  private void accept(Supplier<JournalEntry> event) {
    if (intervalNanos == 0) {
      acceptIntoFile(event);
    } else {
      lock.lock();
      try {
        enqueue(event);
      } finally {
        lock.unlock();
      }
    }
  }

  private void acceptIntoFile(Supplier<JournalEntry> event) {
    byte[] record = recordOrNull(event);
    if (record == null) {
      dropped.incrementAndGet();
      return;
    }
    lock.lock();
    try {
      if (ended || !queue.isEmpty() || !appendNow(record)) {
        enqueue(event);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Puts a record into a file, under the lock; answers whether it is there. */
  private boolean appendNow(byte[] record) {
    try {
      spill.append(List.of(record));
    } catch (Throwable full) {
      // The flushing thread meets it too, and says so.
      return false;
    }
    accepted.incrementAndGet();
    pending.incrementAndGet();
    tellMover();
    return true;
  }

  private static byte @Nullable [] recordOrNull(Supplier<JournalEntry> event) {
    try {
      return event.get().toBytes();
    } catch (RuntimeException | LinkageError | StackOverflowError odd) {
      log.error("An event cannot be written and is dropped", odd);
      return null;
    }
  }

  /** Puts an event into the queue, under the lock. */
  private void enqueue(Supplier<JournalEntry> event) {
    while (queue.size() >= queueCapacity && overflow == Overflow.WAIT && !closing) {
      room.awaitUninterruptibly();
    }
    boolean full = queue.size() >= queueCapacity && overflow == Overflow.DROP;
    if (full || ended) {
      if (dropped.getAndIncrement() == 0) {
        log.error("An event is dropped, because the journal {}", full ? "is full" : "is closed");
      }
      return;
    }
    queue.add(event);
    accepted.incrementAndGet();
    pending.incrementAndGet();
    if (queue.size() == 1 || queue.size() == queueCapacity / 2) {
      news.signalAll();
    }
  }

  /** Says, under the lock, that there is something in the files. */
  private void tellMover() {
    if (!spilled) {
      spilled = true;
      news.signalAll();
    }
  }

  /** Moves events from the queue into files, once in each interval. */
  private void flushUntilClosed() {
    boolean last = false;
    while (!last) {
      try {
        boolean over = awaitEvents();
        boolean flushed = flush();
        last = over && (flushed || pastClosing());
        flushFails = false;
      } catch (Throwable failure) {
        last = pastClosing();
        keepFlushing(failure);
      }
    }
    lock.lock();
    try {
      ended = true;
      dropped.addAndGet(queue.size());
      pending.addAndGet(-queue.size());
      queue.clear();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing ends the thread that makes room for callers: what failed is still in the queue. */
  private void keepFlushing(Throwable failure) {
    if (!flushFails) {
      log.error("The journal's queue could not be emptied; it is tried again", failure);
    }
    flushFails = true;
    LockSupport.parkNanos(FIRST_PAUSE_NANOS);
  }

  /** Waits for an event and then for the interval; answers whether the journal is being closed. */
  private boolean awaitEvents() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closing) {
        news.awaitUninterruptibly();
      }
      await(
          () -> closing || queue.size() >= queueCapacity / 2, Math.max(intervalNanos, PAUSE_NANOS));
      return closing;
    } finally {
      lock.unlock();
    }
  }

  /** Waits, under the lock, until something holds or the time has passed. */
  private void await(BooleanSupplier over, long nanos) {
    long left = nanos;
    while (left > 0 && !over.getAsBoolean()) {
      try {
        left = news.awaitNanos(left);
      } catch (InterruptedException notByUs) {
        return;
      }
    }
  }

  /** Moves what is in the queue now into files; answers whether nothing is left. */
  private boolean flush() {
    List<Supplier<JournalEntry>> events = queued();
    for (int from = 0; from < events.size(); from += BATCH) {
      if (!flush(events.subList(from, Math.min(events.size(), from + BATCH)))) {
        return false;
      }
    }
    return queued().isEmpty();
  }

  private List<Supplier<JournalEntry>> queued() {
    lock.lock();
    try {
      return List.copyOf(queue);
    } finally {
      lock.unlock();
    }
  }

  /** Moves the oldest events of the queue into a file or, if that fails, the database. */
  private boolean flush(List<Supplier<JournalEntry>> events) {
    List<byte[]> records = new ArrayList<>(events.size());
    for (Supplier<JournalEntry> event : events) {
      byte[] record = recordOrNull(event);
      if (record != null) {
        records.add(record);
      }
    }
    boolean inFile = append(records);
    if (!inFile && !write(entries(records))) {
      LockSupport.parkNanos(PAUSE_NANOS);
      return false;
    }
    int odd = events.size() - records.size();
    lock.lock();
    try {
      for (int i = 0; i < events.size(); i++) {
        queue.remove();
      }
      dropped.addAndGet(odd);
      pending.addAndGet(-odd);
      if (inFile) {
        tellMover();
      } else {
        written.addAndGet(records.size());
        pending.addAndGet(-records.size());
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
    return true;
  }

  private boolean append(List<byte[]> records) {
    try {
      spill.append(records);
      directoryFails = false;
      return true;
    } catch (Throwable failure) {
      if (!directoryFails) {
        log.error("The journal's directory takes no events; they go to the database", failure);
      }
      directoryFails = true;
      return false;
    }
  }

  /** Moves records from files into the database, until the journal is closed. */
  private void moveUntilClosed() {
    adopt();
    boolean last = false;
    while (!last) {
      boolean moved = false;
      try {
        last = awaitRecords();
        moved = moveSealed();
        if (moved) {
          spill.seal();
          moved = moveSealed();
        }
      } catch (Throwable failure) {
        // Nothing ends the thread that empties the files, the driver's errors least of all.
        away(failure);
      }
      if (!moved) {
        tryAgain();
      }
    }
    release();
  }

  private void adopt() {
    try {
      spill.adopt(pending::addAndGet);
    } catch (Throwable failure) {
      log.error(
          "Some of what earlier processes left in the journal's directory stays there", failure);
    }
  }

  private void tryAgain() {
    lock.lock();
    try {
      spilled = true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for records, and for the database's pause; answers whether no more will come. */
  private boolean awaitRecords() {
    lock.lock();
    try {
      while (!spilled && !ended) {
        news.awaitUninterruptibly();
      }
      await(() -> ended, Math.max(PAUSE_NANOS, pauseNanos));
      spilled = false;
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Moves all sealed segments; answers whether none is left. */
  private boolean moveSealed() throws IOException {
    Spill.Segment segment = spill.oldest();
    while (segment != null) {
      if (pastClosing() || !move(segment)) {
        return false;
      }
      segment = spill.oldest();
    }
    return true;
  }

  private boolean move(Spill.Segment segment) throws IOException {
    if (!Files.exists(segment.path())) {
      log.error("{} is gone, and the {} events in it", segment.path(), segment.records());
      spill.remove(segment, false);
      dropped.addAndGet(segment.records());
      pending.addAndGet(-segment.records());
      return true;
    }
    Spill.Contents contents = Spill.read(segment.path());
    List<JournalEntry> entries = entries(contents.records());
    for (int from = 0; from < entries.size(); from += BATCH) {
      if (!write(entries.subList(from, Math.min(entries.size(), from + BATCH)))) {
        return false;
      }
    }
    if (contents.damagedAt() >= 0) {
      log.error(
          "{} has no whole record at byte {}, as after the end of a process in mid-write; {} before"
              + " it are in the database, and the file is kept as .damaged",
          segment.path(),
          contents.damagedAt(),
          entries.size());
    }
    int unread = contents.records().size() - entries.size();
    spill.remove(segment, contents.damagedAt() >= 0 || unread > 0);
    written.addAndGet(entries.size());
    pending.addAndGet(-segment.records());
    return true;
  }

  private static List<JournalEntry> entries(List<byte[]> records) {
    List<JournalEntry> entries = new ArrayList<>(records.size());
    for (byte[] bytes : records) {
      try {
        entries.add(JournalEntry.fromBytes(bytes));
      } catch (IOException unknown) {
        log.error("A record cannot be read; its file is kept as .damaged", unknown);
      }
    }
    return entries;
  }

  /** Writes entries into the database for good; answers whether it did. */
  private synchronized boolean write(List<JournalEntry> entries) {
    try {
      if (tables == null || dialect == null) {
        dialect = schema.migrate(database);
        tables = new JournalTables(schema, dialect);
      }
      insert(tables, entries);
      Dialect durable = dialect;
      database.transact(
          connection -> {
            durable.makeDurable(connection);
            return true;
          });
      if (pauseNanos > 0) {
        log.info("The journal's database is back");
        pauseNanos = 0;
      }
      return true;
    } catch (Throwable failure) {
      away(failure);
      return false;
    }
  }

  /** Inserts entries; what the database refuses for its data does not keep back the others. */
  private void insert(JournalTables into, List<JournalEntry> entries) throws SQLException {
    try {
      database.transact(connection -> into.insert(connection, entries));
    } catch (SQLException failure) {
      if (!Database.isRefusedData(failure)) {
        throw failure;
      }
      if (entries.size() == 1) {
        setAside(entries.get(0), failure);
        return;
      }
      for (JournalEntry entry : entries) {
        insert(into, List.of(entry));
      }
    }
  }

  private void setAside(JournalEntry entry, SQLException refusal) {
    Path aside = directory.resolve("refused.jsonl");
    log.error("The database refuses event {}; it is kept in {}", entry.id(), aside, refusal);
    try {
      String line = new String(entry.toBytes(), StandardCharsets.UTF_8) + "\n";
      Files.writeString(aside, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private synchronized void away(Throwable failure) {
    if (pauseNanos == 0) {
      log.warn("The journal's database takes no events; they wait in files", failure);
    }
    pauseNanos = Math.min(Math.max(FIRST_PAUSE_NANOS, 2 * pauseNanos), LONGEST_PAUSE_NANOS);
  }

  private void release() {
    try {
      spill.close();
    } catch (IOException | RuntimeException failure) {
      log.warn("The journal's directory was not closed", failure);
    }
    if (file != null) {
      file.close();
    }
  }

  private boolean pastClosing() {
    lock.lock();
    try {
      return closing && System.nanoTime() - closingSince > closeWithin.toNanos();
    } finally {
      lock.unlock();
    }
  }

  /** Events that were taken: each is in the queue, in a file or in the database. */
  public long accepted() {
    return accepted.get();
  }

  /**
   * Events that are in the database, among them those left by earlier processes; also the few, if
   * any, that it refused and that are in the directory's {@code refused.jsonl}.
   */
  public long written() {
    return written.get();
  }

  /** Events that are not in the database yet, among them those left by earlier processes. */
  public long pending() {
    return pending.get();
  }

  /**
   * Events that are lost: the queue was full and set to drop, the journal was closed, or somebody
   * deleted their file.
   */
  public long dropped() {
    return dropped.get();
  }

  /**
   * Waits, for about ten seconds unless set otherwise, until all events are in the database; if it
   * is away, only until they are in files. Events that are told afterwards are dropped and counted.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closing) {
        closing = true;
        closingSince = System.nanoTime();
      }
      news.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      // Both stop by themselves when that time is over, unless they hang in a disk or a driver.
      long patience = closeWithin.toMillis() + 1_000;
      long start = System.nanoTime();
      flusher.join(patience);
      mover.join(Math.max(1, patience - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (pending.get() > 0) {
      log.warn("The journal closes with {} events that wait in files", pending.get());
    }
  }

  /** Opens a journal. Mutable, confined to one thread. */
  public static final class Builder {
    private final DataSource dataSource;
    private final Path directory;
    private String tablePrefix = Schema.defaultPrefix();
    private Duration flushInterval = Duration.ofMillis(200);
    private boolean forceToDisk;
    private int queueCapacity = 10_000;
    private Overflow overflow = Overflow.WAIT;
    private Duration closeWithin = Duration.ofSeconds(10);
    private InstantSource clock = InstantSource.system();
    private final @Nullable H2File file;

    private Builder(DataSource dataSource, Path directory, @Nullable H2File file) {
      this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
      this.directory = Objects.requireNonNull(directory, "directory");
      this.file = file;
    }

    /** What the tables' names begin with; {@code bedrock_meter_} by default. */
    public Builder tablePrefix(String prefix) {
      this.tablePrefix = Schema.checkedPrefix(prefix);
      return this;
    }

    /**
     * How long an event may be in memory alone; 200 ms by default. Zero: it is in a file, as far as
     * the operating system is concerned, before the listener's method returns.
     */
    public Builder flushInterval(Duration interval) {
      if (interval.isNegative()) {
        throw new IllegalArgumentException("a flush interval is not negative: " + interval);
      }
      this.flushInterval = interval;
      return this;
    }

    /**
     * Whether each write to a file waits until the disk has it, so that it survives a power
     * failure; false by default, which survives the end of the JVM. With an interval of zero every
     * call then waits for the disk.
     */
    public Builder forceToDisk(boolean force) {
      this.forceToDisk = force;
      return this;
    }

    /** How many events may be in memory; 10,000 by default. */
    public Builder queueCapacity(int events) {
      if (events < 1) {
        throw new IllegalArgumentException("a queue takes an event at least: " + events);
      }
      this.queueCapacity = events;
      return this;
    }

    /** What happens to an event that finds the queue full; {@link Overflow#WAIT} by default. */
    public Builder onOverflow(Overflow overflow) {
      this.overflow = Objects.requireNonNull(overflow, "overflow");
      return this;
    }

    /** How long {@link UsageJournal#close} waits; 10 seconds by default. */
    public Builder closeWithin(Duration time) {
      if (time.isNegative()) {
        throw new IllegalArgumentException("closing takes no negative time: " + time);
      }
      this.closeWithin = time;
      return this;
    }

    /** The clock that tells when a budget said something; calls bring their own times. */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Opens the journal and starts its threads. The database is not asked before there is an event.
     *
     * @throws UncheckedIOException if the directory cannot be used
     */
    public UsageJournal open() {
      try {
        UsageJournal journal = new UsageJournal(this);
        journal.flusher.start();
        journal.mover.start();
        return journal;
      } catch (IOException unusable) {
        if (file != null) {
          file.close();
        }
        throw new UncheckedIOException(
            "the journal's directory " + directory + " cannot be used", unusable);
      }
    }
  }
}
