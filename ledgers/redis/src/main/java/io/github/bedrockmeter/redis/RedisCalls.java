// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Sends scripts and commands, and says what their failures mean: an {@link ArithmeticException} is
 * a sum that would overflow, a {@link LedgerUnavailableException} everything else. No method throws
 * or blocks. Thread-safe.
 */
final class RedisCalls {
  private static final Log log = Log.to(LoggerFactory.getLogger(RedisCalls.class));

  private final RedisClusterAsyncCommands<String, String> redis;
  private final Supplier<CompletionStage<?>> leave;
  private final Consumer<String> hangUp;
  private final Silence silence = new Silence();
  private final AtomicBoolean isLeaving = new AtomicBoolean();

  /**
   * Calls on a connection.
   *
   * @param leave makes the server close the connection
   * @param hangUp closes the socket to the server that has a key, so that the client connects anew
   */
  RedisCalls(
      RedisClusterAsyncCommands<String, String> redis,
      Supplier<CompletionStage<?>> leave,
      Consumer<String> hangUp) {
    this.redis = redis;
    this.leave = leave;
    this.hangUp = hangUp;
  }

  /** Has the server know a script, by running it; if that fails, the first use of it does so. */
  CompletableFuture<List<Object>> load(Script script, String[] keys, String[] arguments) {
    return LedgerSupport.answer(
        () -> redis.eval(script.text(), ScriptOutputType.MULTI, keys, arguments));
  }

  /** Runs a script by its digest; by its text where the server does not know it yet. */
  CompletableFuture<List<Object>> run(Script script, String[] keys, String[] arguments) {
    if (silence.isTooLongAt(System.nanoTime())) {
      leaveSilentServer(keys[0]);
    }
    CompletableFuture<List<Object>> reply =
        LedgerSupport.<List<Object>>answer(
                () -> redis.evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments))
            .exceptionallyCompose(
                failure ->
                    LedgerSupport.unwrapped(failure) instanceof RedisNoScriptException
                        ? load(script, keys, arguments)
                        : CompletableFuture.failedFuture(failure))
            .whenComplete(
                (answer, failure) -> {
                  if (isReply(failure)) {
                    silence.end();
                  }
                  leaveReplica(failure);
                });
    return explained(script, reply);
  }

  /** Waits until so many replicas have what this connection wrote. Returns how many have it. */
  CompletionStage<Long> await(int replicas, Duration time) {
    return redis.waitForReplication(replicas, time.toMillis());
  }

  /** Whatever this goes wrong with, the command is sent. */
  private void leaveSilentServer(String key) {
    try {
      log.warn(
          "Nothing was heard from Redis for {} while commands were sent; its connection is closed"
              + " and made anew",
          Silence.LONGEST);
      hangUp.accept(key);
    } catch (RuntimeException failure) {
      log.warn("The connection to Redis could not be closed", failure);
    }
  }

  private static boolean isReply(@Nullable Throwable failure) {
    return failure == null
        || LedgerSupport.unwrapped(failure) instanceof RedisCommandExecutionException;
  }

  /** All members of a sorted set. */
  CompletableFuture<List<String>> members(String key) {
    return explained(null, LedgerSupport.answer(() -> redis.zrange(key, 0, -1)));
  }

  /**
   * A server that was demoted keeps its connections. When it closes ours, the client connects anew
   * and finds the present master; what was under way is sent again. This is requested once, however
   * many commands the server refused: a later request would close the next connection.
   */
  private void leaveReplica(@Nullable Throwable failure) {
    if (failure != null
        && LedgerSupport.unwrapped(failure) instanceof RedisCommandExecutionException refused
        && String.valueOf(refused.getMessage()).contains("READONLY")
        && isLeaving.compareAndSet(false, true)) {
      leave.get().whenComplete((answer, failed) -> isLeaving.set(false));
    }
  }

  private static <T> CompletableFuture<T> explained(
      @Nullable Script script, CompletableFuture<T> reply) {
    return reply.exceptionallyCompose(
        failure ->
            CompletableFuture.failedFuture(
                Failures.meaning(script, LedgerSupport.unwrapped(failure))));
  }
}
