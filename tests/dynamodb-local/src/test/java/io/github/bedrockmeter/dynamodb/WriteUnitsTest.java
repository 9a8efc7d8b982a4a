// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/** What a call costs in write units, as DynamoDB reports it, and in requests. */
class WriteUnitsTest implements ExecutionInterceptor {
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Double> units = new CopyOnWriteArrayList<>();
  private final DynamoDbAsyncClient client =
      LocalDynamoDb.newClient(o -> o.addExecutionInterceptor(this));
  private final Ledger ledger = DynamoDbLedger.over(client, LocalDynamoDb.newTable());

  @Override
  public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
    SdkRequest request = context.request();
    requests.add(request.getClass().getSimpleName().replace("Request", ""));
    if (request instanceof UpdateItemRequest update) {
      return update.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    }
    return request instanceof TransactWriteItemsRequest transaction
        ? transaction.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build()
        : request;
  }

  @Override
  public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
    if (context.response() instanceof UpdateItemResponse updated) {
      units.add(updated.consumedCapacity().capacityUnits());
    } else if (context.response() instanceof TransactWriteItemsResponse made) {
      units.add(made.consumedCapacity().stream().mapToDouble(c -> c.capacityUnits()).sum());
    }
  }

  @BeforeEach
  void start() {
    Awaitility.await().until(() -> requests.size() == 1); // has warmed up
    requests.clear();
  }

  @AfterEach
  void stop() {
    client.close();
  }

  private static Hold hold(String budget, String id, long amount) {
    Account account = new Account(budget, Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    return new Hold(id, account, amount, 100_000, true);
  }

  private HoldResult take(Hold... holds) {
    return ledger.hold(List.of(holds)).toCompletableFuture().join();
  }

  private void settle(Hold... holds) {
    long[] actuals = new long[holds.length];
    Arrays.fill(actuals, 1);
    ledger.settle(List.of(holds), actuals).toCompletableFuture().join();
  }

  @Test
  void aCallOfOneBudgetIsTwoWritesOfOneUnitHoweverManyThereWere() {
    for (int i = 0; i < 200; i++) {
      Hold hold = hold("day", UUID.randomUUID().toString(), 10);
      take(hold);
      settle(hold);
    }

    assertThat(requests).hasSize(400).containsOnly("UpdateItem");
    assertThat(units).hasSize(400).containsOnly(1.0);
  }

  @Test
  void aCallOfTwoBudgetsIsATransactionOfFourUnitsAndTwoWrites() {
    for (int i = 0; i < 20; i++) {
      String id = UUID.randomUUID().toString();
      take(hold("day", id, 10), hold("month", id, 10));
      settle(hold("day", id, 10), hold("month", id, 10));
    }

    assertThat(requests.subList(0, 3))
        .containsExactly("TransactWriteItems", "UpdateItem", "UpdateItem");
    assertThat(requests).hasSize(60);
    assertThat(units.stream().mapToDouble(Double::doubleValue).sum()).isEqualTo(20 * 6);
  }

  @Test
  void aRefusedHoldIsOneRequestAndDoesNotFetchTheItem() {
    assertThat(take(hold("day", "a", 100_001))).isInstanceOf(HoldResult.Refused.class);

    assertThat(requests).containsExactly("UpdateItem");
  }

  @Test
  void callsInFlightMakeAnItemLargerAndSettlementsDoNot() {
    List<Hold> open = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      open.add(hold("day", UUID.randomUUID().toString(), 10));
      take(open.get(i));
    }
    assertThat(units.get(10)).isEqualTo(1.0);
    assertThat(units.get(39)).as("with forty calls in flight").isBetween(3.0, 4.0);

    open.forEach(this::settle);
    for (int i = 0; i < 3; i++) {
      Hold hold = hold("day", UUID.randomUUID().toString(), 10);
      take(hold);
      settle(hold);
    }

    assertThat(units.get(units.size() - 1)).as("their records are gone").isEqualTo(1.0);
  }

  @Test
  void aLostHoldIsChargedWithOneMoreWrite() {
    settle(hold("day", "lost", 10));

    assertThat(requests).containsExactly("UpdateItem", "UpdateItem");
  }
}
