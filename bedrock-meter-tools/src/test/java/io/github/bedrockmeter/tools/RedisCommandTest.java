// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.tools;

import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.redis.RedisLedger;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.RedisServer;

class RedisCommandTest extends CommandContract {
  @TempDir private static Path folder;

  private static int port;
  private static RedisServer server;
  private static RedisClient client;
  private static int ledgers;

  @BeforeAll
  static void start() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    server =
        RedisServer.newRedisServer()
            .port(port)
            .bind("127.0.0.1")
            .setting("dir " + folder)
            .setting("save \"\"")
            .build();
    server.start();
    client = RedisClient.create("redis://127.0.0.1:" + port);
  }

  @AfterAll
  static void stop() throws IOException {
    client.shutdown();
    server.stop();
  }

  @Override
  Ledger newLedger() {
    ledgers++;
    return RedisLedger.builder(client.connect()).prefix("test-" + ledgers).build();
  }

  @Override
  List<String> options() {
    return List.of("--ledger", "redis://127.0.0.1:" + port, "--prefix", "test-" + ledgers);
  }
}
