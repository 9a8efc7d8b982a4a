// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.redis.RedisLedger;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/**
 * The scripts of the Redis ledger, sent by Lettuce alone: the commands that the ledger sends for
 * one call are recorded and sent again with other ids. Thread-safe.
 *
 * @param redis a connection of its own
 */
record BareLoop(RedisAsyncCommands<String, String> redis, Sent hold, Sent settlement)
    implements LedgerCaller {
  /** The id of the call that is recorded. */
  static final String RECORDED = "recorded";

  /** A script, its keys and its arguments. */
  private record Sent(String digest, String[] keys, String[] values) {
    void again(RedisAsyncCommands<String, String> redis, String id) throws Exception {
      String[] changed = values.clone();
      for (int i = 0; i < changed.length; i++) {
        if (changed[i].equals(RECORDED)) {
          changed[i] = id;
        }
      }
      redis.evalsha(digest, ScriptOutputType.MULTI, keys, changed).get();
    }
  }

  /** A loop that repeats the commands with which a ledger takes and settles these holds. */
  static BareLoop like(RedisClient client, List<Hold> holds, long[] actuals) {
    StatefulRedisConnection<String, String> connection = client.connect();
    List<Sent> sent = new ArrayList<>();
    RedisLedger ledger = RedisLedger.over(recording(connection, sent));
    ledger.hold(holds).toCompletableFuture().join();
    ledger.settle(holds, actuals).toCompletableFuture().join();
    return new BareLoop(connection.async(), sent.get(0), sent.get(1));
  }

  @SuppressWarnings("unchecked") // a proxy of a generic type
  private static StatefulRedisConnection<String, String> recording(
      StatefulRedisConnection<String, String> connection, List<Sent> sent) {
    RedisAsyncCommands<String, String> commands = connection.async();
    RedisAsyncCommands<String, String> recorder =
        proxy(
            RedisAsyncCommands.class,
            (proxy, method, args) -> {
              if (method.getName().equals("evalsha")) {
                sent.add(new Sent((String) args[0], (String[]) args[2], (String[]) args[3]));
              }
              return method.invoke(commands, args);
            });
    return proxy(
        StatefulRedisConnection.class,
        (proxy, method, args) ->
            method.getName().equals("async") ? recorder : method.invoke(connection, args));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @Override
  public void hold(String id) throws Exception {
    hold.again(redis, id);
  }

  @Override
  public void settle(String id) throws Exception {
    settlement.again(redis, id);
  }
}
