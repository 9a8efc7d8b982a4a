// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.support.NoisyNeighbour;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** One tenant's name is refused, or its item is in conflict all the time: others pass. */
class NoisyNeighbourTest {
  private static final Duration LENGTH = Duration.ofSeconds(30);
  private static final String IN_CONFLICT = "in-conflict";

  private static NoisyNeighbour.Result run(String noisy, boolean failOpen) throws Exception {
    BedrockRuntimeClient client =
        BedrockMeter.builder()
            .ledger(DynamoDbLedger.over(conflicting(), LocalDynamoDb.newTable()))
            .failOpen(failOpen)
            .settlementTime(Duration.ofSeconds(5))
            .budget(
                Budget.named("tenant")
                    .limit(Amount.requests(1_000_000))
                    .window(Window.monthly(ZoneOffset.UTC))
                    .per("tenant")
                    .build())
            .build()
            .wrap(CannedBedrock.client());
    NoisyNeighbour.Result result =
        new NoisyNeighbour(tenant -> call(client, tenant)).run(noisy, LENGTH);
    System.out.println(result);
    return result;
  }

  private static void call(BedrockRuntimeClient client, String tenant) {
    client.converse(
        r ->
            r.modelId("model")
                .inferenceConfig(c -> c.maxTokens(10))
                .overrideConfiguration(BedrockMeter.tags("tenant", tenant)));
  }

  /** DynamoDB Local has no conflicts; this one has for each write of one tenant's item. */
  private static DynamoDbAsyncClient conflicting() {
    DynamoDbAsyncClient local = LocalDynamoDb.client();
    return (DynamoDbAsyncClient)
        Proxy.newProxyInstance(
            NoisyNeighbourTest.class.getClassLoader(),
            new Class<?>[] {DynamoDbAsyncClient.class},
            (proxy, method, args) -> {
              if (args != null
                  && args[0] instanceof UpdateItemRequest update
                  && update.key().toString().contains(IN_CONFLICT)) {
                return CompletableFuture.failedFuture(
                    TransactionConflictException.builder().message("busy").build());
              }
              try {
                return method.invoke(local, args);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  @ParameterizedTest(name = "failOpen: {0}")
  @ValueSource(booleans = {false, true})
  void theOtherTenantsPassWhileOneTenantsNameIsTooLong(boolean failOpen) throws Exception {
    NoisyNeighbour.Result result = run("x".repeat(2_100), failOpen);

    assertThat(result.percentPassed()).isGreaterThanOrEqualTo(99);
    assertThat(result.noisyPassed()).as("refused, whether failOpen or not").isZero();
  }

  @ParameterizedTest(name = "failOpen: {0}")
  @ValueSource(booleans = {false, true})
  void theOtherTenantsPassWhileOneTenantsItemIsInConflict(boolean failOpen) throws Exception {
    NoisyNeighbour.Result result = run(IN_CONFLICT, failOpen);

    assertThat(result.percentPassed()).isGreaterThanOrEqualTo(99);
    assertThat(result.noisyPassed() > 0).as("undecided").isEqualTo(failOpen);
  }
}
