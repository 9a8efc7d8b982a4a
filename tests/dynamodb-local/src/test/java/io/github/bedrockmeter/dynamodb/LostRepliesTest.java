// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/** The write was applied and its reply was lost: nothing is taken, charged or given back twice. */
class LostRepliesTest {
  private static final Account SHARED =
      new Account("shared", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  private static final Account OWN =
      new Account("own", Unit.TOKENS, "team=search", Instant.EPOCH, Instant.MAX);

  private final FaultyNetwork network = new FaultyNetwork();

  private static Balance balance(Ledger ledger, Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0);
  }

  @Test
  void whatTheSdkRepeatsIsDoneOnce() {
    try (DynamoDbAsyncClient client =
        LocalDynamoDb.newClient(o -> o.addExecutionInterceptor(network))) {
      Ledger ledger = DynamoDbLedger.over(client, LocalDynamoDb.newTable());
      Hold one = new Hold("one", SHARED, 60, 200, true);
      List<Hold> two =
          List.of(new Hold("two", SHARED, 30, 200, true), new Hold("two", OWN, 30, 100, true));

      loseTheFirstReply();
      assertThat(ledger.hold(List.of(one)).toCompletableFuture().join())
          .isEqualTo(HoldResult.CLEAN);
      loseTheFirstReply();
      assertThat(ledger.hold(two).toCompletableFuture().join()).isEqualTo(HoldResult.CLEAN);
      assertThat(balance(ledger, SHARED)).isEqualTo(new Balance(SHARED, 0, 90, 0));

      loseTheFirstReply();
      ledger.settle(List.of(one), new long[] {45}).toCompletableFuture().join();
      assertThat(balance(ledger, SHARED)).isEqualTo(new Balance(SHARED, 45, 30, 0));

      loseTheFirstReply();
      OpenHold open = ledger.openHolds(SHARED).toCompletableFuture().join().get(0);
      ledger.release(open).toCompletableFuture().join();
      assertThat(balance(ledger, SHARED)).isEqualTo(new Balance(SHARED, 45, 0, 0));

      loseTheFirstReply();
      assertThat(ledger.adjust(SHARED, 5).toCompletableFuture().join())
          .isEqualTo(new Settled(SHARED, 45, 50));
      assertThat(balance(ledger, SHARED)).isEqualTo(new Balance(SHARED, 50, 0, 0));
    }
  }

  private void loseTheFirstReply() {
    AtomicInteger writes = new AtomicInteger();
    network.lose(request -> FaultyNetwork.isWrite(request) && writes.getAndIncrement() == 0);
  }

  @Test
  void whatTheCallerRepeatsIsDoneOnceAndNothingGoesMissing() {
    Random random = new Random(7);
    try (DynamoDbAsyncClient client =
        LocalDynamoDb.newClient(
            o -> o.addExecutionInterceptor(network).retryStrategy(AwsRetryStrategy.doNotRetry()))) {
      Ledger ledger = DynamoDbLedger.over(client, LocalDynamoDb.newTable());
      network.lose(request -> FaultyNetwork.isWrite(request) && random.nextInt(3) == 0);
      Map<String, Long> unknown = new HashMap<>();
      long settled = 0;
      int refused = 0;
      for (int i = 0; i < 150; i++) {
        long amount = random.nextLong(1, 21);
        List<Hold> holds = new ArrayList<>();
        holds.add(new Hold("call-" + i, SHARED, amount, 600, true));
        if (i % 2 == 0) {
          holds.add(new Hold("call-" + i, OWN, amount, 600, true));
        }
        try {
          if (ledger.hold(holds).toCompletableFuture().join() instanceof HoldResult.Held) {
            long actual = random.nextLong(amount + 1);
            settleUntilAnswered(ledger, holds, actual);
            settled += actual;
          } else {
            refused++;
          }
        } catch (CompletionException lost) {
          unknown.put("call-" + i, amount);
        }
        Balance now = balance(ledger, SHARED);
        assertThat(now.settled() + now.held()).isLessThanOrEqualTo(600);
      }

      long leftOpen = unknown.values().stream().mapToLong(Long::longValue).sum();
      assertThat(refused).isPositive();
      assertThat(unknown).hasSizeGreaterThan(10);
      Balance end = balance(ledger, SHARED);
      assertThat(end.settled()).isEqualTo(settled);
      assertThat(end.held()).isLessThanOrEqualTo(leftOpen);
      assertThat(ledger.openHolds(SHARED).toCompletableFuture().join())
          .isNotEmpty()
          .allSatisfy(hold -> assertThat(unknown).containsEntry(hold.id(), hold.amount()));
    }
  }

  private static void settleUntilAnswered(Ledger ledger, List<Hold> holds, long actual) {
    long[] actuals = new long[holds.size()];
    Arrays.fill(actuals, actual);
    for (int attempt = 0; attempt < 50; attempt++) {
      try {
        ledger.settle(holds, actuals).toCompletableFuture().join();
        return;
      } catch (CompletionException lost) {
        // Again: repeating it is safe, which is what is tested.
      }
    }
    throw new AssertionError("no reply in 50 attempts");
  }
}
