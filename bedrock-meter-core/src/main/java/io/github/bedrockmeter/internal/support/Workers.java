// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OnceFor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The threads of a meter for code that it did not write, where the thread at hand belongs to all:
 * the one on which a remote ledger answers, or the JDK's timer. Thread-safe.
 */
public final class Workers implements Executor, AutoCloseable {
  /*
   * What runs here may block for as long as it likes: a caller's continuation, a listener. So there
   * is a thread for each task up to a bound, idle ones first, and beyond the bound tasks wait in
   * line. A plain ThreadPoolExecutor would do either of the two: start no thread while its queue has
   * room, or refuse what is beyond the bound. Hence a queue that takes a task only when a thread
   * waits for one, and that the refused tasks are put into.
   *
   * The threads are daemons and end after ten seconds without work, so a meter that is never closed
   * leaves none behind, and one over a ledger in memory never starts any. After close() they end as
   * soon as they have no work; what still arrives then is done all the same, since calls may be made
   * through a closed meter and must be settled.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(Workers.class));

  private static final int MOST_THREADS = 200;
  private static final long IDLE_SECONDS = 10;
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final @Nullable Executor given;
  private final ThreadPoolExecutor own;
  private final OnceFor<Class<?>> refusals = new OnceFor<>(10);

  /**
   * Threads of its own, or those of an executor.
   *
   * @param given where tasks run; null for threads of its own
   */
  public Workers(@Nullable Executor given) {
    this.given = given;
    LinkedTransferQueue<Runnable> line =
        new LinkedTransferQueue<>() {
          private static final long serialVersionUID = 1L;

          @Override
          public boolean offer(Runnable task) {
            return tryTransfer(task);
          }
        };
    this.own =
        new ThreadPoolExecutor(
            0,
            MOST_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            line,
            Workers::thread,
            (task, pool) -> line.put(task));
  }

  private static Thread thread(Runnable work) {
    // It inherits no thread-local values of the call that happened to need it.
    Thread thread = new Thread(null, work, "bedrock-meter-" + NUMBERS.incrementAndGet(), 0, false);
    thread.setDaemon(true);
    return thread;
  }

  /** Runs a task soon, on another thread. Never throws: a task may be the end of a call. */
  @Override
  public void execute(Runnable task) {
    if (given != null) {
      try {
        given.execute(task);
        return;
      } catch (Throwable refused) {
        if (refusals.isFirst(refused.getClass())) {
          log.warn(
              "The meter's executor refused a task, which runs on a thread of the meter instead",
              refused);
        }
      }
    }
    try {
      own.execute(task);
    } catch (Throwable noThread) { // out of memory for threads
      CommonPool.EXECUTOR.execute(task);
    }
  }

  /** The stage if it has completed; else one whose dependents run here, not where it completes. */
  public <T> CompletableFuture<T> handOver(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    return future.isDone() ? future : future.whenCompleteAsync((result, failure) -> {}, this);
  }

  /** How many threads there are now, those of a given executor apart. */
  int threads() {
    return own.getPoolSize();
  }

  /** Ends idle threads, and the others when they have no more work. */
  @Override
  public void close() {
    own.setKeepAliveTime(0, TimeUnit.SECONDS);
  }
}
