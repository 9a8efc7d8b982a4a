// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

class DynamoDbLedgerContractTest extends LedgerContract {
  private static final DynamoDbAsyncClient OTHER_CLIENT = LocalDynamoDb.newClient(settings -> {});

  private final FakeTime time = FakeTime.at("2026-11-23T12:00:00Z");
  private final Map<Ledger, String> tables = new HashMap<>();

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
    return open(LocalDynamoDb.client(), LocalDynamoDb.newTable(), Duration.ofHours(1));
  }

  @Override
  protected Ledger another(Ledger ledger) {
    return open(OTHER_CLIENT, Objects.requireNonNull(tables.get(ledger)), Duration.ofHours(1));
  }

  @Override
  protected Ledger impatientLedger() {
    return open(LocalDynamoDb.client(), LocalDynamoDb.newTable(), Duration.ofMillis(300));
  }

  @Override
  protected void pass(Duration passing) {
    time.advance(passing);
  }
}
