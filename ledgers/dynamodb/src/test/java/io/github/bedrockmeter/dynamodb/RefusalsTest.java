// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;

/**
 * DynamoDB's errors are distinguished: a limit that is reached, a conflict, and what is neither.
 */
class RefusalsTest {
  private static final Hold ONE = hold("one");
  private static final Hold TWO = hold("two");
  private static final String ITEM =
      "{\"settled\":{\"N\":\"30\"},\"taken\":{\"N\":\"70\"},\"hold:other\":"
          + "{\"M\":{\"amount\":{\"N\":\"40\"},\"since\":{\"N\":\"1\"}}}}";
  private static final String CONFLICT = "{\"Code\":\"TransactionConflict\",\"Message\":\"busy\"}";
  private static final String NONE = "{\"Code\":\"None\"}";

  private static ScriptedDynamoDb dynamo;
  private static Ledger ledger;

  @BeforeAll
  static void start() {
    dynamo = ScriptedDynamoDb.start();
    ledger = DynamoDbLedger.over(dynamo.client(), "accounts");
    Awaitility.await().until(() -> !dynamo.requests().isEmpty()); // it has connected
  }

  @AfterAll
  static void stop() {
    dynamo.close();
  }

  @BeforeEach
  void reset() {
    dynamo.reset();
  }

  private static Hold hold(String budget) {
    Account account = new Account(budget, Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    return new Hold("call", account, 50, 100, true);
  }

  private HoldResult take(Hold... holds) {
    return ledger.hold(List.of(holds)).toCompletableFuture().join();
  }

  private static String cancelled(String... reasons) {
    return ",\"Message\":\"Transaction cancelled\",\"CancellationReasons\":["
        + String.join(",", reasons)
        + "]";
  }

  @Test
  void aNameThatIsTooLongIsRefusedBeforeDynamoDbIsAsked() {
    Account account =
        new Account("b", Unit.TOKENS, "tenant=" + "ä".repeat(1_024), Instant.EPOCH, Instant.MAX);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> take(ONE, new Hold("call", account, 1, 10, true)))
        .withMessageStartingWith(
            "the account of budget 'b' must not have a name of more than 2048 bytes in DynamoDB");
    assertThat(dynamo.requests()).isEmpty();
  }

  @Test
  void aConditionThatIsNotMetIsARefusalWithWhatIsLeft() {
    dynamo.fail("ConditionalCheckFailedException", ",\"Item\":" + ITEM);

    assertThat(take(ONE)).isEqualTo(new Refused(List.of(new Shortfall(ONE, 30))));
    assertThat(dynamo.requests()).hasSize(1);
  }

  @Test
  void aCancelledTransactionIsARefusalOfTheHoldsThatDoNotFit() {
    dynamo.fail(
        "TransactionCanceledException",
        cancelled(NONE, "{\"Code\":\"ConditionalCheckFailed\",\"Item\":" + ITEM + "}"));

    assertThat(take(ONE, TWO)).isEqualTo(new Refused(List.of(new Shortfall(TWO, 30))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ProvisionedThroughputExceededException|DynamoDB throttles table 'accounts'; bill it on"
            + " demand or raise its write capacity, and look for one item that takes most of it",
        "ThrottlingException|DynamoDB throttles table 'accounts'; bill it on demand or raise its"
            + " write capacity, and look for one item that takes most of it",
        "RequestLimitExceeded|DynamoDB throttles all tables of this account and region; raise the"
            + " account's quota",
        "InternalServerError|DynamoDB has a failure of its own; it is tried again as the client is"
            + " set",
        "ResourceNotFoundException|There is no DynamoDB table 'accounts' in this account and region;"
            + " create it with DynamoDbLedger.createTable, or correct its name or the client's"
            + " region",
        "AccessDeniedException|The credentials have no permission for dynamodb:UpdateItem on"
            + " DynamoDB table 'accounts'; grant what docs/ledgers-dynamodb.md lists under"
            + " Permissions",
        "UnrecognizedClientException|DynamoDB does not accept the credentials; check their source,"
            + " and this machine's clock",
        "ExpiredTokenException|DynamoDB does not accept the credentials; check their source, and"
            + " this machine's clock",
        "ValidationException|DynamoDB does not take the ledger's requests for table 'accounts'; see"
            + " the cause, and check that its key is 'account', a string, as"
            + " DynamoDbLedger.createTable makes it",
        "SomethingNewException|DynamoDB refused a request of the ledger; check the table and the"
            + " cause"
      })
  void whatIsNoAnswerAboutTheLimitFailsAsWhatItIs(String code, String message) {
    dynamo.fail(
        code,
        ",\"message\":\"User: arn:aws:iam::1:user/x is not authorized to perform:"
            + " dynamodb:UpdateItem on resource: arn:aws:dynamodb:us-east-1:1:table/accounts\"");

    assertThatThrownBy(() -> take(ONE))
        .cause()
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessage(message + " (" + code + ")")
        .cause()
        .isInstanceOfSatisfying(
            DynamoDbException.class,
            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code));
    assertThatThrownBy(
            () -> ledger.settle(List.of(ONE), new long[] {1}).toCompletableFuture().join())
        .hasCauseInstanceOf(LedgerUnavailableException.class)
        .hasRootCauseInstanceOf(DynamoDbException.class);
    assertThatThrownBy(() -> ledger.balances(List.of(ONE.account())).toCompletableFuture().join())
        .hasCauseInstanceOf(LedgerUnavailableException.class)
        .hasRootCauseInstanceOf(DynamoDbException.class);
    assertThatThrownBy(() -> ledger.find(AccountQuery.all(1)).toCompletableFuture().join())
        .hasCauseInstanceOf(LedgerUnavailableException.class);
    assertThat(dynamo.requests()).hasSize(4);
  }

  @Test
  void throttlingSaysWhatIsThrottled() {
    dynamo.fail(
        "ProvisionedThroughputExceededException",
        ",\"message\":\"slow down\",\"ThrottlingReasons\":[{\"reason\":"
            + "\"TableWriteKeyRangeThroughputExceeded\",\"resource\":\"arn:x\"}]");

    assertThatThrownBy(() -> take(ONE))
        .cause()
        .hasMessage(
            "DynamoDB throttles one item of table 'accounts', which takes a thousand write units a"
                + " second; let its budget count per a tag, or use Ledger.leased"
                + " (ProvisionedThroughputExceededException)");

    dynamo.reset();
    dynamo.fail(
        "ThrottlingException",
        ",\"message\":\"slow down\",\"throttlingReasons\":[{\"reason\":"
            + "\"TableWriteAccountLimitExceeded\",\"resource\":\"arn:x\"}]");

    assertThatThrownBy(() -> take(ONE))
        .cause()
        .hasMessageStartingWith("DynamoDB throttles all tables of this account and region");
  }

  @Test
  void aThrottledTransactionSaysSo() {
    dynamo.fail(
        "TransactionCanceledException",
        cancelled(NONE, "{\"Code\":\"ThrottlingError\",\"Message\":\"slow\"}"));

    assertThatThrownBy(() -> take(ONE, TWO))
        .cause()
        .hasMessageStartingWith("DynamoDB throttles table 'accounts'; bill it on demand");
  }

  @Test
  void noCredentialsAreInAnyMessage() {
    try (DynamoDbAsyncClient client =
        DynamoDbAsyncClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:9"))
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsSessionCredentials.create("AKIACANARY", "SECRETCANARY", "TOKENCANARY")))
            .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
            .build()) {
      assertThatThrownBy(() -> takeFrom(client))
          .cause()
          .isInstanceOf(LedgerUnavailableException.class)
          .hasMessage(
              "DynamoDB cannot be reached by the ledger; check its region, the network and the"
                  + " credentials' source")
          .satisfies(
              failure -> {
                for (Throwable at = failure; at != null; at = at.getCause()) {
                  assertThat(String.valueOf(at)).doesNotContain("CANARY");
                }
              });
    }
  }

  private static void takeFrom(DynamoDbAsyncClient client) {
    DynamoDbLedger.over(client, "accounts").hold(List.of(ONE)).toCompletableFuture().join();
  }

  @Test
  void aClientThatIsClosedSaysSo() {
    DynamoDbAsyncClient client =
        DynamoDbAsyncClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:9"))
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
            .build();
    client.close();

    assertThatThrownBy(() -> takeFrom(client))
        .cause()
        .isInstanceOf(LedgerUnavailableException.class)
        .hasCauseInstanceOf(RuntimeException.class);
  }

  @Test
  void clocksThatDifferAreReportedOnceWithBothTimes() {
    dynamo.succeed("{}");
    PrintStream err = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      InstantSource ahead = InstantSource.offset(InstantSource.system(), Duration.ofDays(1));
      Ledger early = DynamoDbLedger.builder(dynamo.client(), "accounts").clock(ahead).build();
      early.hold(List.of(ONE)).toCompletableFuture().join();
      early.hold(List.of(ONE)).toCompletableFuture().join();
      Ledger onTime = DynamoDbLedger.over(dynamo.client(), "accounts");
      onTime.hold(List.of(ONE)).toCompletableFuture().join();
    } finally {
      System.setErr(err);
    }

    assertThat(log.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains("clock")))
        .singleElement()
        .asString()
        .matches(
            ".*The clocks of DynamoDB and of this process differ: DynamoDB has 20[^ ]+Z, this process"
                + " has 20[^ ]+Z; synchronize it, or calls are counted in windows of another time");
  }

  @Test
  void aCallInAWindowOfAnotherTimeIsReportedOnceWithBothTimes() {
    dynamo.succeed("{}");
    PrintStream err = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
    Account hour =
        new Account("hour", Unit.TOKENS, "", tomorrow, tomorrow.plus(Duration.ofHours(1)));
    try {
      Ledger other = DynamoDbLedger.over(dynamo.client(), "accounts");
      for (String id : List.of("a", "b")) {
        other.hold(List.of(new Hold(id, hour, 1, 10, true))).toCompletableFuture().join();
      }
    } finally {
      System.setErr(err);
    }

    assertThat(log.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains("clock")))
        .singleElement()
        .asString()
        .matches(
            ".*The clocks of DynamoDB and of the meter differ: DynamoDB has 20[^ ]+Z, and a call was"
                + " counted in the window from 20[^ ]+Z to 20[^ ]+Z; synchronize them");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ThrottlingError", "ProvisionedThroughputExceeded", "ValidationError"})
  void aTransactionThatIsCancelledForAnotherReasonFailsAsWhatItIs(String code) {
    String reason = "{\"Code\":\"" + code + "\",\"Message\":\"something else\"}";
    dynamo.fail("TransactionCanceledException", cancelled(CONFLICT, reason));

    assertThatThrownBy(() -> take(ONE, TWO))
        .cause()
        .isInstanceOf(LedgerUnavailableException.class)
        .cause()
        .isInstanceOfSatisfying(
            TransactionCanceledException.class,
            e -> assertThat(e.cancellationReasons().get(1).code()).isEqualTo(code));
    assertThat(dynamo.requests()).hasSize(1);
  }

  @Test
  void aTransactionInConflictIsTriedAgainUnderItsToken() {
    dynamo
        .fail("TransactionCanceledException", cancelled(CONFLICT, NONE))
        .fail("TransactionInProgressException", "")
        .fail("TransactionCanceledException", cancelled(CONFLICT, CONFLICT))
        .succeed("{}");

    assertThat(take(ONE, TWO)).isEqualTo(HoldResult.CLEAN);
    assertThat(dynamo.requests()).hasSize(4).allMatch(dynamo.requests().get(0)::equals);
  }

  @Test
  void aWriteInConflictWithATransactionIsTriedAgain() {
    dynamo
        .fail("TransactionConflictException", "")
        .fail("TransactionConflictException", "")
        .succeed("{\"Attributes\":{\"settled\":{\"N\":\"70\"},\"taken\":{\"N\":\"70\"}}}");

    assertThat(ledger.settle(List.of(ONE), new long[] {40}).toCompletableFuture().join())
        .containsExactly(new Settled(ONE.account(), 30, 70));
  }

  @Test
  void aConflictThatDoesNotEndFailsAfterTenAttempts() {
    dynamo.fail("TransactionConflictException", "");

    assertThatThrownBy(() -> take(ONE))
        .cause()
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("change the same DynamoDB items all the time")
        .hasCauseInstanceOf(TransactionConflictException.class);
    assertThat(dynamo.requests()).hasSize(10);
  }

  @Test
  void aHoldThatIsThereAlreadyIsHeld() {
    dynamo.fail(
        "ConditionalCheckFailedException", ",\"Item\":" + ITEM.replace("hold:other", "hold:call"));

    assertThat(take(ONE)).isEqualTo(HoldResult.CLEAN);
  }

  @Test
  void aFullItemSaysWhatToDo() {
    dynamo.fail(
        "ValidationException",
        ",\"message\":\"Item size to update has exceeded the maximum allowed size\"");

    assertThat(take(ONE))
        .isEqualTo(
            new HoldResult.Full(
                "the DynamoDB item of budget 'one' has no room for another open hold, since"
                    + " DynamoDB's items end at 400 KB; settle what is abandoned in it, or let the"
                    + " budget count per a tag"));
  }

  @Test
  void noHoldsNeedNoRequest() {
    assertThat(take()).isEqualTo(HoldResult.CLEAN);
    assertThat(dynamo.requests()).isEmpty();
  }

  @Test
  void nonsenseIsRefusedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.settle(List.of(ONE), new long[] {-1}))
        .withMessageContaining("-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DynamoDbLedger.builder(dynamo.client(), "t").abandonAfter(Duration.ZERO));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DynamoDbLedger.builder(dynamo.client(), "t").grace(Duration.ZERO));
  }
}
