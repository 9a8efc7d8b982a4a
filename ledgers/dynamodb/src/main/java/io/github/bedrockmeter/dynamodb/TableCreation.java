// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.ledger.LedgerSupport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveDescription;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbAsyncWaiter;

/** Creates the table of accounts. Thread-safe. */
final class TableCreation {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private static final KeySchemaElement KEY =
      KeySchemaElement.builder().attributeName(Item.KEY).keyType(KeyType.HASH).build();

  private static final AttributeDefinition KEY_TYPE =
      AttributeDefinition.builder()
          .attributeName(Item.KEY)
          .attributeType(ScalarAttributeType.S)
          .build();

  private final DynamoDbAsyncClient client;
  private final String table;

  TableCreation(DynamoDbAsyncClient client, String table) {
    this.client = client;
    this.table = table;
  }

  CompletableFuture<Void> create() {
    return client
        .createTable(
            r ->
                r.tableName(table)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(KEY_TYPE)
                    .keySchema(KEY))
        .handle(
            (created, thrown) ->
                thrown == null || LedgerSupport.unwrapped(thrown) instanceof ResourceInUseException
                    ? await()
                    : CompletableFuture.<TableDescription>failedFuture(thrown))
        .thenCompose(Function.identity())
        .thenAccept(this::check)
        .thenCompose(checked -> expire())
        .thenRun(() -> {});
  }

  private CompletableFuture<TableDescription> await() {
    DynamoDbAsyncWaiter waiter = client.waiter();
    return waiter
        .waitUntilTableExists(
            r -> r.tableName(table),
            o -> o.waitTimeout(LONGEST_WAIT).maxAttempts(Integer.MAX_VALUE))
        .whenComplete((found, thrown) -> waiter.close())
        .thenApply(
            found ->
                found
                    .matched()
                    .response()
                    .orElseThrow(() -> new IllegalStateException("no answer about " + table))
                    .table());
  }

  private void check(TableDescription found) {
    if (!found.keySchema().equals(List.of(KEY))) {
      throw new IllegalStateException(
          "table "
              + table
              + " is not a table of accounts, name another one; its key is "
              + found.keySchema());
    }
  }

  /** Has DynamoDB delete what has expired; another process may be doing so at the same time. */
  private CompletableFuture<?> expire() {
    return expires()
        .thenCompose(already -> already ? CompletableFuture.completedFuture(true) : enable());
  }

  private CompletableFuture<Boolean> expires() {
    return client
        .describeTimeToLive(r -> r.tableName(table))
        .thenApply(
            answer -> {
              TimeToLiveDescription found = answer.timeToLiveDescription();
              return Item.EXPIRES.equals(found.attributeName())
                  && (found.timeToLiveStatus() == TimeToLiveStatus.ENABLED
                      || found.timeToLiveStatus() == TimeToLiveStatus.ENABLING);
            });
  }

  private CompletableFuture<Boolean> enable() {
    return client
        .updateTimeToLive(
            r ->
                r.tableName(table)
                    .timeToLiveSpecification(s -> s.attributeName(Item.EXPIRES).enabled(true)))
        .handle(
            (enabled, thrown) ->
                thrown == null ? CompletableFuture.completedFuture(true) : unlessDone(thrown))
        .thenCompose(Function.identity());
  }

  private CompletableFuture<Boolean> unlessDone(Throwable thrown) {
    return expires()
        .thenCompose(
            done ->
                done
                    ? CompletableFuture.completedFuture(true)
                    : CompletableFuture.failedFuture(thrown));
  }
}
