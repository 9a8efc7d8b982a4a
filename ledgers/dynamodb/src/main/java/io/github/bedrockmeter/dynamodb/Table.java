// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerSupport.Retries;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.Update;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * The table of accounts. A change has an {@link Outcome}: it was made, a condition is not met, or
 * an item is full. A conflict with another transaction is tried again. Everything else, throttling
 * above all, fails with a {@link LedgerUnavailableException} whose cause is the SDK's exception.
 * Thread-safe.
 */
final class Table {
  /** About a third of a second, half a second at most. */
  private static final Retries RETRIES =
      Retries.pausing(Duration.ofMillis(5), Duration.ofMillis(50)).attempts(10);

  private final DynamoDbAsyncClient client;
  private final String name;

  private final InstantSource clock;
  private final ClockCheck clocks;

  Table(DynamoDbAsyncClient client, String name, InstantSource clock) {
    this.client = client;
    this.name = name;
    this.clock = clock;
    this.clocks = new ClockCheck(clock);
  }

  /** What became of changes, of which all are made or none. */
  sealed interface Outcome {
    /**
     * All were made.
     *
     * @param updated the updated attributes of a single change; empty for several
     */
    record Made(Map<String, AttributeValue> updated) implements Outcome {}

    /**
     * None was made, because a condition is not met.
     *
     * @param found for each change whose condition is not met the item's attributes, empty without
     *     an item; null for the others
     */
    record Unmet(List<@Nullable Map<String, AttributeValue>> found) implements Outcome {}

    /**
     * None was made, because an item would outgrow DynamoDB's limit.
     *
     * @param change the number of the change, from zero
     */
    record TooLarge(int change) implements Outcome {}
  }

  /** Makes all changes or none, at the price of a transaction if they are several. */
  CompletionStage<Outcome> make(List<Change> changes) {
    return changes.size() == 1 ? update(changes.get(0), false) : transact(changes);
  }

  /**
   * Makes one change.
   *
   * @param returnsAll whether {@link Outcome.Made} has all attributes of the item
   */
  CompletionStage<Outcome> update(Change change, boolean returnsAll) {
    UpdateItemRequest request =
        UpdateItemRequest.builder()
            .tableName(name)
            .key(Item.key(change.account()))
            .updateExpression(change.update())
            .conditionExpression(change.condition())
            .expressionAttributeNames(change.namesOrNull())
            .expressionAttributeValues(change.values())
            .returnValues(returnsAll ? ReturnValue.ALL_NEW : ReturnValue.UPDATED_NEW)
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    Instant sent = clock.instant();
    return send(
        () ->
            client
                .updateItem(request)
                .thenApply(made -> answered(made, sent, List.of(change), made.attributes())));
  }

  /** Makes all changes or none, once even if the request is repeated. */
  CompletionStage<Outcome> transact(List<Change> changes) {
    Instant sent = clock.instant();
    TransactWriteItemsRequest request =
        TransactWriteItemsRequest.builder()
            .clientRequestToken(UUID.randomUUID().toString())
            .transactItems(changes.stream().map(this::transactItem).toList())
            .build();
    return send(
        () ->
            client
                .transactWriteItems(request)
                .thenApply(made -> answered(made, sent, changes, Map.of())));
  }

  private Outcome answered(
      SdkResponse answer, Instant sent, List<Change> changes, Map<String, AttributeValue> updated) {
    clocks.compare(answer.sdkHttpResponse(), sent, changes.stream().map(Change::account).toList());
    return new Outcome.Made(updated);
  }

  private TransactWriteItem transactItem(Change change) {
    return TransactWriteItem.builder()
        .update(
            Update.builder()
                .tableName(name)
                .key(Item.key(change.account()))
                .updateExpression(change.update())
                .conditionExpression(change.condition())
                .expressionAttributeNames(change.namesOrNull())
                .expressionAttributeValues(change.values())
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .build())
        .build();
  }

  private CompletionStage<Outcome> send(Supplier<? extends CompletionStage<Outcome>> request) {
    return RETRIES
        .run(request, Failures::isConflict)
        .exceptionallyCompose(
            thrown -> {
              Throwable failure = LedgerSupport.unwrapped(thrown);
              Outcome outcome = outcome(failure);
              return outcome != null
                  ? CompletableFuture.completedFuture(outcome)
                  : CompletableFuture.failedFuture(Failures.meaning(failure, name));
            });
  }

  /** What an error says about the changes; null if it is about something else. */
  private static @Nullable Outcome outcome(Throwable failure) {
    if (failure instanceof ConditionalCheckFailedException unmet) {
      return new Outcome.Unmet(List.of(unmet.item()));
    }
    if (failure instanceof TransactionCanceledException cancelled) {
      return outcome(cancelled.cancellationReasons());
    }
    return failure instanceof DynamoDbException refused && isTooLarge(refused.getMessage())
        ? new Outcome.TooLarge(0)
        : null;
  }

  private static @Nullable Outcome outcome(List<CancellationReason> reasons) {
    List<@Nullable Map<String, AttributeValue>> found = new ArrayList<>();
    boolean unmet = false;
    int tooLarge = -1;
    for (int i = 0; i < reasons.size(); i++) {
      CancellationReason reason = reasons.get(i);
      boolean failed = "ConditionalCheckFailed".equals(reason.code());
      unmet |= failed;
      found.add(failed ? reason.item() : null);
      if (isTooLarge(reason.message())) {
        tooLarge = i;
      }
    }
    return unmet ? new Outcome.Unmet(found) : tooLarge < 0 ? null : new Outcome.TooLarge(tooLarge);
  }

  /** DynamoDB has no code of its own for this; the words are those of its documentation. */
  private static boolean isTooLarge(@Nullable String message) {
    return message != null && message.contains("has exceeded the maximum allowed size");
  }

  /**
   * Has the client connect and find its credentials; whether that works is seen at the first use.
   */
  void warmUp() {
    read(new Account("warm-up", Unit.REQUESTS, "", Instant.EPOCH, Instant.MAX));
  }

  /** The item of an account as of now. */
  CompletionStage<Item> read(Account account) {
    return explained(
            LedgerSupport.answer(
                () ->
                    client.getItem(
                        r -> r.tableName(name).key(Item.key(account)).consistentRead(true))))
        .thenApply(read -> new Item(account, read.item()));
  }

  private <T> CompletionStage<T> explained(CompletableFuture<T> answer) {
    return answer.exceptionallyCompose(
        failure ->
            CompletableFuture.failedFuture(
                Failures.meaning(LedgerSupport.unwrapped(failure), name)));
  }

  /** Reads every item in which something is settled or held, one after the other. */
  CompletionStage<Void> scan(Consumer<Item> reader) {
    return explained(
        client
            .scanPaginator(
                r ->
                    r.tableName(name)
                        .filterExpression("taken > :zero")
                        .expressionAttributeValues(Map.of(":zero", Item.number(0))))
            .items()
            .subscribe(attributes -> reader.accept(Item.scanned(attributes))));
  }
}
