// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * Why a ledger cannot be used, in our own words: a driver's message may quote a URL, and the
 * password in it. Stateless.
 */
final class Causes {
  private static final int LONGEST_CHAIN = 50;
  private static final Pattern WORD = Pattern.compile("[A-Za-z]{1,60}");
  private static final Pattern REDIS_CODE = Pattern.compile("([A-Z]{2,20})( .*)?", Pattern.DOTALL);

  /** By SQLState, or the two characters that its class has. */
  private static final Map<String, String> SQL =
      Map.ofEntries(
          Map.entry("28", "the database refused the user or the password"),
          Map.entry("3D", "the server has no such database"),
          Map.entry("42501", "the user lacks the rights on the ledger's tables"),
          Map.entry("90096", "the user lacks the rights on the ledger's tables"),
          Map.entry("42", "the ledger's tables are not as they should be"),
          Map.entry("53", "the server has no room for another connection"),
          Map.entry("57", "the server is starting up or shutting down"),
          Map.entry("08", "it does not take connections"),
          Map.entry("90013", "the database was not found"),
          Map.entry("90146", "the database was not found"),
          Map.entry("90020", "another process has the file open"),
          Map.entry("90030", "the file is damaged"),
          Map.entry("90046", "the URL has a form that the driver does not know"),
          Map.entry("90011", "the file's path must be absolute, or begin with ./ or ~/"),
          Map.entry("90113", "the URL has a setting that the driver does not know"));

  private static final Map<String, String> REDIS =
      Map.of(
          "WRONGPASS", "the server refused the user or the password",
          "NOAUTH", "the server asks for a password",
          "NOPERM", "the user lacks the rights that docs/ledgers-redis.md lists",
          "ERR", "the server refused a command",
          "CLUSTERDOWN", "the cluster is down",
          "LOADING", "the server is loading its data",
          "READONLY", "the server is a replica",
          "OOM", "the server has no memory left",
          "MASTERDOWN", "the server has lost its master");

  private Causes() {}

  /** The first reason in a chain of causes that has words of ours. */
  static String of(Throwable failure) {
    List<Throwable> chain = chain(failure);
    for (Throwable cause : chain) {
      if (cause instanceof CommandFailedException known) {
        return String.valueOf(known.getMessage());
      }
    }
    for (Throwable cause : chain) {
      String reason = network(cause);
      if (reason != null) {
        return reason;
      }
    }
    for (Throwable cause : chain) {
      String reason = reason(cause);
      if (reason != null) {
        return reason;
      }
    }
    return chain.get(chain.size() - 1).getClass().getSimpleName();
  }

  private static List<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .limit(LONGEST_CHAIN)
        .toList();
  }

  private static @Nullable String network(Throwable cause) {
    if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
      return "its host is unknown";
    }
    if (cause instanceof ConnectException) {
      return "the connection was refused; check host and port, and that the server runs";
    }
    if (cause instanceof NoRouteToHostException) {
      return "there is no route to its host";
    }
    return cause instanceof SocketTimeoutException || cause instanceof TimeoutException
        ? "it did not answer in time; see --timeout"
        : null;
  }

  private static @Nullable String reason(Throwable cause) {
    if (cause instanceof SQLException sql && sql.getSQLState() != null) {
      return ofSql(sql.getSQLState());
    }
    if (cause instanceof AwsServiceException aws && aws.awsErrorDetails() != null) {
      return ofAws(aws.awsErrorDetails().errorCode());
    }
    if (cause instanceof SdkClientException
        && String.valueOf(cause.getMessage()).startsWith("Unable to load credentials")) {
      return "there are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and"
          + " AWS_SECRET_ACCESS_KEY";
    }
    if (cause.getClass().getName().startsWith("io.lettuce.core.")) {
      return ofRedis(String.valueOf(cause.getMessage()));
    }
    return isOurs(cause) ? cause.getMessage() : null;
  }

  private static String ofSql(String state) {
    String reason = SQL.get(state);
    if (reason == null && state.length() == 5) {
      reason = SQL.get(state.substring(0, 2));
    }
    String code = Pattern.matches("[0-9A-Z]{5}", state) ? " (SQLState " + state + ")" : "";
    return (reason == null ? "the database failed" : reason) + code;
  }

  private static String ofAws(@Nullable String code) {
    if (code == null || !WORD.matcher(code).matches()) {
      return "DynamoDB refused the request";
    }
    return switch (code) {
      case "ResourceNotFoundException" -> "there is no such table in this region";
      case "AccessDeniedException" -> "the credentials lack the rights on the table";
      case "UnrecognizedClientException",
          "InvalidSignatureException",
          "IncompleteSignatureException",
          "ExpiredTokenException" ->
          "AWS refused the credentials (" + code + ")";
      default -> "DynamoDB refused the request (" + code + ")";
    };
  }

  private static @Nullable String ofRedis(String message) {
    Matcher code = REDIS_CODE.matcher(message);
    return code.matches() ? REDIS.get(code.group(1)) : null;
  }

  /** A message of our own without another's in it. */
  private static boolean isOurs(Throwable cause) {
    StackTraceElement[] stack = cause.getStackTrace();
    return (cause instanceof IllegalStateException || cause instanceof IllegalArgumentException)
        && cause.getCause() == null
        && cause.getMessage() != null
        && stack.length > 0
        && stack[0].getClassName().startsWith("io.github.bedrockmeter.");
  }
}
