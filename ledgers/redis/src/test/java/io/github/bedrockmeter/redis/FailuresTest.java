// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator reads when Redis refuses, and that it has no password and no text of a call. */
class FailuresTest {
  private static final Account DAY =
      new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  private static final String RIGHTS =
      "; grant what docs/ledgers-redis.md lists under 'A user with few rights' (NOPERM)";

  private final RedisClient client = RedisClient.create();

  @AfterEach
  void stop() {
    client.shutdown();
  }

  private static List<Hold> call() {
    return List.of(new Hold("call", DAY, 60, 1_000, true));
  }

  /** What the failure says; its cause is there, and no message has what is secret. */
  private static String message(CompletionStage<?> failing) {
    try {
      failing.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    } catch (CompletionException failed) {
      Throwable failure = Objects.requireNonNull(failed.getCause());
      assertThat(failure).isInstanceOf(LedgerUnavailableException.class);
      assertThat(failure.getCause()).as("the cause").isNotNull();
      for (Throwable at = failed; at != null; at = at.getCause()) {
        assertThat(String.valueOf(at)).doesNotContain("CANARY");
      }
      return String.valueOf(failure.getMessage());
    }
    throw new AssertionError("it did not fail");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NOAUTH Authentication required.|Redis wants a user or a password; set them in the client's"
            + " URI (NOAUTH)",
        "WRONGPASS invalid username-password pair|Redis does not accept the user or the password of"
            + " the client's URI (WRONGPASS)",
        "LOADING Redis is loading the dataset in memory|Redis has started and loads its data; it"
            + " answers when that is done (LOADING)",
        "BUSY Redis is busy running a script.|Redis is busy with another script; SCRIPT KILL ends"
            + " one that does not end (BUSY)",
        "CLUSTERDOWN Hash slot not served|The Redis cluster is down, or has no server for the"
            + " ledger's slot; check CLUSTER INFO (CLUSTERDOWN)",
        "TRYAGAIN Multiple keys request during rehashing of slot|The slot of the ledger is being"
            + " moved in the Redis cluster; it answers when that is done (TRYAGAIN)",
        "MASTERDOWN Link with MASTER is down|The Redis replica has lost its master, and does not"
            + " answer; connect to the master (MASTERDOWN)",
        "MOVED 7 10.0.0.1:6379|The slot of the ledger has moved in the Redis cluster, and the client"
            + " follows too slowly; switch on its topology refresh (MOVED)",
        "EXECABORT Transaction discarded|The connection of the ledger is in a transaction; give the"
            + " ledger a connection of its own (EXECABORT)",
        "ERR unknown CANARY of a key|Redis refused a command of the ledger; check its version, 6.2"
            + " or later, and the cause"
      })
  void eachErrorSaysWhatToDo(String error, String message) throws Exception {
    client.setOptions(ClientOptions.builder().protocolVersion(ProtocolVersion.RESP2).build());
    try (ScriptedRedis server = ScriptedRedis.failing(error.replace("CANARY", "x"))) {
      Ledger ledger = RedisLedger.over(client.connect(RedisURI.create("127.0.0.1", server.port())));

      assertThat(message(ledger.hold(call()))).isEqualTo(message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evalsha",
        "time",
        "hmget",
        "hget",
        "hset",
        "hsetnx",
        "hincrby",
        "hexists",
        "zadd",
        "pexpireat",
        "zrangebyscore"
      })
  void aMissingRightIsNamed(String command) throws Exception {
    try (RedisProcess server = RedisProcess.start()) {
      server.admit("bedrock-meter", " -" + command);
      Ledger ledger = RedisLedger.over(client.connect(server.uriOfAdmitted()));
      List<Hold> ending =
          List.of(
              new Hold(
                  "call",
                  new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.now().plusSeconds(60)),
                  1,
                  10,
                  true));

      assertThat(message(ledger.hold(ending)))
          .isEqualTo("The Redis user of the ledger lacks the right +" + command + RIGHTS);
    }
  }

  @Test
  void aMissingRightToWaitForReplicasIsNamedAndTheHoldIsGivenBack() throws Exception {
    try (RedisProcess server = RedisProcess.start()) {
      server.admit("bedrock-meter", "");
      Ledger ledger =
          RedisLedger.builder(client.connect(server.uriOfAdmitted()))
              .waitForReplicas(1, Duration.ofMillis(10))
              .build();

      assertThat(message(ledger.hold(call())))
          .isEqualTo("The Redis user of the ledger lacks the right +wait" + RIGHTS);
      Awaitility.await()
          .until(
              () -> ledger.balances(List.of(DAY)).toCompletableFuture().join().get(0).held() == 0);
    }
  }

  @Test
  void aMissingRightToReadIsNamed() throws Exception {
    try (RedisProcess server = RedisProcess.start()) {
      server.admit("bedrock-meter", " -zrange");
      Ledger ledger = RedisLedger.over(client.connect(server.uriOfAdmitted()));

      assertThat(message(ledger.find(Ledger.AccountQuery.all(1))))
          .isEqualTo("The Redis user of the ledger lacks the right +zrange" + RIGHTS);
    }
  }

  @Test
  void aServerThatIsFullSaysSo() throws Exception {
    try (RedisProcess server = RedisProcess.start("maxmemory 1")) {
      assertThat(message(RedisLedger.over(client.connect(server.uri())).hold(call())))
          .isEqualTo(
              "Redis has reached its maxmemory and takes no writes; raise maxmemory, or remove other"
                  + " data (OOM)");
    }
  }

  @Test
  void aServerThatCannotSaveSaysSo() throws Exception {
    try (RedisProcess server = RedisProcess.start("dir /proc", "save 3600 1")) {
      RedisCommands<String, String> redis = client.connect(server.uri()).sync();
      redis.bgsave();
      Awaitility.await()
          .until(() -> redis.info("persistence").contains("rdb_last_bgsave_status:err"));

      assertThat(message(RedisLedger.over(client.connect(server.uri())).hold(call())))
          .isEqualTo(
              "Redis cannot save to its disk and takes no writes; free space on the disk, and see"
                  + " the server's log (MISCONF)");
      redis.configSet("save", ""); // or it would not stop
    }
  }

  @Test
  void aServerWithTooFewReplicasSaysSo() throws Exception {
    try (RedisProcess server = RedisProcess.start("min-replicas-to-write 1")) {
      assertThat(message(RedisLedger.over(client.connect(server.uri())).hold(call())))
          .isEqualTo(
              "Redis has fewer replicas than its min-replicas-to-write, and takes no writes; check"
                  + " the replicas (NOREPLICAS)");
    }
  }

  @Test
  void aServerThatIsAReplicaSaysSo() throws Exception {
    try (RedisProcess server = RedisProcess.start("replicaof 127.0.0.1 9")) {
      assertThat(message(RedisLedger.over(client.connect(server.uri())).hold(call())))
          .startsWith("The Redis server is a replica now, and takes no writes;")
          .endsWith("(READONLY)");
    }
  }

  @Test
  void aKeyOfAnotherProgramIsSaidToBeSo() throws Exception {
    try (RedisProcess server = RedisProcess.start()) {
      client.connect(server.uri()).sync().set("{bedrock-meter}:store", "CANARY");

      assertThat(message(RedisLedger.over(client.connect(server.uri())).hold(call())))
          .isEqualTo(
              "A key with the ledger's prefix has been written by another program; choose another"
                  + " prefix for the ledger (WRONGTYPE)");
    }
  }

  @Test
  void noPasswordIsInAnyMessage() throws Exception {
    client.setOptions(
        ClientOptions.builder()
            .timeoutOptions(TimeoutOptions.enabled(Duration.ofMillis(300)))
            .build());
    try (RedisProcess server = RedisProcess.start()) {
      CommandArgs<String, String> password =
          new CommandArgs<>(StringCodec.UTF8).add("SET").add("requirepass").add("CANARY");
      client
          .connect(server.uri())
          .sync()
          .dispatch(CommandType.CONFIG, new StatusOutput<>(StringCodec.UTF8), password);
      Ledger ledger =
          RedisLedger.over(
              client.connect(RedisURI.create("redis://default:CANARY@127.0.0.1:" + server.port())));

      server.stop();

      assertThat(message(ledger.hold(call())))
          .isEqualTo(
              "Redis did not answer the ledger in time; check that it is reachable and not"
                  + " overloaded");
      server.restart();
    }
  }

  @Test
  void aClosedConnectionSaysSo() throws Exception {
    try (RedisProcess server = RedisProcess.start()) {
      StatefulRedisConnection<String, String> connection = client.connect(server.uri());
      Ledger ledger = RedisLedger.over(connection);
      connection.close();

      assertThat(message(ledger.hold(call())))
          .isEqualTo("Redis cannot be reached by the ledger; check its address and that it runs");
    }
  }
}
