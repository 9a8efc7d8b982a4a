// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.LedgerContract;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** One server. Every test has a prefix of its own on it. */
class RedisLedgerTest extends LedgerContract {
  private static final AtomicInteger PREFIXES = new AtomicInteger();
  private static RedisProcess server;
  private static RedisClient client;

  private final String prefix = "test-" + PREFIXES.incrementAndGet();

  @BeforeAll
  static void start() throws Exception {
    server = RedisProcess.start();
    client = RedisClient.create(server.uri());
  }

  @AfterAll
  static void stop() throws Exception {
    client.shutdown();
    server.close();
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
}
