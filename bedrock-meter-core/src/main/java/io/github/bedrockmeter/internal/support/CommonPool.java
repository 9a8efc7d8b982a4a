// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/**
 * The JDK's common pool, for what must not run on the thread that happens to be there. Where it has
 * but one thread, {@code CompletableFuture} would start a thread for each task in its place; this
 * does not.
 */
public final class CommonPool {
  public static final Executor EXECUTOR = task -> ForkJoinPool.commonPool().execute(task);

  private CommonPool() {}
}
