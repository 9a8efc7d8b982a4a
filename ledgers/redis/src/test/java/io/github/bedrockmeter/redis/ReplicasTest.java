// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.FaultyProxy;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A hold that replicas must have before it counts. */
class ReplicasTest {
  private static final Account DAY =
      new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static List<Hold> call(String id) {
    return List.of(new Hold(id, DAY, 1, 1_000, true));
  }

  @Test
  void aHoldThatAReplicaHasCountsAndOneThatItLacksIsGivenBackAndFails() throws Exception {
    try (RedisProcess master = RedisProcess.start();
        FaultyProxy link = FaultyProxy.to(master.port());
        RedisProcess replica = RedisProcess.start("replicaof 127.0.0.1 " + link.port());
        RedisClient client = RedisClient.create(master.uri());
        StatefulRedisConnection<String, String> toReplica = client.connect(replica.uri())) {
      Awaitility.await()
          .until(() -> client.connect().sync().info("replication").contains("state=online"));
      Ledger ledger =
          RedisLedger.builder(client.connect()).waitForReplicas(1, Duration.ofSeconds(5)).build();

      assertThat(await(ledger.hold(call("a")))).isEqualTo(HoldResult.CLEAN);

      assertThat(toReplica.sync().hget(new AccountKeys("bedrock-meter").of(DAY), "t"))
          .as("at once, without waiting for it here")
          .isEqualTo("1");
      Ledger hasty =
          RedisLedger.builder(client.connect()).waitForReplicas(1, Duration.ofMillis(200)).build();
      link.refuse(true);
      link.cut();

      List<CompletableFuture<HoldResult>> holds = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        holds.add(hasty.hold(call("lost-" + i)).toCompletableFuture());
      }
      long begin = System.nanoTime();
      for (CompletableFuture<HoldResult> hold : holds) {
        assertThatThrownBy(() -> await(hold))
            .cause()
            .isInstanceOf(LedgerUnavailableException.class)
            .hasMessageMatching(
                "Redis has a hold on 0 replicas after PT0.2S instead of 1, so it is given back;"
                    + " check the replicas, or change waitForReplicas");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("they wait together, not 40 times one after the other")
          .isLessThan(Duration.ofSeconds(4));
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(await(ledger.balances(List.of(DAY))))
                      .containsExactly(new Balance(DAY, 0, 1, 0)));
      assertThat(await(hasty.settle(call("a"), new long[] {1})).get(0).after()).isEqualTo(1);
    }
  }

  @Test
  void whatMakesNoSenseIsRefusedAtOnce() throws Exception {
    try (RedisProcess server = RedisProcess.start();
        RedisClient client = RedisClient.create(server.uri())) {
      RedisLedger.Builder builder = RedisLedger.builder(client.connect());

      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.waitForReplicas(0, Duration.ofMillis(100)))
          .withMessage(
              "replicas must be positive, for example waitForReplicas(1, Duration.ofMillis(100)): 0");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.waitForReplicas(1, Duration.ZERO))
          .withMessageContaining("PT0S");
    }
  }
}
