// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.RequestLimitExceededException;
import software.amazon.awssdk.services.dynamodb.model.ThrottlingException;
import software.amazon.awssdk.services.dynamodb.model.ThrottlingReason;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/**
 * What failures of DynamoDB mean, and what to do about them. Messages have nothing that DynamoDB
 * wrote, except codes and the names of actions; the cause has that. Stateless.
 */
final class Failures {
  private static final Pattern ACTION = Pattern.compile("dynamodb:[A-Za-z]+");

  private Failures() {}

  /** An SDK's exception as one of a ledger; others are our own and stay as they are. */
  static Throwable meaning(Throwable failure, String table) {
    if (failure instanceof IllegalStateException) {
      return new LedgerUnavailableException(
          "The DynamoDB client of the ledger is closed; close it after the meter", failure);
    }
    return failure instanceof SdkException
        ? new LedgerUnavailableException(sentence(failure, Escaped.text(table)), failure)
        : failure;
  }

  private static String sentence(Throwable failure, String table) {
    if (isConflict(failure)) {
      return "calls of other processes change the same DynamoDB items all the time; try again, or"
          + " let calls count in fewer budgets";
    }
    if (failure instanceof DynamoDbException refused) {
      return refusal(refused, table) + " (" + code(refused) + ")";
    }
    return failure instanceof ApiCallTimeoutException
            || failure instanceof ApiCallAttemptTimeoutException
        ? "DynamoDB did not answer within the client's timeout; check that it is reachable, or"
            + " raise the timeout"
        : "DynamoDB cannot be reached by the ledger; check its region, the network and the"
            + " credentials' source";
  }

  private static String refusal(DynamoDbException refused, String table) {
    String code = code(refused);
    if (isThrottled(refused, code)) {
      return throttled(refused, table);
    }
    return switch (code) {
      case "ResourceNotFoundException" ->
          "There is no DynamoDB table '"
              + table
              + "' in this account and region; create it with DynamoDbLedger.createTable, or correct"
              + " its name or the client's region";
      case "AccessDeniedException" ->
          "The credentials have no permission for "
              + action(refused)
              + " on DynamoDB table '"
              + table
              + "'; grant what docs/ledgers-dynamodb.md lists under Permissions";
      case "UnrecognizedClientException",
          "InvalidSignatureException",
          "IncompleteSignatureException",
          "MissingAuthenticationTokenException",
          "MissingAuthenticationToken",
          "ExpiredTokenException" ->
          "DynamoDB does not accept the credentials; check their source, and this machine's clock";
      case "ValidationException" ->
          "DynamoDB does not take the ledger's requests for table '"
              + table
              + "'; see the cause, and check that its key is 'account', a string, as"
              + " DynamoDbLedger.createTable makes it";
      case "InternalServerError", "InternalServerErrorException", "ServiceUnavailable" ->
          "DynamoDB has a failure of its own; it is tried again as the client is set";
      default -> "DynamoDB refused a request of the ledger; check the table and the cause";
    };
  }

  private static String action(DynamoDbException refused) {
    Matcher action = ACTION.matcher(String.valueOf(refused.getMessage()));
    return action.find() ? action.group() : "an action";
  }

  private static boolean isThrottled(DynamoDbException refused, String code) {
    return refused instanceof ProvisionedThroughputExceededException
        || refused instanceof ThrottlingException
        || refused instanceof RequestLimitExceededException
        || code.startsWith("Throttling")
        || (refused instanceof TransactionCanceledException cancelled
            && cancelled.hasCancellationReasons()
            && cancelled.cancellationReasons().stream()
                .anyMatch(
                    r ->
                        "ThrottlingError".equals(r.code())
                            || "ProvisionedThroughputExceeded".equals(r.code())));
  }

  private static String throttled(DynamoDbException refused, String table) {
    List<String> reasons = reasons(refused);
    if (reasons.stream().anyMatch(r -> r.contains("KeyRange"))) {
      return "DynamoDB throttles one item of table '"
          + table
          + "', which takes a thousand write units a second; let its budget count per a tag, or use"
          + " Ledger.leased";
    }
    return reasons.stream().anyMatch(r -> r.contains("Account"))
            || refused instanceof RequestLimitExceededException
        ? "DynamoDB throttles all tables of this account and region; raise the account's quota"
        : "DynamoDB throttles table '"
            + table
            + "'; bill it on demand or raise its write capacity, and look for one item that takes"
            + " most of it";
  }

  /** As {@code TableWriteKeyRangeThroughputExceeded}; none from a DynamoDB that does not say. */
  private static List<String> reasons(DynamoDbException refused) {
    Stream<ThrottlingReason> reasons =
        refused instanceof ProvisionedThroughputExceededException e
            ? e.throttlingReasons().stream()
            : refused instanceof ThrottlingException t
                ? t.throttlingReasons().stream()
                : refused instanceof RequestLimitExceededException l
                    ? l.throttlingReasons().stream()
                    : Stream.empty();
    return reasons.map(r -> String.valueOf(r.reason())).toList();
  }

  private static String code(DynamoDbException refused) {
    AwsErrorDetails details = refused.awsErrorDetails();
    return details == null || details.errorCode() == null
        ? refused.getClass().getSimpleName()
        : details.errorCode();
  }

  /** Whether other requests for the same items were in the way. */
  static boolean isConflict(Throwable failure) {
    if (failure instanceof TransactionCanceledException cancelled) {
      return cancelled.hasCancellationReasons()
          && cancelled.cancellationReasons().stream()
              .allMatch(r -> "TransactionConflict".equals(r.code()) || "None".equals(r.code()));
    }
    return failure instanceof TransactionConflictException
        || failure instanceof TransactionInProgressException;
  }
}
