// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.support.RedisProcess;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A cluster of three masters. Every test has a prefix, and so a slot, of its own in it. */
class RedisClusterLedgerTest extends LedgerContract {
  private static final AtomicInteger PREFIXES = new AtomicInteger();
  private static final List<RedisProcess> NODES = new ArrayList<>();
  private static final RedisClient DIRECT = RedisClient.create();
  private static RedisClusterClient client;

  private final String prefix = "test-" + PREFIXES.incrementAndGet();

  @BeforeAll
  static void start() throws Exception {
    for (int i = 0; i < 3; i++) {
      NODES.add(RedisProcess.start("cluster-enabled yes", "cluster-node-timeout 2000"));
    }
    for (int i = 0; i < 3; i++) {
      int first = SlotHash.SLOT_COUNT * i / 3;
      int end = SlotHash.SLOT_COUNT * (i + 1) / 3;
      onNode(i, node -> node.clusterAddSlots(IntStream.range(first, end).toArray()));
      onNode(i, node -> node.clusterMeet("127.0.0.1", NODES.get(0).port()));
    }
    for (int i = 0; i < 3; i++) {
      int number = i;
      Awaitility.await()
          .until(() -> onNode(number, node -> node.clusterInfo()).contains("cluster_state:ok"));
    }
    client = RedisClusterClient.create(NODES.get(0).uri());
  }

  private static <T> T onNode(int number, Function<RedisCommands<String, String>, T> work) {
    try (StatefulRedisConnection<String, String> node = DIRECT.connect(NODES.get(number).uri())) {
      return work.apply(node.sync());
    }
  }

  @AfterAll
  static void stop() throws Exception {
    client.shutdown();
    DIRECT.shutdown();
    for (RedisProcess node : NODES) {
      node.close();
    }
  }

  @Override
  protected Ledger newLedger() {
    return builder().build();
  }

  private RedisLedger.Builder builder() {
    return RedisLedger.builder(client.connect()).prefix(prefix);
  }

  @Override
  protected Ledger another(Ledger ledger) {
    return builder().build();
  }

  @Override
  protected Ledger impatientLedger() {
    return builder().abandonAfter(Duration.ofMillis(300)).build();
  }

  @Test
  void prefixesSpreadOverTheMasters() {
    for (int i = 0; i < 30; i++) {
      Ledger ledger = RedisLedger.builder(client.connect()).prefix("spread-" + i).build();
      List<Hold> holds =
          List.of(
              new Hold("a", account("one"), 1, 10, true),
              new Hold("a", account("two"), 1, 10, true));
      assertThat(ledger.hold(holds).toCompletableFuture().join()).isEqualTo(HoldResult.CLEAN);
    }

    for (int i = 0; i < 3; i++) {
      List<String> keys = onNode(i, node -> node.keys("{spread-*"));
      assertThat(keys).isNotEmpty();
    }
  }

  @Test
  void waitingForReplicasIsRefusedInACluster() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().waitForReplicas(1, Duration.ofMillis(100)))
        .withMessageContaining("min-replicas-to-write");
  }

  @Test
  void aFlushedSlotIsNoticedAndAccepted() {
    RedisLedger ledger = builder().build();
    List<Hold> call = List.of(new Hold("a", account("day"), 60, 100, true));
    ledger.hold(call).toCompletableFuture().join();
    for (int i = 0; i < 3; i++) {
      onNode(i, RedisCommands::flushall);
    }

    assertThat(ledger.settle(call, new long[] {45}).toCompletableFuture().join())
        .containsExactly(new Settled(account("day"), 0, 45, true));
    assertThatThrownBy(() -> ledger.hold(call).toCompletableFuture().join())
        .hasMessageContaining("Redis has lost what the ledger had stored");
    assertThat(ledger.acceptLoss(new Correction("anna", "known")).toCompletableFuture().join())
        .isTrue();
    assertThat(ledger.hold(List.of(new Hold("b", account("day"), 55, 100, true))))
        .succeedsWithin(Duration.ofSeconds(30))
        .isEqualTo(HoldResult.CLEAN);
  }

  /** Lettuce has another connection to the same server, by its id in the cluster. */
  @Test
  void theSocketThatIsClosedIsTheOneOfTheLedgersCommands() {
    StatefulRedisClusterConnection<String, String> connection = client.connect();
    String key = "{" + prefix + "}:accounts";
    connection.sync().strlen(key);
    List<String> before = clientsThatSentStrlen();
    assertThat(before).hasSize(1);

    Connections.hangUp(connection, key);

    Awaitility.await().until(() -> clientsThatSentStrlen().isEmpty());
    connection.sync().strlen(key);
    assertThat(clientsThatSentStrlen()).hasSize(1).doesNotContainAnyElementsOf(before);
    connection.close();
  }

  private static List<String> clientsThatSentStrlen() {
    return IntStream.range(0, 3)
        .boxed()
        .flatMap(i -> onNode(i, RedisCommands::clientList).lines())
        .filter(line -> line.contains("cmd=strlen"))
        .map(line -> line.split(" ", 2)[0])
        .toList();
  }

  @Test
  void aUserOfAClusterNeedsNoMoreThanTheDocumentedRights() {
    for (RedisProcess node : NODES) {
      node.admit(prefix, " +cluster +info +client +asking");
    }
    try (RedisClusterClient asMeter = RedisClusterClient.create(NODES.get(1).uriOfAdmitted())) {
      Ledger ledger = RedisLedger.builder(asMeter.connect()).prefix(prefix).build();
      List<Hold> holds = List.of(new Hold("a", account("day"), 60, 100, true));

      assertThat(ledger.hold(holds).toCompletableFuture().join()).isEqualTo(HoldResult.CLEAN);
      assertThat(ledger.settle(holds, new long[] {45}).toCompletableFuture().join())
          .containsExactly(new Settled(account("day"), 0, 45));
    }
  }
}
