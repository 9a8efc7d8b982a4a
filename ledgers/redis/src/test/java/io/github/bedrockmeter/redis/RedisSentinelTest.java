// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisSentinel;

/** A master that dies, its replica, and a sentinel that promotes it. */
class RedisSentinelTest {
  private static final Account DAY =
      new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  @Test
  void holdsOfADeadMasterAreSettledOnThePromotedReplica() throws Exception {
    try (RedisProcess master = RedisProcess.start();
        RedisProcess replica = RedisProcess.start("replicaof 127.0.0.1 " + master.port())) {
      int port = RedisProcess.freePort();
      RedisSentinel sentinel =
          RedisSentinel.newRedisSentinel()
              .bind("127.0.0.1")
              .port(port)
              .masterName("ledger")
              .masterPort(master.port())
              .quorumSize(1)
              .downAfterMilliseconds(500)
              .failOverTimeout(2_000)
              .build();
      sentinel.start();
      RedisURI uri = RedisURI.Builder.sentinel("127.0.0.1", port, "ledger").build();
      try (RedisClient client = RedisClient.create()) {
        Awaitility.await().until(() -> knowsReplica(client, port));
        Ledger ledger = RedisLedger.over(client.connect(uri));
        List<Hold> holds = List.of(new Hold("a", DAY, 60, 100, true));
        await(ledger.hold(holds));
        Awaitility.await().until(() -> hasTheHold(client, replica));
        master.stop();

        CompletionStage<List<Settled>> settled = ledger.settle(holds, new long[] {45});

        assertThat(await(settled)).containsExactly(new Settled(DAY, 0, 45));
        assertThat(await(ledger.hold(List.of(new Hold("b", DAY, 55, 100, true)))))
            .isEqualTo(HoldResult.CLEAN);
        try (StatefulRedisConnection<String, String> promoted = client.connect(replica.uri())) {
          assertThat(await(RedisLedger.over(promoted).balances(List.of(DAY))))
              .containsExactly(new Balance(DAY, 45, 55, 0));
        }
      } finally {
        sentinel.stop();
      }
    }
  }

  @Test
  void writesThatAFailoverLosesAreNoticedAndDenyCalls() throws Exception {
    try (RedisProcess master = RedisProcess.start();
        RedisProcess replica = RedisProcess.start("replicaof 127.0.0.1 " + master.port())) {
      int port = RedisProcess.freePort();
      RedisSentinel sentinel =
          RedisSentinel.newRedisSentinel()
              .bind("127.0.0.1")
              .port(port)
              .masterName("ledger")
              .masterPort(master.port())
              .quorumSize(1)
              .downAfterMilliseconds(1_000)
              .failOverTimeout(2_000)
              .build();
      sentinel.start();
      RedisURI uri = RedisURI.Builder.sentinel("127.0.0.1", port, "ledger").build();
      try (RedisClient client = RedisClient.create()) {
        Awaitility.await().until(() -> knowsReplica(client, port));
        Ledger ledger = RedisLedger.over(client.connect(uri));
        List<Hold> kept = List.of(new Hold("kept", DAY, 10, 100, true));
        List<Hold> lost = List.of(new Hold("lost", DAY, 60, 100, true));
        await(ledger.hold(kept));
        Awaitility.await().until(() -> hasTheHold(client, replica));
        stopReplicating(client, replica);
        await(ledger.hold(lost));
        master.stop();

        assertThat(await(ledger.settle(lost, new long[] {45})))
            .containsExactly(new Settled(DAY, 0, 45, true));
        assertThatThrownBy(() -> await(ledger.hold(List.of(new Hold("b", DAY, 1, 100, true)))))
            .cause()
            .isInstanceOf(LedgerUnavailableException.class)
            .hasMessageContaining("Redis has lost what the ledger had stored");
        assertThat(await(ledger.settle(kept, new long[] {5})))
            .containsExactly(new Settled(DAY, 45, 50));
      } finally {
        sentinel.stop();
      }
    }
  }

  /** Cuts its link to the master, where it cannot log in again. */
  private static void stopReplicating(RedisClient client, RedisProcess replica) {
    try (StatefulRedisConnection<String, String> direct = client.connect(replica.uri())) {
      direct.sync().configSet("masteruser", "unknown");
      direct.sync().configSet("masterauth", "unknown");
      direct.sync().clientKill(KillArgs.Builder.typeMaster());
    }
  }

  private static boolean knowsReplica(RedisClient client, int sentinel) {
    try (var connection = client.connectSentinel(RedisURI.create("127.0.0.1", sentinel))) {
      return connection.sync().replicas("ledger").size() == 1;
    }
  }

  private static boolean hasTheHold(RedisClient client, RedisProcess replica) {
    try (StatefulRedisConnection<String, String> direct = client.connect(replica.uri())) {
      return !await(RedisLedger.over(direct).openHolds(DAY)).isEmpty();
    }
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage
        .toCompletableFuture()
        .orTimeout(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS)
        .join();
  }
}
