// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.redis.RedisLedger;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

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
}
