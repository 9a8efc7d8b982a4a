// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Lease.Slice;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A ledger that holds slices on a remote ledger and serves calls from them in memory; see {@link
 * Ledger#leased(Ledger, Duration)}. Thread-safe; it never blocks a caller, except one who closes
 * it.
 *
 * <ul>
 *   <li>{@link #hold} is answered at once from a slice, or when the remote ledger has answered for
 *       a new one. Only the remote ledger refuses.
 *   <li>{@link #settle} is answered at once, with before and after the same: what was settled when
 *       the remote ledger was last heard of, or zero. As many settlements as there are slices with
 *       something spent wait instead until their slice is settled, an interval at most, and tell
 *       its step: so one caller in the fleet sees a threshold passed.
 *   <li>{@link #balances}, {@link #find}, {@link #openHolds}, {@link #release} and {@link #adjust}
 *       ask the remote ledger. There a slice is one open hold, whose id begins with {@code lease-},
 *       and counts as held in full until it is settled.
 * </ul>
 *
 * <p>Slices are settled at least once in each interval, which must be far shorter than the time
 * after which the remote ledger takes a hold for abandoned.
 */
public final class LeasedLedger implements Ledger, AutoCloseable {
  /*
   * One lock for all accounts: it is held for less than a microsecond, and calls to Bedrock are
   * thousands a second at most. It makes several accounts one atomic step, and keeps the order of
   * those who wait. Nobody else's code runs under it: what must be called is put into the outbox and
   * run when the lock is free.
   *
   * The remote ledger is asked for all slices that a call lacks at once, so all or none stays its
   * promise. Callers who lack a slice that is being asked for wait behind the one who asked, and try
   * again in their order when the answer is there.
   *
   * An answer can be lost. A slice whose answer is lost is asked for again under its id, which holds
   * it once, or released; a settlement is repeated until it is answered.
   *
   * There is no clock. Every interval the ledger turns: slices that were spent from are replaced and
   * settled, slices nobody used are given back, and a window that has ended is one nobody uses.
   */
  private static final Duration ANSWER_TIME = Duration.ofSeconds(10);

  private static final Duration CLOSING_TIME = Duration.ofSeconds(10);

  /** From the third round on, exactly what is needed is asked for. */
  private static final int EXACT = 2;

  /** So often is a caller refused who would fit into what is said to be left. */
  private static final int MOST_ROUNDS = 8;

  private static final CompletableFuture<HoldResult> CLEAN =
      CompletableFuture.completedFuture(HoldResult.CLEAN);

  private final Ledger remote;
  private final Executor afterInterval;
  private final Duration answerTime;
  private final String idPrefix = "lease-" + UUID.randomUUID() + "-";
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Lease.Key, Lease> leases = new HashMap<>();
  private final List<Runnable> outbox = new ArrayList<>();
  private final CompletableFuture<@Nullable Void> returned = new CompletableFuture<>();
  private long slices;
  private boolean turning;
  private boolean closed;

  LeasedLedger(Ledger remote, Duration interval) {
    this(
        remote,
        CompletableFuture.delayedExecutor(
            checked(interval).toNanos(),
            TimeUnit.NANOSECONDS,
            // As itself it would be replaced by a thread for each task, where it has one thread.
            task -> ForkJoinPool.commonPool().execute(task)),
        ANSWER_TIME);
  }

  /**
   * A ledger for tests.
   *
   * @param afterInterval runs what it is given when an interval has passed
   * @param answerTime how long the remote ledger may take before its answer counts as lost
   */
  LeasedLedger(Ledger remote, Executor afterInterval, Duration answerTime) {
    this.remote = Objects.requireNonNull(remote, "remote");
    this.afterInterval = afterInterval;
    this.answerTime = answerTime;
  }

  private static Duration checked(Duration interval) {
    if (interval.compareTo(Duration.ofMillis(1)) < 0
        || interval.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException(
          "an interval is between a millisecond and a minute: " + interval);
    }
    return interval;
  }

  /** Leaves the lock, then does what was put off. */
  private void unlock() {
    List<Runnable> due = outbox.isEmpty() ? List.of() : List.copyOf(outbox);
    outbox.clear();
    lock.unlock();
    for (Runnable each : due) {
      each.run();
    }
  }

  @Override
  public CompletionStage<HoldResult> hold(List<Hold> holds) {
    lock.lock();
    try {
      Lease[] touched = leasesOf(holds);
      for (int i = 0; i < touched.length; i++) {
        touched[i].demands(holds.get(i).amount());
      }
      if (!closed && lackIn(holds, touched) < 0) {
        take(holds, touched);
        return CLEAN;
      }
      Waiter waiter = new Waiter(holds);
      serve(waiter);
      return waiter.answer;
    } finally {
      unlock();
    }
  }

  private Lease[] leasesOf(List<Hold> holds) {
    Lease[] found = new Lease[holds.size()];
    for (int i = 0; i < found.length; i++) {
      Hold hold = holds.get(i);
      Lease.Key key = new Lease.Key(hold.account(), hold.limit());
      Lease lease = leases.get(key);
      if (lease == null) {
        lease = new Lease(key);
        leases.put(key, lease);
        turnLater();
      }
      found[i] = lease;
    }
    return found;
  }

  private void turnLater() {
    if (!turning) {
      turning = true;
      outbox.add(() -> afterInterval.execute(this::turn));
    }
  }

  /** The first lease that has too little for these holds; -1 if all have enough. */
  private static int lackIn(List<Hold> holds, Lease[] touched) {
    for (int i = 0; i < touched.length; i++) {
      if (lacks(holds, touched, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean lacks(List<Hold> holds, Lease[] touched, int at) {
    return !touched[at].isOpen(holds.get(at).id())
        && !touched[at].serves(amount(holds, touched, at));
  }

  /** What these holds take together from one of the leases. */
  private static long amount(List<Hold> holds, Lease[] touched, int at) {
    long sum = 0;
    for (int i = 0; i < touched.length; i++) {
      if (touched[i] == touched[at] && !touched[i].isOpen(holds.get(i).id())) {
        sum = Math.addExact(sum, holds.get(i).amount());
      }
    }
    return sum;
  }

  private static void take(List<Hold> holds, Lease[] touched) {
    for (int i = 0; i < touched.length; i++) {
      touched[i].take(holds.get(i));
    }
  }

  /** A caller who waits for slices. */
  private static final class Waiter {
    final List<Hold> holds;
    final List<Shortfall> overruns = new ArrayList<>(0);
    final CompletableFuture<HoldResult> answer = new CompletableFuture<>();
    int round;

    Waiter(List<Hold> holds) {
      this.holds = holds;
    }
  }

  /** A question to the remote ledger, and who waits for its answer. */
  static final class Ask {
    private final @Nullable Waiter first;
    private final List<Part> parts = new ArrayList<>(1);
    private final List<Waiter> others = new ArrayList<>(0);
    private final int round;

    /**
     * A question.
     *
     * @param first whose holds it is for; null if it is for no new call
     * @param round how often it was refused before
     */
    private Ask(@Nullable Waiter first, int round) {
      this.first = first;
      this.round = round;
    }

    boolean isUnawaited() {
      return first == null && others.isEmpty();
    }

    private @Nullable Part part(Hold sliceHold) {
      for (Part part : parts) {
        if (part.slice != null && part.slice.hold.id().equals(sliceHold.id())) {
          return part;
        }
      }
      return null;
    }
  }

  /** One slice of a question. */
  private static final class Part {
    final Lease lease;
    final @Nullable Hold hold;
    final long needed;
    final boolean enforced;
    @Nullable Slice slice;
    @Nullable Long available;

    /**
     * A slice to ask for.
     *
     * @param hold what it is for; null if it is for no new call
     * @param needed the least that helps
     */
    Part(Lease lease, @Nullable Hold hold, long needed, boolean enforced) {
      this.lease = lease;
      this.hold = hold;
      this.needed = needed;
      this.enforced = enforced;
    }
  }

  /** Takes the holds of a caller, or lets him wait for the slices that he lacks. */
  private void serve(Waiter waiter) {
    if (closed) {
      fail(waiter, new IllegalStateException("the leased ledger is closed"));
      return;
    }
    List<Hold> holds = waiter.holds;
    Lease[] touched = leasesOf(holds);
    int lacking = lackIn(holds, touched);
    if (lacking < 0) {
      take(holds, touched);
      HoldResult held = waiter.overruns.isEmpty() ? HoldResult.CLEAN : new Held(waiter.overruns);
      outbox.add(() -> waiter.answer.complete(held));
      return;
    }
    for (int i = lacking; i < touched.length; i++) {
      Ask asked = touched[i].ask;
      if (asked != null && lacks(holds, touched, i)) {
        asked.others.add(waiter);
        return;
      }
    }
    Ask ask = new Ask(waiter, waiter.round);
    for (int i = lacking; i < touched.length; i++) {
      Lease lease = touched[i];
      if (lease.ask == null && lacks(holds, touched, i)) {
        Hold hold = holds.get(i);
        long needed = Math.max(0, amount(holds, touched, i) - lease.free());
        put(ask, new Part(lease, hold, needed, hold.enforced()));
      }
    }
    send(ask);
  }

  private static void put(Ask ask, Part part) {
    ask.parts.add(part);
    part.lease.ask = ask;
  }

  private void fail(Waiter waiter, Throwable failure) {
    outbox.add(() -> waiter.answer.completeExceptionally(failure));
  }

  /**
   * Asks the remote ledger, once the lock is free and all who wait are known; first to release what
   * it was asked for in vain. No id is used twice: whatever is still under way about the first
   * slice would be about the second one too.
   */
  private void send(Ask ask) {
    outbox.add(
        () -> {
          List<Hold> unsure = doubtful(ask);
          if (unsure.isEmpty()) {
            request(ask);
            return;
          }
          inTime(asked(() -> remote.settle(unsure, new long[unsure.size()])))
              .whenComplete(
                  (released, failure) -> {
                    if (released != null) {
                      forgetDoubtful(ask);
                      request(ask);
                    } else {
                      answered(ask, null, failure);
                    }
                  });
        });
  }

  private List<Hold> doubtful(Ask ask) {
    lock.lock();
    try {
      List<Hold> doubtful = new ArrayList<>(0);
      for (Part part : ask.parts) {
        if (part.lease.doubtful != null) {
          doubtful.add(part.lease.doubtful.hold);
        }
      }
      return doubtful;
    } finally {
      unlock();
    }
  }

  private void forgetDoubtful(Ask ask) {
    lock.lock();
    try {
      for (Part part : ask.parts) {
        part.lease.doubtful = null;
      }
    } finally {
      unlock();
    }
  }

  private void request(Ask ask) {
    List<Hold> holds = new ArrayList<>(ask.parts.size());
    lock.lock();
    try {
      for (Part part : ask.parts) {
        part.slice = sliceFor(ask, part);
        holds.add(part.slice.hold);
      }
    } finally {
      unlock();
    }
    CompletableFuture<HoldResult> answer = asked(() -> remote.hold(holds));
    inTime(answer)
        .whenComplete(
            (result, failure) -> {
              if (failure instanceof TimeoutException) {
                answer.thenAccept(late -> takenLate(ask, late));
              }
              answered(ask, result, failure);
            });
  }

  private Slice sliceFor(Ask ask, Part part) {
    Lease lease = part.lease;
    long amount = part.needed;
    if (ask.round == 0) {
      amount = lease.wanted(withOthers(ask, part));
    } else if (ask.round < EXACT) {
      amount = lease.atMostLeft(amount, withOthers(ask, part));
    }
    boolean enforced = part.enforced || amount > part.needed;
    Lease.Key key = lease.key();
    return new Slice(new Hold(idPrefix + ++slices, key.account(), amount, key.limit(), enforced));
  }

  /** What a part needs for all who wait for it by now. */
  private static long withOthers(Ask ask, Part part) {
    long sum = part.needed;
    for (Waiter other : ask.others) {
      for (Hold hold : other.holds) {
        if (part.lease.key().limit() == hold.limit()
            && part.lease.key().account().equals(hold.account())) {
          sum = Math.addExact(sum, hold.amount());
        }
      }
    }
    return sum;
  }

  private static <T> CompletableFuture<T> asked(Supplier<CompletionStage<T>> question) {
    try {
      return question.get().toCompletableFuture();
    } catch (Throwable failure) { // of whatever kind: somebody waits
      return CompletableFuture.failedFuture(failure);
    }
  }

  private <T> CompletableFuture<T> inTime(CompletableFuture<T> answer) {
    return answer.isDone()
        ? answer
        : answer.copy().orTimeout(answerTime.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void answered(Ask ask, @Nullable HoldResult result, @Nullable Throwable failure) {
    lock.lock();
    try {
      for (Part part : ask.parts) {
        part.lease.ask = null;
      }
      if (result instanceof Held held) {
        granted(ask, held);
      } else if (result instanceof Refused refused) {
        refused(ask, refused);
      } else if (result instanceof HoldResult.Full full) {
        full(ask, full);
      } else {
        lost(ask, failure != null ? failure : new IllegalStateException("it answered null"));
      }
      for (Part part : ask.parts) {
        tend(part.lease, result instanceof Held);
        if (!(result instanceof Held) && ask.first == null) {
          dismiss(part.lease);
        }
      }
      finishIfReturned();
    } finally {
      unlock();
    }
  }

  /** Which holds of a caller cannot be taken, by what the remote ledger has just said is left. */
  private static List<Shortfall> shortfalls(Ask ask, Waiter waiter) {
    List<Shortfall> shortfalls = new ArrayList<>(1);
    for (Hold hold : waiter.holds) {
      for (Part part : ask.parts) {
        Lease.Key key = part.lease.key();
        if (part.available != null
            && hold.enforced()
            && key.limit() == hold.limit()
            && key.account().equals(hold.account())
            && !part.lease.isOpen(hold.id())) {
          long available = part.available + part.lease.free();
          if (hold.amount() > available) {
            shortfalls.add(new Shortfall(hold, available));
          }
        }
      }
    }
    return shortfalls;
  }

  private void granted(Ask ask, Held held) {
    for (Shortfall overrun : held.overruns()) {
      Part part = ask.part(overrun.hold());
      if (part != null && part.hold != null && ask.first != null) {
        ask.first.overruns.add(new Shortfall(part.hold, overrun.available() + part.lease.free()));
      }
    }
    for (Part part : ask.parts) {
      part.lease.grant(Objects.requireNonNull(part.slice));
    }
    if (ask.first != null) {
      serve(ask.first);
    }
    ask.others.forEach(this::serve);
  }

  private void refused(Ask ask, Refused refused) {
    for (Shortfall shortfall : refused.shortfalls()) {
      Part part = ask.part(shortfall.hold());
      if (part != null) {
        part.available = shortfall.available();
        part.lease.left(shortfall.available());
      }
    }
    if (ask.first != null) {
      ask.first.round++;
      serveOrRefuse(ask, ask.first);
    } else if (ask.round < EXACT) {
      replaceByLess(ask);
    }
    for (Waiter other : ask.others) {
      serveOrRefuse(ask, other);
    }
  }

  /** Tries again for less, unless what is left is too little. */
  private void serveOrRefuse(Ask ask, Waiter waiter) {
    List<Shortfall> shortfalls = shortfalls(ask, waiter);
    if (!shortfalls.isEmpty()) {
      outbox.add(() -> waiter.answer.complete(new Refused(shortfalls)));
    } else if (waiter.round < MOST_ROUNDS) {
      serve(waiter);
    } else {
      fail(waiter, new IllegalStateException("the remote ledger refuses what it says is left"));
    }
  }

  private void replaceByLess(Ask ask) {
    Part part = ask.parts.get(0);
    if (part.needed > 0 && part.available != null && part.needed <= part.available) {
      Ask less = new Ask(null, EXACT);
      put(less, new Part(part.lease, null, part.needed, true));
      send(less);
    }
  }

  private void full(Ask ask, HoldResult.Full full) {
    Waiter first = ask.first;
    if (first != null) {
      outbox.add(() -> first.answer.complete(full));
    }
    ask.others.forEach(this::serve);
  }

  /** Nobody knows whether the slices are held. */
  private void lost(Ask ask, Throwable failure) {
    for (Part part : ask.parts) {
      if (part.slice != null) {
        part.lease.doubtful = part.slice;
      }
    }
    if (ask.first != null) {
      fail(ask.first, failure);
    }
    ask.others.forEach(other -> fail(other, failure));
  }

  /**
   * A slice that is held after it was given up is given back, whatever was done about it before.
   */
  private void takenLate(Ask ask, HoldResult late) {
    if (!(late instanceof Held)) {
      return;
    }
    lock.lock();
    try {
      for (Part part : ask.parts) {
        Slice slice = Objects.requireNonNull(part.slice);
        part.lease.giveBack(slice);
        settle(part.lease, slice);
      }
    } finally {
      unlock();
    }
  }

  /**
   * Settles the slices that can be, and sets aside what calls cost beyond their estimates, which no
   * limit refuses.
   */
  private void tend(Lease lease, boolean mayAsk) {
    for (Slice slice : lease.settleable()) {
      settle(lease, slice);
    }
    if (mayAsk && lease.ask == null && lease.free() < 0) {
      Ask ask = new Ask(null, EXACT);
      put(ask, new Part(lease, null, -lease.free(), false));
      send(ask);
    }
  }

  private void settle(Lease lease, Slice slice) {
    slice.underWay = true;
    outbox.add(
        () ->
            inTime(asked(() -> remote.settle(List.of(slice.hold), new long[] {slice.charge})))
                .whenComplete((steps, failure) -> settled(lease, slice, steps, failure)));
  }

  private void settled(
      Lease lease, Slice slice, @Nullable List<Settled> steps, @Nullable Throwable failure) {
    lock.lock();
    try {
      slice.underWay = false;
      if (steps != null) {
        Tally told = lease.told(slice, steps.get(0));
        if (told != null) {
          outbox.add(told::complete);
        }
      } else {
        Throwable why = failure != null ? failure : new IllegalStateException("it answered null");
        Tally failed = lease.failed(slice);
        if (failed != null) {
          outbox.add(() -> failed.fail(why));
        }
      }
      finishIfReturned();
    } finally {
      unlock();
    }
  }

  /** Slices that were to be settled cannot be yet, so nobody waits for them. */
  private void dismiss(Lease lease) {
    if (lease.ask == null) {
      for (Tally tally : lease.dismissed()) {
        outbox.add(tally::complete);
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A hold that was not taken here is settled on the remote ledger.
   */
  @Override
  public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
    for (int i = 0; i < actuals.length; i++) {
      if (actuals[i] < 0) {
        throw new IllegalArgumentException(
            "negative settlement of " + holds.get(i) + ": " + actuals[i]);
      }
    }
    Tally tally = new Tally(holds);
    lock.lock();
    try {
      for (int i = 0; i < actuals.length; i++) {
        Hold hold = holds.get(i);
        Lease lease = leases.get(new Lease.Key(hold.account(), hold.limit()));
        if (lease != null && lease.settle(hold.id(), actuals[i])) {
          tend(lease, true);
          lease.answer(tally, i);
        } else {
          settleThere(tally, i, hold, actuals[i]);
        }
      }
      return tally.answer();
    } finally {
      unlock();
    }
  }

  private void settleThere(Tally tally, int at, Hold hold, long actual) {
    tally.await();
    outbox.add(
        () ->
            asked(() -> remote.settle(List.of(hold), new long[] {actual}))
                .whenComplete(
                    (steps, failure) -> {
                      if (steps != null) {
                        settledThere(tally, at, steps.get(0));
                      } else {
                        tally.fail(
                            failure != null
                                ? failure
                                : new IllegalStateException("it answered null"));
                      }
                    }));
  }

  private void settledThere(Tally tally, int at, Settled step) {
    lock.lock();
    try {
      tally.tell(at, step);
      if (tally.arrived()) {
        outbox.add(tally::complete);
      }
    } finally {
      unlock();
    }
  }

  /** An interval has passed. */
  private void turn() {
    lock.lock();
    try {
      turning = false;
      turnAll();
    } finally {
      unlock();
    }
  }

  private void turnAll() {
    for (Lease lease : leases.values()) {
      turn(lease);
    }
    leases.values().removeIf(Lease::isOver);
    if (!leases.isEmpty()) {
      turnLater();
    }
    finishIfReturned();
  }

  private void turn(Lease lease) {
    lease.turn(closed);
    for (Slice slice : lease.unsettled()) {
      settle(lease, slice);
    }
    if (lease.isIdle()) {
      if (lease.ask == null) {
        Slice dropped = lease.dropDoubtful();
        if (dropped != null) {
          settle(lease, dropped);
        }
      }
      tend(lease, true);
    }
    if (lease.ask == null && lease.hasStuckSlices()) {
      replace(lease);
    }
    if (lease.ask == null) {
      tend(lease, true);
      dismiss(lease);
    }
  }

  /** Asks for a slice in the place of those that are due, so that no caller has to wait for it. */
  private void replace(Lease lease) {
    long needed = lease.replacement();
    if (lease.wanted(needed) > 0) {
      Ask ask = new Ask(null, 0);
      put(ask, new Part(lease, null, needed, true));
      send(ask);
    }
  }

  @Override
  public CompletionStage<List<Balance>> balances(List<Account> accounts) {
    return remote.balances(accounts);
  }

  @Override
  public CompletionStage<List<Balance>> find(AccountQuery query) {
    return remote.find(query);
  }

  @Override
  public CompletionStage<List<OpenHold>> openHolds(Account account) {
    return remote.openHolds(account);
  }

  @Override
  public CompletionStage<Balance> release(OpenHold hold) {
    return remote.release(hold);
  }

  @Override
  public CompletionStage<Settled> adjust(Account account, long delta) {
    return remote.adjust(account, delta);
  }

  /**
   * Gives back all slices, waiting ten seconds at most for the remote ledger. New holds fail from
   * now on. What open holds need stays held, and is settled when they are; settlements go on being
   * tried while the JVM lives.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      turnAll();
    } finally {
      unlock();
    }
    try {
      returned.get(CLOSING_TIME.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException stillTrying) {
      // Shown as held, and as abandoned in the end, by the remote ledger.
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void finishIfReturned() {
    if (closed && leases.values().stream().allMatch(Lease::isReturned)) {
      outbox.add(() -> returned.complete(null));
    }
  }
}
