// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.redis.RedisLedger;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RedisCommandTest extends CommandContract {
  private static RedisProcess server;
  private static RedisClient client;
  private static int ledgers;

  @BeforeAll
  static void start() throws IOException {
    server = RedisProcess.start();
    client = RedisClient.create(server.uri());
  }

  @AfterAll
  static void stop() throws IOException {
    client.shutdown();
    server.close();
  }

  @Override
  Ledger newLedger() {
    ledgers++;
    return RedisLedger.builder(client.connect()).prefix("test-" + ledgers).build();
  }

  @Override
  List<String> options() {
    String url = "redis://127.0.0.1:" + server.port();
    return List.of("--ledger", url, "--prefix", "test-" + ledgers);
  }

  @Test
  void aLossIsAcceptedWithYesAndKeepsWhoAndWhy() {
    Account day = new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    List<Hold> call = List.of(new Hold("call", day, 1, 10, true));
    Ledger ledger = newLedger();
    ledger.hold(call).toCompletableFuture().join();
    client.connect().sync().flushall();
    assertThatThrownBy(() -> ledger.hold(call).toCompletableFuture().join())
        .hasMessageContaining("bedrock-meter accept-loss");

    assertThat(accept().lines(0))
        .containsExactly("nothing was changed; add --yes to accept what the store has now");
    assertThat(accept("--yes").lines(0)).containsExactly("accepted; calls pass again");

    assertThat(ledger.hold(call).toCompletableFuture().join()).isEqualTo(HoldResult.CLEAN);
    assertThat(client.connect().sync().zrange("{test-" + ledgers + "}:corrections", 0, -1))
        .singleElement()
        .asString()
        .startsWith("accept-loss by anna: disk lost; ");
    assertThat(accept("--yes").lines(0))
        .containsExactly("accepted, although no process had noticed a loss");
  }

  private Ran accept(String... more) {
    List<String> command = new ArrayList<>(options());
    command.addAll(List.of("accept-loss", "--by", "anna", "--reason", "disk lost"));
    command.addAll(List.of(more));
    return Ran.command(List.of(), command.toArray(String[]::new));
  }
}
