// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OnceFor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The scopes of tags that are open on a thread. Thread-safe. */
public final class TagScope {
  /*
   * What a thread keeps is a reference of the JDK's, which is empty as soon as no scope is open. A
   * thread of a pool outlives an application that is undeployed; were one of our classes left on
   * it, it would keep the application's class loader.
   *
   * The reference is shared with what closes the scope, so that a scope closed on another thread,
   * as by the last operator of a reactive chain, ends there and then for the thread that opened it.
   * To throw instead would turn an answer that was paid for into an exception.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(TagScope.class));
  private static final OnceFor<String> CLOSED_ELSEWHERE = new OnceFor<>(100);

  private static final ThreadLocal<@Nullable AtomicReference<@Nullable Level>> CURRENT =
      new ThreadLocal<>();

  private TagScope() {}

  /**
   * One scope on a thread.
   *
   * @param key what closes it
   * @param own the tags it was opened with
   * @param adds whether its tags are laid over those of the scopes around it, or stand alone
   * @param outer the scope around it
   * @param all the tags of calls made in it
   */
  private record Level(Object key, Tags own, boolean adds, @Nullable Level outer, Tags all) {
    static Level within(@Nullable Level outer, Object key, Tags own, boolean adds) {
      return new Level(key, own, adds, outer, adds && outer != null ? own.over(outer.all) : own);
    }
  }

  /** The tags of the scopes open on this thread. */
  public static Tags current() {
    AtomicReference<@Nullable Level> scopes = CURRENT.get();
    Level level = scopes == null ? null : scopes.get();
    return level == null ? Tags.none() : level.all;
  }

  /** Opens a scope within those on this thread. What is returned closes it, any number of times. */
  public static Runnable open(Tags tags) {
    return open(tags, true);
  }

  /** Like {@link #open}, with these tags in place of those of the scopes around it. */
  public static Runnable replace(Tags tags) {
    return open(tags, false);
  }

  private static Runnable open(Tags tags, boolean adds) {
    Objects.requireNonNull(tags, "tags");
    AtomicReference<@Nullable Level> known = CURRENT.get();
    AtomicReference<@Nullable Level> scopes = known == null ? new AtomicReference<>() : known;
    Object key = new Object();
    scopes.updateAndGet(outer -> Level.within(outer, key, tags, adds));
    CURRENT.set(scopes);
    return () -> close(scopes, key);
  }

  private static void close(AtomicReference<@Nullable Level> scopes, Object key) {
    Level before = scopes.getAndUpdate(level -> without(level, key));
    if (CURRENT.get() == scopes) {
      if (scopes.get() == null) {
        CURRENT.remove();
      }
      return;
    }
    Level closed = find(before, key);
    if (closed != null) {
      warn(closed.own);
    }
  }

  private static @Nullable Level find(@Nullable Level innermost, Object key) {
    Level level = innermost;
    while (level != null && level.key != key) {
      level = level.outer;
    }
    return level;
  }

  /** The scopes that stay open; the same instance if the scope is not among them. */
  private static @Nullable Level without(@Nullable Level innermost, Object key) {
    Deque<Level> inner = new ArrayDeque<>();
    Level level = innermost;
    while (level != null && level.key != key) {
      inner.push(level);
      level = level.outer;
    }
    if (level == null) {
      return innermost;
    }
    Level rest = level.outer;
    while (!inner.isEmpty()) {
      Level kept = inner.pop();
      rest = Level.within(rest, kept.key, kept.own, kept.adds);
    }
    return rest;
  }

  private static void warn(Tags tags) {
    String names = String.join(", ", tags.asMap().keySet());
    if (CLOSED_ELSEWHERE.isFirst(names)) {
      log.warn(
          "A scope of tags ({}) was closed on thread {}, which did not open it; until then calls of"
              + " the thread that opened it had its tags",
          names,
          Thread.currentThread().getName());
    }
  }

  /** A task that runs with the tags of this thread's scopes, and no others, wherever it runs. */
  public static Runnable carrying(Runnable task) {
    Objects.requireNonNull(task, "task");
    Tags tags = current();
    return () -> {
      Runnable close = replace(tags);
      try {
        task.run();
      } finally {
        close.run();
      }
    };
  }

  /** Like {@link #carrying(Runnable)}. */
  public static <T> Callable<T> carrying(Callable<T> task) {
    Objects.requireNonNull(task, "task");
    Tags tags = current();
    return () -> {
      Runnable close = replace(tags);
      try {
        return task.call();
      } finally {
        close.run();
      }
    };
  }
}
