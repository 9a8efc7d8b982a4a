// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Unit;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/**
 * One of several processes that share budgets: holds and settles from some threads, while one long
 * call is in flight all the time. Before it settles a call it prints its id, what it is charged and
 * in how many accounts, so that whoever reads that knows what may be charged, even if this process
 * is killed.
 */
final class Worker {
  static final long LIMIT = 8_000;
  static final Account SHARED = new Account("shared", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  private static final int THREADS = 3;

  private final String name;
  private final Ledger ledger;

  private Worker(String name, Ledger ledger) {
    this.name = name;
    this.ledger = ledger;
  }

  /** The account that only one worker uses. */
  static Account ownOf(String worker) {
    return new Account("own", Unit.TOKENS, "worker=" + worker, Instant.EPOCH, Instant.MAX);
  }

  /** Arguments: endpoint, table, name, calls of each thread. */
  public static void main(String[] args) throws Exception {
    try (DynamoDbAsyncClient client =
        LocalDynamoDb.newClient(URI.create(args[0]), settings -> {})) {
      Worker worker = new Worker(args[2], DynamoDbLedger.over(client, args[1]));
      List<Hold> longCall = List.of(new Hold(args[2] + ".long", SHARED, 40, LIMIT, true));
      worker.hold(longCall);
      worker.callInParallel(Integer.parseInt(args[3]));
      worker.settle(longCall, 40);
    }
  }

  private void callInParallel(int calls) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> running = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int seed = thread;
      running.add(threads.submit(() -> call(seed, calls)));
    }
    threads.shutdown();
    for (Future<?> thread : running) {
      thread.get();
    }
  }

  private void call(int seed, int calls) {
    Random random = new Random(name.hashCode() * 31L + seed);
    for (int i = 0; i < calls; i++) {
      String id = name + "." + seed + "." + i;
      long amount = random.nextLong(1, 41);
      List<Hold> holds = new ArrayList<>();
      holds.add(new Hold(id, SHARED, amount, LIMIT, true));
      if (random.nextInt(4) == 0) {
        holds.add(new Hold(id, ownOf(name), amount, LIMIT, true));
      }
      if (hold(holds)) {
        settle(holds, random.nextLong(amount + 1));
      }
    }
  }

  private boolean hold(List<Hold> holds) {
    return ledger.hold(holds).toCompletableFuture().join() instanceof HoldResult.Held;
  }

  private void settle(List<Hold> holds, long actual) {
    System.out.println(holds.get(0).id() + " " + actual + " " + holds.size());
    long[] actuals = holds.stream().mapToLong(hold -> actual).toArray();
    ledger.settle(holds, actuals).toCompletableFuture().join();
  }
}
