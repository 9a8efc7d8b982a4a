// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.FakeTime;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.LedgerContract;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

class DynamoDbLedgerContractTest extends LedgerContract {
  private static LocalDynamoDb dynamo;
  private static DynamoDbAsyncClient otherClient;

  private final FakeTime time = FakeTime.at("2026-11-23T12:00:00Z");
  private final Map<Ledger, String> tables = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    dynamo = LocalDynamoDb.start();
    otherClient = LocalDynamoDb.client(dynamo.endpoint());
  }

  @AfterAll
  static void stop() {
    otherClient.close();
    dynamo.close();
  }

  private Ledger open(DynamoDbAsyncClient client, String table, Duration abandonAfter) {
    Ledger ledger =
        DynamoDbLedger.builder(client, table)
            .abandonAfter(abandonAfter)
            // DynamoDB Local deletes by its own clock, and the contract's windows stand still.
            .grace(Duration.ofDays(36_500))
            .clock(time)
            .build();
    tables.put(ledger, table);
    return ledger;
  }

  @Override
  protected Ledger newLedger() {
    return open(dynamo.client(), dynamo.newTable(), Duration.ofHours(1));
  }

  @Override
  protected Ledger another(Ledger ledger) {
    return open(otherClient, Objects.requireNonNull(tables.get(ledger)), Duration.ofHours(1));
  }

  @Override
  protected Ledger impatientLedger() {
    return open(dynamo.client(), dynamo.newTable(), Duration.ofMillis(300));
  }

  @Override
  protected void pass(Duration passing) {
    time.advance(passing);
  }
}
